"""What one claim of the comparison is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vitexplain.experiments import results
from vitexplain.experiments.results import Interval
from vitexplain.facts.sources import SOURCES, Source

Verdict = Literal["right", "half right", "wrong", "no source"]
VERDICTS: tuple[Verdict, ...] = ("right", "half right", "wrong", "no source")

# Who says it.
PAGE = "the interactive page"
ARTICLE = "the article on attention mechanisms"
SLIDES = "the lecture slides"

# Pages that show it, from the site's root.
HERE = "lessons/cnn-vs-vit.md"
TRAINING = "lessons/training.md"
PRICE = "lessons/price.md"
HYBRIDS = "lessons/hybrids.md"
PUBLISHED = "lessons/published.md"
VIT = "lessons/vit.md"


@dataclass(frozen=True)
class Measured:
    """A measurement of ours: its numbers in words, whether they bear the verdict out, and where.

    `says` and `holds` read or compute their numbers anew. `see` is a page of this site, from its
    root, with the anchor of the section that shows more.
    """

    says: Callable[[], str]
    holds: Callable[[], bool]
    see: str


@dataclass(frozen=True)
class Published:
    """What a work of `SOURCES` says to it, in our words, and the place in the work."""

    says: str | Callable[[], str]
    key: str
    where: str

    @property
    def source(self) -> Source:
        return SOURCES[self.key]

    def __str__(self) -> str:
        return self.says if isinstance(self.says, str) else self.says()


@dataclass(frozen=True)
class Claim:
    """One claim, in our words, with what we measured, what is published, and the verdict.

    `but` says in a sentence what the verdict turns on. Measurement or publication may be missing,
    not both.
    """

    key: str
    by: str
    says: str
    verdict: Verdict
    but: str
    measured: tuple[Measured, ...] = ()
    published: tuple[Published, ...] = ()

    def __post_init__(self) -> None:
        if not self.measured and not self.published:
            raise ValueError(f"{self.key} has neither a measurement nor a source")
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {self.verdict!r}")


def interval(study: str, measure: str = "accuracy", **keys: object) -> Interval:
    """Return one interval of our own results; raises as `results.read` and `Results.of`."""
    return results.read(study).of(measure, **keys)


def percent(one: Interval) -> str:
    """Write a share in percent with its interval: 94.3% (93.1 to 95.5)."""
    return f"{one.mean:.1%} ({100 * one.cut.low:.1f} to {100 * one.cut.high:.1f})"
