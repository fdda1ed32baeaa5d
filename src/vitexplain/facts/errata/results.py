"""Published results, applications and references."""

from functools import partial

from vitexplain.facts.errata.entry import CONQUERED, MECHANISMS, PUBLISHED, SLIDES, Erratum
from vitexplain.facts.published import BARS, CLAIMS, Bar
from vitexplain.facts.sources import SOURCES

_use = partial(Erratum, "Applications", MECHANISMS)
_reference = partial(Erratum, "References", CONQUERED)
_TABLE, _TEXT = CLAIMS["Transformer"], CLAIMS["Transformer, in the text"]


def _bar(bar: Bar) -> Erratum:
    return Erratum(
        "Published results",
        CONQUERED,
        "bar chart",
        f"{bar.model}: {bar.printed}% ImageNet top-1.",
        f"{bar.result.value:g}% is {bar.setup}.",
        bar.note,
        bar.kind,
        f"{PUBLISHED}#a-bar-chart-sorted-by-regime",
        (bar.result.source.key, *bar.also),
    )


def _cite(key: str) -> str:
    work = SOURCES[key]
    return f"{work.authors}, “{work.title}”, {work.where}."


RESULTS = (
    *(_bar(bar) for bar in BARS),
    Erratum(
        "Published results",
        SLIDES,
        "the Transformer's score",
        f"{_TABLE.value} BLEU, English to French.",
        f"{_TABLE.value} in the {_TABLE.where}; {_TEXT.where} of the same paper says "
        f"{_TEXT.value}.",
        f"An earlier version of the abstract says {_TEXT.value}, too.",
        "imprecise",
        "",
        ("attention",),
    ),
    _use(
        "radiology",
        "ViTs change radiology and find anomalies that CNNs miss.",
        "ViT encoders segment CT and MR volumes, as UNETR does.",
        "We found no source for the anomalies. A later paper says that transformers can still "
        "be behind CNNs such as nnU-Net.",
        "unsourced",
        "",
        ("unetr", "swinunetr-v2"),
    ),
    _use(
        "pathology",
        "PathAI works on such models.",
        "It does: PLUTO and PLUTO-4 are vision transformers.",
        "Only the source was missing.",
        "unsourced",
        "",
        ("pluto", "pluto-4"),
    ),
    _use(
        "cars",
        "Tesla and Waymo fuse their cameras with attention, to see the whole road.",
        "Tesla showed a CNN for each camera, then cross-attention into a map from above. "
        "Waymo published attention for LiDAR and for motion forecasting.",
        "Tesla's is not a ViT; what we found of Waymo's does not fuse cameras.",
        "imprecise",
        "",
        ("tesla", "swformer", "wayformer"),
    ),
    _use(
        "satellites",
        "ViTs map land use and deforestation.",
        "Tolan et al. map the height of trees with a self-supervised ViT and a convolutional "
        "decoder.",
        "Only the source was missing.",
        "unsourced",
        "",
        ("canopy",),
    ),
    _reference(
        "ViT",
        "“Vision Transformers: An Overview”, Dosovitskiy 2020.",
        partial(_cite, "vit"),
        "The title is another one.",
        "slip",
        "",
        ("vit",),
    ),
    _reference(
        "DeiT",
        "Touvron et al., with the title shortened.",
        partial(_cite, "deit"),
        "In full, it is easier to find.",
        "imprecise",
        "",
        ("deit",),
    ),
    _reference(
        "DINO",
        "“Self-Distillation with No Labels”, Caron.",
        partial(_cite, "dino"),
        "That is what the name DINO stands for, not the title.",
        "imprecise",
        "",
        ("dino",),
    ),
    _reference(
        "DINOv2",
        "“DINOv2: Emergent …”, Azoulay.",
        partial(_cite, "dinov2"),
        "No paper of that title and author is known to us.",
        "slip",
        "",
        ("dinov2",),
    ),
    _reference(
        "motto",
        "A sentence on peril and promise, given to Thomas Paine.",
        "We found no source. What he did write: the harder the conflict, the more glorious "
        "the triumph.",
        "A look-up that finds nothing is no proof.",
        "unsourced",
        "",
        ("crisis",),
    ),
)
