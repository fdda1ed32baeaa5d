"""Results of the studies: every run with its seed, intervals over the seeds, where it was run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
