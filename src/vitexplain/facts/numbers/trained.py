"""What our own runs measured: accuracies with their intervals, how far heads look, times."""

from vitexplain.experiments import results
from vitexplain.experiments.results import Interval
from vitexplain.facts.numbers.number_rows import Rows, span

HUNGER, LONGER = "data-hunger-digits", "longer-digits"
FEW, ALL = 100, 1097  # images of the digits to train on
FAMILIES = ("cnn", "hybrid", "vit", "windowed")
TIMED = ("ResNet-50", "ViT-S/16", "ConvNeXt-T", "Swin-T")  # about 4.5 G multiply-adds each
TOKENS = 56 * 56  # of Swin's first stage
ADDING = 0.75
"""The most that a network gets at two far places which sees one shape at a time.

It adds up what it thinks of each. Of two kinds of shape the pairs score 2a, a + b and 2b, and a
threshold cuts off one end: one of the two like pairs is mistaken, a quarter of all pictures.
"""


def _digits(measure: str, images: int = ALL) -> dict[str, Interval]:
    study = results.read(HUNGER)
    return {name: study.of(measure, family=name, images=images, augment=True) for name in FAMILIES}


def _accuracies(name: str, key: str) -> dict[str, Interval]:
    study = results.read(name)
    return {value: study.of("accuracy", **{key: value}) for value in study.values(key)}


def lead() -> dict[str, float]:
    """Return by how many points the CNN leads the ViT: from few and all digits, trained longer."""

    def points(study: str, images: int) -> float:
        cnn, vit = (
            results.read(study).of("accuracy", family=name, images=images, augment=True).mean
            for name in ("cnn", "vit")
        )
        return 100 * (cnn - vit)

    studies = {"few": (HUNGER, FEW), "all": (HUNGER, ALL), "longer": (LONGER, ALL)}
    return {name: points(*study) for name, study in studies.items()}


def steps() -> dict[str, int]:
    """Return how many steps training took, and the longer one."""
    studies = {"usual": HUNGER, "longer": LONGER}
    return {name: results.read(study).values("steps")[0] for name, study in studies.items()}


def distances(study: str, when: str, **keys: object) -> list[list[float]]:
    """Return the mean attention distance of every head, block by block: "before" or "after"."""
    measures = results.read(study).cell(**keys)["measures"]
    blocks: dict[str, list[float]] = {}
    for name, value in measures.items():
        if name.startswith(f"distance {when} "):
            blocks.setdefault(name.partition(",")[0], []).append(value["mean"])
    return list(blocks.values())


def _looks(when: str) -> list[list[float]]:
    return distances(HUNGER, when, family="vit", images=ALL, augment=True)


def _seconds(**keys: object) -> float:
    return results.read("latency").cell(**keys)["median"]


def ms(side: int = 224) -> dict[str, float]:
    """Return the median time of one image of that side on one thread, in milliseconds."""
    return {name: 1000 * _seconds(name=name, side=side) for name in (*TIMED, "ViT-B/16")}


NUMBERS: Rows = {
    # Each family's accuracy from 100 images of digits, and from all.
    "few_digits": lambda: _digits("accuracy", FEW),
    "all_digits": lambda: _digits("accuracy"),
    # On digits moved by a pixel, as far as in training, and twice as far.
    "moved_1": lambda: _digits("shift 1"),
    "moved_2": lambda: _digits("shift 2"),
    # On digits of which a quarter of the tiles is dark.
    "covered": lambda: _digits("occlude 0.25"),
    # The accuracy at two shapes far apart, of CNNs by their field and of the others.
    "far": lambda: _accuracies("long-range", "family"),
    # The most that is reached at two far places without comparing them.
    "adding": lambda: ADDING,
    # The accuracy of a small ViT on digits by the kind of its positions.
    "positions": lambda: _accuracies("positions", "positions"),
    "lead": lead,
    # How many images of digits there are to train on: few, and all.
    "images": lambda: {"few": FEW, "all": ALL},
    "steps": steps,
    # How far the heads of the first block look before training and after, in pixels of digits.
    "looks_before": lambda: span(_looks("before")[0]),
    "looks_after": lambda: span(_looks("after")[0]),
    # How far the heads of all blocks look after training.
    "all_look_after": lambda: span(head for block in _looks("after") for head in block),
    "ms": ms,
    # The shortest and the longest of these times among the models of about 4.5 G.
    "small_ms": lambda: span(ms()[name] for name in TIMED),
    # How many times as long an image of 448 pixels takes as one of 224.
    "twice_the_side": lambda: {name: ms(448)[name] / one for name, one in ms().items()},
    # How many times as fast fused attention is, on the tokens of Swin's first stage.
    "fused_speed": lambda: (
        _seconds(name="naive", tokens=TOKENS) / _seconds(name="fused", tokens=TOKENS)
    ),
    "many_tokens": lambda: TOKENS,
}
