"""What the sources say, what we advise, what is right: each statement with what it rests on.

The words are in three files beside this one: claims.toml is told on the page of the comparison,
advice.toml in the guide, errata.toml on the page of corrections. Rerun an experiment, and a test
says which statement no longer holds.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from vitexplain.facts.sources import SOURCES, Source, read
from vitexplain.facts.words import Condition, Words

Told = Literal["claims", "advice", "errata"]
_NONE = Words("")
VERDICTS: dict[Told, tuple[str, ...]] = {
    "claims": ("right", "half right", "wrong", "no source"),
    "advice": ("",),
    "errata": ("slip", "imprecise", "no source"),
}
ROUNDED = 0.01  # how far a vector may be off, as a share of its largest number, if only rounded
ROUNDED_POINTS = 0.1  # how far a score in percent may be off


@dataclass(frozen=True)
class Evidence:
    """One measurement of ours or one published figure: what it says, and where that is shown.

    `see` is a page of this site, from its root, with its anchor; `cites` are keys of `SOURCES` and
    `place` the place in the work; one of the two is there. `condition` is whether the numbers still
    bear the statement out; what is quoted in words alone has none.

    Raises:
        ValueError: it is neither shown nor cited, or a key is not in `SOURCES`.
    """

    says: Words
    see: str = ""
    cites: tuple[str, ...] = ()
    place: str = ""
    condition: Condition | None = None

    def __post_init__(self) -> None:
        if not self.see and not self.cites:
            raise ValueError(f"“{self.says.text}” is neither measured here nor published")
        _sourced(self.cites)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The works cited."""
        return tuple(SOURCES[key] for key in self.cites)

    def holds(self) -> bool:
        """Return whether the numbers bear the statement out; words alone always do."""
        return self.condition is None or self.condition()


@dataclass(frozen=True)
class Statement:
    """One statement, in our words, with what is right about it and what that rests on.

    A claim `says` something, and `right` is what its verdict turns on. Advice is for the situation
    that it `says`, with what to choose as `right`. An erratum `says` what a source has, in `place`,
    with what is `right`. `why` gives the reason; `by` is who says it.

    Raises:
        ValueError: nothing bears it out, or its verdict is none of `VERDICTS`.
    """

    told: Told
    topic: str
    says: Words
    right: Words
    why: Words = _NONE
    key: str = ""
    by: str = ""
    place: str = ""
    given: str = ""
    see: str = ""
    cites: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        _sourced(self.cites)
        if not (self.evidence or self.cites or self.right.slots):
            raise ValueError(f"“{self.says.text}” has neither a measurement nor a source")
        if self.verdict not in VERDICTS[self.told]:
            choice = ", ".join(VERDICTS[self.told])
            raise ValueError(f"verdict must be one of {choice}, got {self.verdict!r}")

    @property
    def computed(self) -> bool:
        """Whether what is right is computed here, rather than quoted."""
        return self.right.computed

    @property
    def verdict(self) -> str:
        """How far the statement is right; that on numbers is not given but computed.

        Numbers that were only rounded are "imprecise", other numbers a "slip".
        """
        return self.given or (_compared(str(self.says), str(self.right)) if self.by else "")

    @property
    def measured(self) -> tuple[Evidence, ...]:
        """What we measured ourselves."""
        return tuple(one for one in self.evidence if one.see)

    @property
    def published(self) -> tuple[Evidence, ...]:
        """What others have published."""
        return tuple(one for one in self.evidence if not one.see)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The works cited."""
        return tuple(SOURCES[key] for key in self.cites)


_VECTOR = re.compile(r"\[([-−\d.]+(?:, [-−\d.]+)*)\]")
_SCORE = re.compile(r"([\d.]+)%")


def _compared(printed: str, right: str) -> str:
    """Return "imprecise" or "slip" for the vector, or else the score, that two texts hold."""
    for kind, limit in ((_VECTOR, ROUNDED), (_SCORE, ROUNDED_POINTS)):
        found = [kind.findall(text) for text in (printed, right)]
        if [len(one) for one in found] == [1, 1]:
            a, b = (np.array(one[0].replace("−", "-").split(", "), float) for one in found)
            largest = np.abs(b).max() if kind is _VECTOR else 1.0
            return "imprecise" if np.abs(a - b).max() < limit * largest else "slip"
    raise ValueError(f"“{printed}” must give its verdict: there are no two numbers to compare")


def _sourced(keys: tuple[str, ...]) -> None:
    if unknown := [key for key in keys if key not in SOURCES]:
        raise ValueError(f"no source has the key {', '.join(unknown)}")


@cache
def told(where: Told) -> tuple[Statement, ...]:
    """Return the statements of "claims", "advice" or "errata", in the order of the page."""
    return tuple(_statement(where, one) for one in read(where)["statement"])


def given(where: Told) -> dict[str, str]:
    """Return the numbers that these words have without a slot, with where they come from."""
    return read(where).get("given", {})


def topics(where: Told) -> dict[str, tuple[Statement, ...]]:
    """Return the statements of one page by their topic, in order."""
    found: dict[str, list[Statement]] = {}
    for one in told(where):
        found.setdefault(one.topic, []).append(one)
    return {topic: tuple(statements) for topic, statements in found.items()}


def _statement(where: Told, one: dict[str, Any]) -> Statement:
    evidence = tuple(_evidence(line) for line in one.pop("evidence", ()))
    words = {key: Words(one.pop(key)) for key in ("says", "right", "why") if key in one}
    given, cites = one.pop("verdict", ""), tuple(one.pop("cites", ()))
    return Statement(where, evidence=evidence, given=given, cites=cites, **words, **one)


def _evidence(one: dict[str, Any]) -> Evidence:
    condition = Condition(one.pop("holds")) if "holds" in one else None
    says, cites = Words(one.pop("says")), tuple(one.pop("cites", ()))
    return Evidence(says, cites=cites, condition=condition, **one)
