"""The table itself: a function enters it by its name, and its value is asked for by that name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TypeVar

from vitexplain.facts import published, slides
from vitexplain.facts.sources import SOURCES

MODULES = ("compared", "counted", "examples", "quoted", "samples", "trained", "untrained")
_TABLE: dict[str, Callable[[], object]] = {}
_F = TypeVar("_F", bound=Callable[[], object])


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


def named(function: _F) -> _F:
    """Enter a function without arguments under its own name, one name once."""
    name = function.__name__
    if name in _TABLE:
        raise ValueError(f"two numbers are called {name!r}")
    _TABLE[name] = function
    return function


@cache
def _all() -> dict[str, Callable[[], object]]:
    for module in MODULES:
        import_module(f"vitexplain.facts.numbers.{module}")
    tables = {name: getattr(published, name) for name in published.__all__ if name.isupper()}
    given = {**tables, "SOURCES": SOURCES, "slides": slides}
    return {**{name: lambda it=it: it for name, it in given.items()}, **_TABLE}


def ours() -> frozenset[str]:
    """Return the names of what is computed or measured here, and not quoted."""
    quoted = f"{__package__}.quoted"
    return frozenset(
        name for name in _all() if name in _TABLE and _TABLE[name].__module__ != quoted
    )


def names() -> frozenset[str]:
    """Return all names: of what is computed here, and of the tables of `published`."""
    return frozenset(_all())


def value(name: str) -> object:
    """Return what a name stands for, computed or read now.

    Raises:
        KeyError: there is no such name.
    """
    if name not in _all():
        raise KeyError(f"no number is called {name!r}; there are {', '.join(sorted(_all()))}")
    return _all()[name]()
