"""The studies: what is asked, and the cells of each, at a small and at a full scale.

A cell is one model on one task with one recipe; it is trained once for each seed. Learning rates
are not typed here: the study `tuning` tries the same few for every family and judges them on
images kept apart for that, and `rate` reads which was best.
"""

from collections.abc import Callable, Collection, Mapping
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
    setting: str  # of `families.MODELS`: what is learned from
    family: str
    recipe: Recipe
    images: int | None = None  # to learn from; None is all
    augment: bool = False
    judge: str = "test"  # the part that is measured; tuning uses "validation"
    detail: bool = False  # also measure robustness and attention distances; in "find", readings
    ship: str = ""  # keep the weights of seed 0 under this name
    taught: bool = False  # by the answers of teachers instead of labels
    unlabelled: int = 0  # more images to learn from, whose classes nobody tells
    after: "Cell | None" = None  # is trained first, with the same seed: a teacher, or an encoder
    kept: bool = False  # others come after it
    loss: str = ""  # of `pupils.LOSSES`, with a teacher


@dataclass(frozen=True)
class Study:
    """A question, and the cells that answer it at a scale."""

    question: str
    cells: Callable[[Scale], list[Cell]]
    data: str = ""  # folder that must be there, under --data
    once: bool = False  # a single seed, for what ships


LENETS = ("lenet", "lenet, every map", "lenet, linear")
UNTUNED = {"far-places": 2e-3, "faces": 1e-3, "find": 4e-3, "sentences": 2e-3}


@cache
def rate(setting: str, family: str) -> float:
    """Return the learning rate that did best on the validation images, from study `tuning`.

    Ties go to the smaller rate. A model that was not tuned takes that of "vit"; what is drawn
    for each batch has one rate for all.
    """
    if setting in UNTUNED:
        return UNTUNED[setting]
    tuned = results.read("tuning-lenet" if family in LENETS else f"tuning-{setting}")
    name = family if family in tuned.values("family") else "vit"
    cells = [cell for cell in tuned.cells if cell["family"] == name]
    best = max(cells, key=lambda cell: (cell["measures"]["accuracy"]["mean"], -cell["rate"]))
    return best["rate"]


Cells = Callable[[Scale], list[Cell]]
Row = tuple[dict[str, Any], str, dict[str, Any]]  # keys, family, what else is the cell's own


def _tuning(setting: str, steps: int, images: int, families: Collection[str] = FAMILIES) -> Cells:
    """Every family, every rate, in shorter runs than the studies'; quick ones shorter still."""
    return lambda scale: [
        Cell(
            {"family": family, "rate": each}, setting, family,
            Recipe(min(steps, scale.steps(steps)), each), images, augment=True, judge="validation",
        )
        for family in families
        for each in RATES
    ]  # fmt: skip


def _each(setting: str, steps: int, rows: Collection[Row], **all_of_them: Any) -> Cells:
    """A cell for each row, all of that many steps; where keys name them, they are filled in."""

    def cells(scale: Scale) -> list[Cell]:
        length = scale.steps(steps)
        return [
            Cell(
                {key: length if key == "steps" else value for key, value in keys.items()},
                setting, family, Recipe(length, rate(setting, family)), **all_of_them | own,
            )
            for keys, family, own in rows
        ]  # fmt: skip

    return cells


def _hunger(setting: str, steps: int, sizes: Collection[int], augments: Collection[bool]) -> Cells:
    """Every family on ever more images; where all are there and augmented, in detail and kept."""
    most = max(sizes)
    rows: list[Row] = [
        (
            {"family": family, "images": size, "augment": augment, "steps": ...}, family,
            {"images": size, "augment": augment, "detail": augment and size == most,
             "ship": f"{setting}-{family}" if augment and size == most else ""},
        )
        for augment in augments
        for size in sizes
        for family in FAMILIES
    ]  # fmt: skip
    return _each(setting, steps, rows)


