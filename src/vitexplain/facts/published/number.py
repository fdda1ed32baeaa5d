"""What a published figure is: a value, its unit, its source, and how it was reached."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.sources import SOURCES, Source, read

__all__ = ["Method", "Number", "Regime", "Result", "find"]

Method = Literal["scratch", "distilled", "fine-tuned", "linear probe", "5-shot linear"]


@dataclass(frozen=True)
class Number:
    """One published number, what it is, and the place in the source where it stands."""

    value: float
    unit: str
    source: Source
    where: str

    @property
    def cited(self) -> str:
        """The source with its link, and the place in it."""
        return f"{self.source}, {self.where}"


@dataclass(frozen=True)
class Regime:
    """How a score was reached. Scores of two regimes say little about the two models.

    Attributes:
        data: what the model learned from before it was fitted to the task; from scratch, the
            task's own images.
        pixels: the side of the images at test time.
        method: "scratch", "distilled" (from scratch, with a teacher), "fine-tuned" (all weights),
            "linear probe" (frozen, a linear layer on top), "5-shot linear" (5 images a class).
        recipe: whose recipe, and how long.
    """

    data: str
    pixels: int
    method: Method
    recipe: str

    def __str__(self) -> str:
        return f"{self.data}, {self.method}, {self.pixels} px, {self.recipe}"


@dataclass(frozen=True)
class Result:
    """The published accuracy of a model on a task, in %, with its regime: top-1, or AP for COCO.

    `spread` is the standard deviation over the source's own runs, where it gives one.
    """

    model: str
    value: float
    regime: Regime
    source: Source
    where: str
    task: str = "ImageNet"
    spread: float | None = None

    @property
    def cited(self) -> str:
        """The source with its link, and the place in it, as a table names them."""
        return f"{self.source}, {self.where}"


PRINTED = read("published")
"""The file published.toml, as it is read: numbers, and where they stand."""


def number(value: float, unit: str, source: str, where: str) -> Number:
    """Return a number from the work that the key `source` names."""
    return Number(value, unit, SOURCES[source], where)


def score(
    model: str,
    value: float,
    source: str,
    where: str,
    *,
    recipe: str,
    data: str = "ImageNet",
    pixels: int = 224,
    method: Method = "scratch",
    task: str = "ImageNet",
) -> Result:
    """Return a score, top-1 on ImageNet, from scratch on ImageNet at 224 pixels by default."""
    return Result(model, value, Regime(data, pixels, method, recipe), SOURCES[source], where, task)


def scores(table: str) -> tuple[Result, ...]:
    """Return the scores of one table of published.toml, in its order."""
    return tuple(
        score(model, value, **{key: one for key, one in group.items() if key != "scores"})
        for group in PRINTED[table]
        for model, value in group["scores"].items()
    )


def find(results: tuple[Result, ...], model: str, **matches: object) -> Result:
    """Return the one result of `model` whose task, or whose regime's fields, are as given.

    Raises:
        KeyError: there is none, or more than one.
    """
    found = [
        r
        for r in results
        if r.model == model
        and all(getattr(r if k == "task" else r.regime, k) == v for k, v in matches.items())
    ]
    if len(found) != 1:
        raise KeyError(f"{len(found)} results are of {model!r} with {matches}")
    return found[0]
