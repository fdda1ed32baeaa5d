"""Rows of the table of numbers, and what several numbers of one kind come to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Rows = Mapping[str, Callable[[], object]]
"""The name of each number, and the function without arguments that gives it."""


def joined(*tables: Rows) -> dict[str, Callable[[], object]]:
    """Return the rows of all tables; raises ValueError for a name that two of them have."""
    found: dict[str, Callable[[], object]] = {}
    for rows in tables:
        if twice := found.keys() & rows.keys():
            raise ValueError(f"two numbers are called {', '.join(sorted(twice))}")
        found.update(rows)
    return found


@dataclass(frozen=True)
class Span:
    """The least and the most of some numbers."""

    least: float
    most: float


def span(values: Iterable[float]) -> Span:
    """Return the least and the most of these numbers; raises ValueError if there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a span needs a number")
    return Span(ordered[0], ordered[-1])
