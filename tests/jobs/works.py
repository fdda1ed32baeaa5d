"""Work functions that the tests' workers load by name; what they do leaves lines in a log."""

import functools
import itertools
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.waiting import wait_for
from vitexplain.jobs import Work, output_name
from vitexplain.jobs.record import Record

ITEMS = [Path(f"photos/{'abc'[i % 3]}/{i // 3}.jpg") for i in range(24)]  # 8 names, three times


def logged(log: Path, stop: int | None = None) -> Callable[[], Work]:
    """Return a factory of work that writes each name in capitals.

    With `stop`, each process that has done so many items halts in the midst of the next one,
    and says so in the log, until `go_on` is called.
    """
    return functools.partial(_make, log, stop)


def halted(log: Path) -> set[int]:
    """Return the processes that have halted."""
    return {process for process, _ in lines(log, "halt")}


def go_on(log: Path) -> None:
    """Let those that have halted go on, and nobody halt any more."""
    _gate(log).touch()


def poisoned(log: Path, item: Path, how: str) -> Callable[[], Work]:
    """Return a factory of work that one item makes to "return" or "raise" an error, or "kill"."""
    return functools.partial(_make, log, None, {item: how})


def shortlived(log: Path) -> Callable[[], Work]:
    """Return a factory of work that does one batch and then ends its process."""
    return functools.partial(_make_shortlived, log)


def _make_shortlived(log: Path) -> Work:
    work, done = _make(log), []

    def one_batch(batch: list[Path]) -> Sequence[tuple[str, bytes] | Exception]:
        if done:
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(batch)
        return work(batch)

    return one_batch


def hopeless() -> Work:
    raise LookupError("there is no such model")


def deadly() -> Work:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def lines(log: Path, kind: str) -> list[tuple[int, Path]]:
    """Return process and item of each line of a kind: "begin" or "complete"."""
    rows = [line.split(" ", 3) for line in log.read_text().splitlines()] if log.exists() else []
    return [(int(pid), Path(item)) for what, _, pid, item in rows if what == kind]


def last_begun(log: Path) -> dict[Path, float]:
    """Return when each item was begun for the last time."""
    rows = [line.split(" ", 3) for line in log.read_text().splitlines()]
    return {Path(item): float(at) for what, at, _, item in rows if what == "begin"}


def check_all_done(out: Path, log: Path, items: Sequence[Path] = ITEMS) -> None:
    """Nothing is lost, nothing was completed twice, and nothing else lies around."""
    wanted = {output_name(item, ".txt"): str(item).upper() for item in items}
    found = {path.name: path.read_text() for path in out.iterdir() if path.is_file()}
    assert found == wanted
    completed = Counter(item for _, item in lines(log, "complete"))
    assert not {item: count for item, count in completed.items() if count > 1}
    left = [
        file for name in ("claims", "workers") for file in (out / ".vitexplain" / name).iterdir()
    ]
    assert not left


def state_of(out: Path) -> dict[Path, tuple[int, int]]:
    """Return which file each output is, and when it was written."""
    outputs = [path for path in out.glob("*.txt") if path.is_file()]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in outputs}


def _gate(log: Path) -> Path:
    return log.with_name(f"{log.name}.go")


def _make(log: Path, stop: int | None = None, poison: dict[Path, str] | None = None) -> Work:
    poison, count = poison or {}, itertools.count()
    _log_completions(log)

    def work(batch: list[Path]) -> list[tuple[str, bytes] | Exception]:
        return [one(item) for item in batch]

    def one(item: Path) -> tuple[str, bytes] | Exception:
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
        return output_name(item, ".txt"), str(item).upper().encode()

    return work


def _log_completions(log: Path) -> None:
    """Let this process write down which items the record says it completed."""
    publish = getattr(Record.publish, "__wrapped__", Record.publish)

    @functools.wraps(publish)
    def and_log(self: Record, item: Path, *args, **kwargs) -> bool:
        completed = publish(self, item, *args, **kwargs)
        if completed:
            _write(log, "complete", item)
        return completed

    Record.publish = and_log


def _write(log: Path, kind: str, item: Path) -> None:
    with log.open("a") as file:  # one short write in append mode is one line
        file.write(f"{kind} {time.time()} {os.getpid()} {item}\n")