def _photographs(steps: int, shipped: bool) -> list[Cell]:
    """Each model for photographs, all of as many steps."""
    return [
        Cell(
            {"model": family, "taught by": "teacher" if taught else "labels"},
            "photographs", family,
            Recipe(steps, 2e-3, 128, optimizer="muon", bfloat16=True, hidden=0.5),
            augment=True, detail=shipped, ship=name if shipped else "", taught=taught,
        )
        for (family, taught), name in PHOTOGRAPHS.items()
    ]  # fmt: skip


POSITIONS = {
    "none": "no positions",
    "learned": "vit",
    "sinusoidal 1-D": "sinusoidal 1-D",
    "sinusoidal 2-D": "sinusoidal 2-D",
    "relative": "relative",
}
SPREADS = {"by its shape": "vit", "0.02 everywhere": "small spread"}
PLACES = {  # and the name under which the weights ship, if they do
    "cnn, field 17": "places-cnn-17", "cnn, field 17, group norm": "", "cnn, field 33": "",
    "cnn, field 49": "places-cnn-49", "vit": "places-vit", "hybrid": "", "windowed": "",
    "windowed, no shift": "",
}  # fmt: skip
FACES = ("tag", "fill", "expression")
FIND = {"vit": "find-vit", "registers": "", "even attention": ""}
SENTENCES = {"translator": "translator", "no encoder": ""}
PHOTOGRAPHS = {  # model, taught, and the name under which the weights ship
    ("stem", True): "photo-stem",
    ("patches", True): "photo-patches",
    ("patches", False): "photo-labels",
}

ALL = 1097  # digits to learn from
FEW = 100  # of them with a label, in what follows
REST = ALL - FEW
TAUGHT, LONGER = 800, 2400  # steps with labels or a teacher; a teacher itself gets the fewer
CROPS, CROPPED = 600, 2e-3  # steps on crops of scenes, and their rate: tried on other scenes
PAINTED = 2000  # steps of painting
PAINT = 4e-3  # their rate, chosen on validation digits


def _deit(scale: Scale) -> list[Cell]:
    """A teacher of each kind, and ViTs that learn from labels, or from labels and a teacher."""

    def cell(pupil: str, family: str, steps: int, **own: Any) -> Cell:
        teacher, loss, more = own.get("after"), own.get("loss", "labels"), own.get("unlabelled", 0)
        recipe = Recipe(scale.steps(steps), rate("digits", family))
        keys = {
            "pupil": pupil, "teacher": teacher.keys["pupil"] if teacher else "none",
            "loss": loss, "pictures": FEW + more, "steps": recipe.steps,
        }  # fmt: skip
        return Cell(keys, "digits", family, recipe, FEW, True, **own)

    cnn = cell("cnn", "cnn", TAUGHT, kept=True, ship="digits-teacher")
    vit = cell("vit", "class token", TAUGHT, kept=True)
    lessons = [
        *((cnn, loss, n, TAUGHT) for n in (0, REST) for loss in ("hard", "soft", "soft 0.9")),
        (vit, "soft 0.9", REST, TAUGHT),
        *((cnn, "hard", n, LONGER) for n in (0, REST)),
    ]
    shipped = (cnn, "soft 0.9", REST, TAUGHT)
    return [
        cnn,
        vit,
        cell("vit", "class token", LONGER),
        *(
            cell("vit", "two tokens", steps, after=teacher, loss=loss, unlabelled=more,
                 ship="digits-pupil" if (teacher, loss, more, steps) == shipped else "")
            for teacher, loss, more, steps in lessons
        ),
    ]  # fmt: skip


def _dino(scale: Scale) -> list[Cell]:
    """A ViT with labels and one without, on the same crops."""

    def cell(learner: str, ship: str) -> Cell:
        recipe = Recipe(scale.steps(CROPS), CROPPED, 32, optimizer="muon")
        return Cell(
            {"learner": learner, "steps": recipe.steps}, "scenes", learner, recipe, ship=ship
        )

    return [cell("dino", "scenes-dino"), cell("labels", "scenes-labels")]


