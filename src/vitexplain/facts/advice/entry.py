"""What one piece of advice is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from vitexplain.experiments import results
from vitexplain.experiments.results import Interval
from vitexplain.facts.sources import SOURCES, Source


@dataclass(frozen=True)
class Evidence:
    """One measurement or published figure: what it says, and where it is shown.

    `says` reads its numbers anew. `see` is a page of this site, from its root, with its anchor;
    `cites` are keys of `SOURCES`; one of the two is there. `holds` is whether the numbers still
    bear the advice out; what is quoted in words alone has none.
    """

    says: Callable[[], str]
    see: str = ""
    cites: tuple[str, ...] = ()
    holds: Callable[[], bool] | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The works cited."""
        return tuple(SOURCES[key] for key in self.cites)


@dataclass(frozen=True)
class Advice:
    """What to choose in a situation, why, and what that rests on."""

    situation: str
    choose: str
    because: str
    evidence: tuple[Evidence, ...]


def measured(study: str, measure: str = "accuracy", **keys: object) -> Interval:
    """Return one interval of our own results.

    Raises:
        FileNotFoundError: the study has not been run.
        KeyError: it has no such cell.
    """
    return results.read(study).of(measure, **keys)


def written(interval: Interval) -> str:
    """Write a share in percent with its interval: 94.3% (93.1 to 95.5)."""
    one = interval.cut
    return f"{one.mean:.1%} ({100 * one.low:.1f} to {100 * one.high:.1f})"


# Pages, from the site's root.
PUBLISHED = "lessons/published.md"
COMPARED = "lessons/cnn-vs-vit.md"
TRAINED = "lessons/training.md"
PRICE = "lessons/price.md"
HYBRIDS = "lessons/hybrids.md"
VIT = "lessons/vit.md"
AT_WORK = "lessons/vit-at-work.md"
