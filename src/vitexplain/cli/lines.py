"""What the commands say on stderr, one line at a time."""

import sys
from collections.abc import Sequence
from contextvars import ContextVar

_debug: ContextVar[bool] = ContextVar("debug", default=False)


def debugging(on: bool | None = None) -> bool:
    """Return whether errors are to be raised with their traceback; `on` switches it."""
    if on is not None:
        _debug.set(on)
    return _debug.get()


def say(message: str, *, kind: str = "") -> None:
    """Write one line to stderr, without what would command a terminal."""
    line = " ".join(message.split())
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    print(f"vitexplain: {kind + ': ' if kind else ''}{line}", file=sys.stderr)


def table(rows: Sequence[tuple[object, ...]], *, right: tuple[int, ...] = ()) -> str:
    """Return rows in columns two spaces apart; the columns in `right` end together."""
    text = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*text, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in text
    )


def size_of(count: float) -> str:
    """Return a number of bytes for people: "6.3 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
