"""What every benchmark shares: contenders in turn, a table that prints itself, its options.

Each contender runs once a round, in a new order, so that noise hits all alike.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

Run = Callable[[], Any]


def options(doc: str | None, out: Path | None = None, rounds: int = 0) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark can be told."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=out, help="where the numbers go as JSON")
    if rounds:
        parser.add_argument("--rounds", type=int, default=rounds)
    return parser


def seconds(run: Run) -> dict[str, float]:
    """Return how long one call takes, all its work on the device done."""
    on_device = torch.cuda.synchronize if torch.cuda.is_initialized() else lambda: None
    on_device()
    start = time.perf_counter()
    run()
    on_device()
    return {"seconds": round(time.perf_counter() - start, 6)}


@torch.inference_mode()
def interleave(
    named: Mapping[Any, Run],
    rounds: int,
    title: str = "",
    clock: Callable[[Run], dict[str, float]] = seconds,
) -> dict[Any, list[dict[str, float]]]:
    """Return what the clock says of each contender in each round, after one round to warm up."""
    for run in named.values():
        run()
    times: dict[Any, list[dict[str, float]]] = {name: [] for name in named}
    for _ in tqdm(range(rounds), desc=title, leave=False):
        for name in random.sample(list(named), len(named)):
            times[name].append(clock(named[name]))
    return times


def cell(keys: dict[str, Any], runs: list[dict[str, float]]) -> dict[str, Any]:
    """Return a cell of results: its keys, median and quartiles of its seconds, and its runs."""
    cuts = statistics.quantiles([run["seconds"] for run in runs], n=4)
    spread = zip(("low", "median", "high"), cuts, strict=True)
    return keys | {name: round(cut, 6) for name, cut in spread} | {"runs": runs}


class Table(list[dict[str, Any]]):
    """Rows that are printed as they come, columns named anew where they change."""

    def add(self, **row: Any) -> None:
        """Print a row and keep it."""
        if not self or list(self[-1]) != list(row):
            print("", *(f"{name:>10}" for name in row), sep="  ")
        shown = (f"{x:.1f}" if isinstance(x, float) else str(x) for x in row.values())
        print("", *(f"{x:>{max(10, len(name))}}" for x, name in zip(shown, row, strict=True)),
              sep="  ", flush=True)  # fmt: skip
        self.append(row)

    def write(self, out: Path | None) -> None:
        """Write the rows as JSON, if a file is given."""
        if out:
            out.write_text(json.dumps(self, indent=1) + "\n")
