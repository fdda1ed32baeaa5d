"""Our own results read from their files and summed up by NumPy, as a check on what does both."""

import json

import numpy as np

from vitexplain.experiments.results import FOLDER

T = {3: 4.302652729749464}  # Student's t, 97.5 %, for so many values; from a printed table


def cells(study: str, **keys: object) -> list[dict]:
    """Return the cells of a study's file that have these values."""
    every = json.loads((FOLDER / f"{study}.json").read_text("utf-8"))["cells"]
    return [one for one in every if all(one.get(key) == keys[key] for key in keys)]


def runs(study: str, *measure: str, **keys: object) -> np.ndarray:
    """Return each seed's number: "accuracy" unless a path into the run, as "shift", "2"."""
    [cell] = cells(study, **keys)
    found = []
    for run in cell["runs"]:
        for name in measure or ("accuracy",):
            run = run[name]
        found.append(run)
    return np.array(found)


def percent(values: np.ndarray) -> tuple[float, float, float]:
    """Return shares' mean in percent, and the ends of its 95 % interval, cut off at 0 and 100."""
    mean, half = values.mean(), T[len(values)] * values.std(ddof=1) / np.sqrt(len(values))
    return 100 * mean, 100 * max(mean - half, 0), 100 * min(mean + half, 1)


def written(values: np.ndarray) -> str:
    """Write shares in percent with their interval."""
    return "{:.1f}% ({:.1f} to {:.1f})".format(*percent(values))