def _mae(scale: Scale) -> list[Cell]:
    """An autoencoder on all the digits, and ViTs on a few labels that begin with or without it."""
    first = Cell(
        {"start": "random", "labels": 0}, "digits", "autoencoder",
        Recipe(scale.steps(PAINTED), PAINT), ALL, kept=True,
    )  # fmt: skip
    return [
        first,
        *(
            Cell(
                {"start": start, "labels": FEW, "rate": each}, "digits", "class token",
                Recipe(scale.steps(TAUGHT), each), FEW, True, after=after,
            )
            for start, after, each in (
                ("random", None, min(RATES)),
                ("random", None, rate("digits", "vit")),
                ("autoencoder", first, min(RATES)),
            )
        ),
    ]  # fmt: skip


HUNGER = "How does accuracy grow with the training images, and does the gap close?"
TUNING = "Which learning rate suits each family?"
SOME_COLOURS = _hunger("cifar10", 600, (1000, 45_000), (True,))
ALL_COLOURS = _hunger("cifar10", 600, (100, 500, 2500, 10_000, 45_000), (False, True))

STUDIES = {
    "tuning-digits": Study(TUNING, _tuning("digits", 400, 300)),
    "tuning-cifar10": Study(TUNING, _tuning("cifar10", 200, 45_000), "cifar10"),
    "tuning-lenet": Study(TUNING, _tuning("digits", 400, 300, LENETS)),
    "lenet": Study(
        "How well does the network of 1998 read few digits, and do its two oddities matter?",
        _each("digits", 800, [
            ({"family": family, "images": size, "steps": ...}, family, {
                "images": size,
                "ship": "digits-lenet" if size == ALL and family == "lenet, linear" else "",
            })
            for size in (FEW, ALL) for family in LENETS
        ], augment=True),
    ),
    "data-hunger-digits": Study(
        HUNGER, _hunger("digits", 800, (100, 200, 500, ALL), (False, True))
    ),
    "longer-digits": Study(
        "Does the gap close with longer training?",
        _each("digits", 3000, [
            ({"family": family, "images": ALL, "augment": True, "steps": ...}, family, {})
            for family in FAMILIES
        ], images=ALL, augment=True),
    ),
    "positions": Study(
        "What are positions worth, and of which kind?",
        _each("digits", 800, [
            ({"positions": positions}, family, {}) for positions, family in POSITIONS.items()
        ], images=ALL, augment=True),
    ),
    "initialisation": Study(
        "Does the spread of the first weights matter?",
        _each("digits", 800, [
            ({"spread": spread, "images": size}, family, {"images": size})
            for size in (100, ALL) for spread, family in SPREADS.items()
        ], augment=True),
    ),
    "long-range": Study(
        "Who can compare two places far apart?",
        _each("far-places", 1000, [
            ({"family": family}, family, {"ship": ship}) for family, ship in PLACES.items()
        ]),
    ),
    "faces": Study(
        "Does attention learn to go from eye to eye?",
        _each("faces", 3000, [({"task": task}, task, {"ship": f"face-{task}"}) for task in FACES]),
    ),
    "reading": Study(
        "Which readings of attention pass which tests?",
        _each("find", 2000, [
            ({"family": family}, family, {"ship": ship, "detail": family != "even attention"})
            for family, ship in FIND.items()
        ]),
    ),
    "deit": Study("What does a teacher with the bias of a CNN bring to a ViT?", _deit),
    "dino": Study("Does attention segment where nobody names the objects?", _dino),
    "mae": Study("What does a ViT with few labels gain from painting what is hidden?", _mae),
    "data-hunger-cifar10": Study(
        HUNGER,
        lambda scale: (ALL_COLOURS if scale is FULL else SOME_COLOURS)(scale),
        "cifar10",
    ),
    "translation": Study(
        "Does a goat find its meaning on the way into another language?",
        _each("sentences", 800, [
            ({"family": family}, family, {"ship": ship}) for family, ship in SENTENCES.items()
        ]),
    ),
    "teacher": Study(
        "What is a teacher worth to a ViT, and convolutions before it?",
        lambda scale: _photographs(scale.steps(300), shipped=False), "cifar10",
    ),
    "photographs": Study(
        "How good does a small ViT get on photographs?",
        lambda scale: _photographs(scale.steps(10_000), shipped=True), "cifar10", once=True,
    ),
}  # fmt: skip
"""In the order they are run: tuning comes before what reads it."""
