"""The studies: what is asked, and the cells of each, at a small and at a full scale.

A cell is one model on one task with one recipe; it is trained once for each seed. Learning rates
are not typed here: the study `tuning` tries the same few for every family and judges them on
images kept apart for that, and `rate` reads which was best.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from studies.training import Recipe
from vitexplain.experiments import results
from vitexplain.experiments.families import FAMILIES

RATES = (1e-3, 2e-3, 4e-3)  # every family gets the same choice


@dataclass(frozen=True)
class Scale:
    """How much is spent on two cores: `quick` takes minutes in all, `small` minutes a study.

    `full` wants a GPU. Quick results show that everything runs; they are no findings.
    """

    name: str
    seeds: int
    stretch: float  # steps, as a multiple of the small scale's

    def steps(self, small: int) -> int:
        """Return how many steps become of a number at the small scale; at least 20."""
        return max(round(small * self.stretch), 20)


QUICK, SMALL, FULL = Scale("quick", 2, 1 / 40), Scale("small", 3, 1), Scale("full", 5, 8)
SCALES = {scale.name: scale for scale in (QUICK, SMALL, FULL)}


@dataclass(frozen=True)
class Cell:
    """One model on one task with one recipe. `keys` name it in the results."""

    keys: Mapping[str, Any]
    kind: str  # "classify", "far-places", "faces" or "find"
    setting: str  # of `families.MODELS`
    family: str
    recipe: Recipe
    images: int | None = None  # to learn from; None is all
    augment: bool = False
    judge: str = "test"  # the part that is measured; tuning uses "validation"
    detail: bool = False  # also measure robustness and attention distances; for "find", readings
    ship: str = ""  # keep the weights of seed 0 under this name


@dataclass(frozen=True)
class Study:
    """A question, and the cells that answer it at a scale."""

    question: str
    cells: Callable[[Scale], list[Cell]]
    data: str = ""  # folder that must be there, under --data


@cache
def rate(setting: str, family: str) -> float:
    """Return the learning rate that did best on the validation images, from study `tuning`.

    Ties go to the smaller rate. A model that was not tuned takes its family's.

    Raises:
        KeyError: neither was tuned on this setting.
    """
    tuned = results.read(f"tuning-{setting}")
    families = tuned.values("family")
    name = family if family in families else "vit"
    cells = [cell for cell in tuned.cells if cell["family"] == name]
    best = max(cells, key=lambda cell: (cell["measures"]["accuracy"]["mean"], -cell["rate"]))
    return best["rate"]


def _tuning(setting: str, steps: int, images: int) -> Callable[[Scale], list[Cell]]:
    """Every family, every rate, in shorter runs than the studies'; quick ones shorter still."""
    return lambda scale: [
        Cell(
            {"family": family, "rate": each}, "classify", setting, family,
            Recipe(min(steps, scale.steps(steps)), each), images, augment=True, judge="validation",
        )
        for family in FAMILIES
        for each in RATES
    ]  # fmt: skip


Grid = tuple[tuple[int, ...], tuple[bool, ...]]  # numbers of images; with augmentation or not


def _hunger(setting: str, grids: Mapping[Scale, Grid], steps: int) -> Callable[[Scale], list[Cell]]:
    def cells(scale: Scale) -> list[Cell]:
        length = scale.steps(steps)
        sizes, augments = grids[FULL if scale is FULL else SMALL]
        return [
            Cell(
                {"family": family, "images": size, "augment": augment, "steps": length},
                "classify", setting, family,
                Recipe(length, rate(setting, family)), size, augment,
                detail=augment and size == sizes[-1],
                ship=f"{setting}-{family}" if augment and size == sizes[-1] else "",
            )
            for augment in augments
            for size in sizes
            for family in FAMILIES
        ]  # fmt: skip

    return cells


def _long(scale: Scale) -> list[Cell]:
    steps = scale.steps(3000)
    return [
        Cell(
            {"family": family, "images": 1097, "augment": True, "steps": steps},
            "classify", "digits", family,
            Recipe(steps, rate("digits", family)), 1097, augment=True,
        )
        for family in FAMILIES
    ]  # fmt: skip


