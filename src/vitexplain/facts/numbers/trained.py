"""What our own runs measured: accuracies with their intervals, how far heads look, times."""

from vitexplain.experiments import results
from vitexplain.experiments.results import Interval
from vitexplain.facts.numbers.table import Span, named, span

HUNGER = "data-hunger-digits"
FEW, ALL = 100, 1097  # images of the digits to train on
FAMILIES = ("cnn", "hybrid", "vit", "windowed")
TIMED = ("ResNet-50", "ViT-S/16", "ConvNeXt-T", "Swin-T")  # about 4.5 G multiply-adds each
TOKENS = 56 * 56  # of Swin's first stage
ADDING = 0.75
"""The most that a network gets at two far places which sees one shape at a time.

It adds up what it thinks of each. Of two kinds of shape the pairs score 2a, a + b and 2b, and a
threshold cuts off one end: one of the two like pairs is mistaken, a quarter of all pictures.
"""


def _digits(measure: str, images: int) -> dict[str, Interval]:
    study = results.read(HUNGER)
    return {name: study.of(measure, family=name, images=images, augment=True) for name in FAMILIES}


@named
def few_digits() -> dict[str, Interval]:
    """Return each family's accuracy from 100 images of digits."""
    return _digits("accuracy", FEW)


@named
def all_digits() -> dict[str, Interval]:
    """Return each family's accuracy from all images of digits."""
    return _digits("accuracy", ALL)


@named
def moved_1() -> dict[str, Interval]:
    """Return each family's accuracy on digits moved by a pixel, as far as in training."""
    return _digits("shift 1", ALL)


@named
def moved_2() -> dict[str, Interval]:
    """Return each family's accuracy on digits moved twice as far as in training."""
    return _digits("shift 2", ALL)


@named
def covered() -> dict[str, Interval]:
    """Return each family's accuracy on digits of which a quarter of the tiles is dark."""
    return _digits("occlude 0.25", ALL)


@named
def far() -> dict[str, Interval]:
    """Return the accuracy at two shapes far apart, of CNNs by their field and of the others."""
    study = results.read("long-range")
    return {name: study.of("accuracy", family=name) for name in study.values("family")}


@named
def adding() -> float:
    """Return the most that is reached at two far places without comparing them."""
    return ADDING


@named
def positions() -> dict[str, Interval]:
    """Return the accuracy of a small ViT on digits by the kind of its positions."""
    study = results.read("positions")
    return {kind: study.of("accuracy", positions=kind) for kind in study.values("positions")}


@named
def lead() -> dict[str, float]:
    """Return by how many points the CNN leads the ViT: from few and all digits, trained longer."""

    def points(study: str, images: int) -> float:
        cnn, vit = (
            results.read(study).of("accuracy", family=name, images=images, augment=True).mean
            for name in ("cnn", "vit")
        )
        return 100 * (cnn - vit)

    studies = {"few": (HUNGER, FEW), "all": (HUNGER, ALL), "longer": ("longer-digits", ALL)}
    return {name: points(*study) for name, study in studies.items()}


@named
def images() -> dict[str, int]:
    """Return how many images of digits there are to train on: few, and all."""
    return {"few": FEW, "all": ALL}


@named
def steps() -> dict[str, int]:
    """Return how many steps training took, and the longer one."""
    studies = {"usual": HUNGER, "longer": "longer-digits"}
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


@named
def looks_before() -> Span:
    """Return how far the heads of the first block look before training, in pixels of digits."""
    return span(_looks("before")[0])


@named
def looks_after() -> Span:
    """Return how far the heads of the first block look after training."""
    return span(_looks("after")[0])


@named
def all_look_after() -> Span:
    """Return how far the heads of all blocks look after training."""
    return span(head for block in _looks("after") for head in block)


def _seconds(**keys: object) -> float:
    return results.read("latency").cell(**keys)["median"]


@named
def ms() -> dict[str, float]:
    """Return the median time of one image of 224 pixels on one thread, in milliseconds."""
    return {name: 1000 * _seconds(name=name, side=224) for name in (*TIMED, "ViT-B/16")}


@named
def small_ms() -> Span:
    """Return the shortest and the longest of these times among the models of about 4.5 G."""
    return span(ms()[name] for name in TIMED)


@named
def twice_the_side() -> dict[str, float]:
    """Return how many times as long an image of 448 pixels takes as one of 224."""
    return {name: 1000 * _seconds(name=name, side=448) / one for name, one in ms().items()}


@named
def fused_speed() -> float:
    """Return how many times as fast fused attention is, on the tokens of Swin's first stage."""
    return _seconds(name="naive", tokens=TOKENS) / _seconds(name="fused", tokens=TOKENS)


@named
def many_tokens() -> int:
    """Return the tokens of Swin's first stage."""
    return TOKENS
