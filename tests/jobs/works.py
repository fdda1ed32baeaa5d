"""Work functions that the tests' workers load by name; what they do leaves lines in a log."""

import functools
import itertools
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.waiting import wait_for
from vitexplain.jobs import Work, output_name

ITEMS = [Path(f"photos/{'abc'[i % 3]}/{i // 3}.jpg") for i in range(24)]  # 8 names, three times


def logged(
    log: Path, stop: int | None = None, poison: dict[Path, str] | None = None
) -> Callable[[], Work]:
    """Return a factory of work that gives each name in capitals, and logs what it begins.

    With `stop`, each process that has begun so many items halts in the midst of the next one,
    and says so in the log, until `go_on` is called. The items in `poison` "return" or "raise"
    an error, or "kill" their process.
    """
    return functools.partial(_make, log, stop, poison or {})


def go_on(log: Path) -> None:
    """Let those that have halted go on, and nobody halt any more."""
    _gate(log).touch()


def hopeless() -> Work:
    raise LookupError("there is no such model")


def deadly() -> Work:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def lines(log: Path, kind: str) -> list[tuple[int, Path]]:
    """Return process and item of each line of a kind: "begin" or "halt"."""
    rows = [line.split(" ", 2) for line in log.read_text().splitlines()] if log.exists() else []
    return [(int(pid), Path(item)) for what, pid, item in rows if what == kind]


def begun(log: Path) -> list[Path]:
    return [item for _, item in lines(log, "begin")]


def halted(log: Path) -> set[int]:
    """Return the processes that have halted."""
    return {process for process, _ in lines(log, "halt")}


def check_all_done(out: Path, items: Sequence[Path] = ITEMS) -> None:
    """Nothing is missing, nothing is corrupt, and nothing else lies around."""
    wanted = {output_name(item, ".txt"): str(item).upper() for item in items}
    assert {path.name: path.read_text() for path in out.iterdir() if path.is_file()} == wanted
    # What the killed left half written lies apart from the outputs until it is old.
    apart = {path.name for path in (out / ".vitexplain").iterdir() if path.suffix != ".part"}
    assert apart == {"job.json"}


def state_of(out: Path) -> dict[Path, tuple[int, int]]:
    """Return which file each output is, and when it was written."""
    outputs = [path for path in out.glob("*.txt") if path.is_file()]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in outputs}


def _gate(log: Path) -> Path:
    return log.with_name(f"{log.name}.go")


def _make(log: Path, stop: int | None, poison: dict[Path, str]) -> Work:
    count = itertools.count()

    def one(item: Path) -> bytes | Exception:
        _write(log, "begin", item)
        if next(count) == stop and not _gate(log).exists():
            _write(log, "halt", item)
            wait_for(_gate(log).exists)
        match poison.get(item):
            case "return":
                return ValueError("no\nimage")
            case "raise":
                raise ValueError("no\nimage")
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
        return str(item).upper().encode()

    return lambda batch: [one(item) for item in batch]


def _write(log: Path, kind: str, item: Path) -> None:
    with log.open("a") as file:  # one short write in append mode is one line
        file.write(f"{kind} {os.getpid()} {item}\n")