POSITIONS = {
    "none": "no positions",
    "learned": "vit",
    "sinusoidal 1-D": "sinusoidal 1-D",
    "sinusoidal 2-D": "sinusoidal 2-D",
    "relative": "relative",
}


def _positions(scale: Scale) -> list[Cell]:
    return [
        Cell(
            {"positions": positions}, "classify", "digits", family,
            Recipe(scale.steps(800), rate("digits", family)), 1097, augment=True,
        )
        for positions, family in POSITIONS.items()
    ]  # fmt: skip


def _initialisation(scale: Scale) -> list[Cell]:
    return [
        Cell(
            {"spread": spread, "images": size}, "classify", "digits", family,
            Recipe(scale.steps(800), rate("digits", "vit")), size, augment=True,
        )
        for size in (100, 1097)
        for spread, family in (("by its shape", "vit"), ("0.02 everywhere", "small spread"))
    ]  # fmt: skip


PLACES = (
    "cnn, field 17", "cnn, field 17, group norm", "cnn, field 33", "cnn, field 49",
    "vit", "hybrid", "windowed", "windowed, no shift",
)  # fmt: skip
SHIPPED_PLACES = {
    "cnn, field 17": "places-cnn-17",
    "cnn, field 49": "places-cnn-49",
    "vit": "places-vit",
}


def _places(scale: Scale) -> list[Cell]:
    return [
        Cell(
            {"family": family}, "far-places", "far-places", family,
            Recipe(scale.steps(1000), 2e-3),
            ship=SHIPPED_PLACES.get(family, ""),
        )
        for family in PLACES
    ]  # fmt: skip


FACES = {
    "tag": "is an eye's pair the same?",
    "fill": "paint the hidden patches",
    "expression": "which expression?",
}


def _faces(scale: Scale) -> list[Cell]:
    return [
        Cell(
            {"task": task}, "faces", "faces", task,
            Recipe(scale.steps(3000), 1e-3), ship=f"face-{task}",
        )
        for task in FACES
    ]  # fmt: skip


FIND = ("vit", "registers", "even attention")


def _find(scale: Scale) -> list[Cell]:
    return [
        Cell(
            {"family": family}, "find", "find", family,
            Recipe(scale.steps(2000), 4e-3), detail=family != "even attention",
            ship="find-vit" if family == "vit" else "",
        )
        for family in FIND
    ]  # fmt: skip


LAB = {"class token": "lab-class", "mean of patches": "lab-mean"}


def _lab(scale: Scale) -> list[Cell]:
    return [
        Cell(
            {"readout": readout}, "classify", "cifar10", readout,
            Recipe(scale.steps(6000), rate("cifar10", "vit")), 45_000, augment=True, ship=name,
        )
        for readout, name in LAB.items()
    ]  # fmt: skip


DIGITS: Grid = (100, 200, 500, 1097), (False, True)
COLOURS: Grid = (100, 500, 2500, 10_000, 45_000), (False, True)

STUDIES = {
    "tuning-digits": Study("Which learning rate suits each family?", _tuning("digits", 400, 300)),
    "tuning-cifar10": Study(
        "Which learning rate suits each family?", _tuning("cifar10", 200, 45_000), "cifar10"
    ),
    "data-hunger-digits": Study(
        "How does accuracy grow with the training images, and does the gap close?",
        _hunger("digits", dict.fromkeys((SMALL, FULL), DIGITS), 800),
    ),
    "longer-digits": Study("Does the gap close with longer training?", _long),
    "positions": Study("What are positions worth, and of which kind?", _positions),
    "initialisation": Study("Does the spread of the first weights matter?", _initialisation),
    "long-range": Study("Who can compare two places far apart?", _places),
    "faces": Study("Does attention learn to go from eye to eye?", _faces),
    "reading": Study("Which readings of attention pass which tests?", _find),
    "data-hunger-cifar10": Study(
        "How does accuracy grow with the training images, and does the gap close?",
        _hunger("cifar10", {SMALL: ((1000, 45_000), (True,)), FULL: COLOURS}, 600),
        "cifar10",
    ),
    "lab": Study(
        "Read the class token or the mean of the patches?",
        _lab,
        "cifar10",
    ),
}
"""In the order they are run: tuning comes before what reads it."""
