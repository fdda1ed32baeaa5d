"""Work functions that the tests' workers load by name; each execution leaves a line in a log."""

import functools
import os
import time
from collections.abc import Callable
from pathlib import Path

from vitexplain.jobs import Work, output_name


def logged(log: Path, seconds: float = 0.0) -> Callable[[], Work]:
    """Return a factory of work that turns names to capitals, and writes down what it does."""
    return functools.partial(_make, log, seconds)


def _make(log: Path, seconds: float) -> Work:
    def work(batch: list[Path]) -> list[tuple[str, bytes] | Exception]:
        results = []
        for item in batch:
            with log.open("a") as file:  # one short write in append mode is one line
                file.write(f"{os.getpid()} {item}\n")
            time.sleep(seconds)
            results.append((output_name(item, ".txt"), str(item).upper().encode()))
        return results

    return work
