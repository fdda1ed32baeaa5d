"""Results of the studies: every run with its seed, intervals over the seeds, where it was run."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vitexplain.moved import tell

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Interval:
    """A mean over seeds, and the 95 % confidence interval of Student's t around it."""

    mean: float
    low: float
    high: float
    seeds: int

    @property
    def cut(self) -> "Interval":
        """The interval of a share, cut off at 0 and 1, which no share can leave."""
        return replace(self, low=max(self.low, 0.0), high=min(self.high, 1.0))


def interval(values: Sequence[float]) -> Interval:
    """Return mean ± t √(variance / n), with t for n - 1 degrees of freedom.

    Raises:
        ValueError: fewer than two values.
    """
    from scipy.stats import t

    count = len(values)
    if count < 2:
        raise ValueError(f"an interval needs two values or more, got {count}")
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = float(t.ppf(0.975, count - 1)) * math.sqrt(variance / count)
    return Interval(mean, mean - half, mean + half, count)


@dataclass(frozen=True)
class Results:
    """One study's results: what was asked, at which scale and where, and one entry a cell."""

    study: str
    scale: str
    question: str
    provenance: Mapping[str, Any]
    cells: tuple[Mapping[str, Any], ...]

    def cell(self, **keys: Any) -> Mapping[str, Any]:
        """Return the one cell with these values.

        Raises:
            KeyError: none or several have them.
        """
        found = [c for c in self.cells if all(c.get(k) == v for k, v in keys.items())]
        if len(found) != 1:
            raise KeyError(f"{len(found)} cells of {self.study} have {keys}")
        return found[0]

    def of(self, measure: str, **keys: Any) -> Interval:
        """Return the interval of one measure of one cell, as it was stated."""
        return Interval(**self.cell(**keys)["measures"][measure])

    def values(self, key: str) -> list[Any]:
        """Return the different values that a key takes, in order of appearance."""
        return list(dict.fromkeys(cell.get(key) for cell in self.cells))


def read(study: str, folder: Path = FOLDER) -> Results:
    """Return a study's results, by default the ones that ship with the package.

    Raises:
        FileNotFoundError: there are none of that name; the message lists what there is.
    """
    path = folder / f"{study}.json"
    if not path.is_file():
        known = sorted(entry.stem for entry in folder.glob("*.json"))
        raise FileNotFoundError(f"no results of {study!r}; there are {', '.join(known)}")
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Results(**raw | {"cells": tuple(raw["cells"])})


tell(globals())
