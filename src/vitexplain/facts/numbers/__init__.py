"""The one table of numbers that the words of `facts` may name: each has one name and one function.

`value("far")` computes or reads it anew. Words name a number in a slot, `{far[vit]:%}`; a
condition names it in an expression, `far['vit'].low > 0.9` (see `vitexplain.facts.words`). Each
module of this package has its rows in `NUMBERS`; the tables of `published` may be named as well.
"""

from vitexplain.facts import published, slides
from vitexplain.facts.numbers import compared, counted, examples, samples, trained, untrained
from vitexplain.facts.numbers.number_rows import Rows, joined
from vitexplain.facts.sources import SOURCES

__all__ = ["names", "ours", "value"]

_PRINTED: Rows = {
    name: lambda name=name: getattr(published, name) for name in published.__all__ if name.isupper()
}
_GIVEN: Rows = {"SOURCES": lambda: SOURCES, "slides": lambda: slides, **_PRINTED}
_MODULES = (compared, counted, examples, samples, trained, untrained)
_OURS = joined(*(module.NUMBERS for module in _MODULES))
_ALL = joined(_GIVEN, compared.QUOTED_NUMBERS, _OURS)


def ours() -> frozenset[str]:
    """Return the names of what is computed or measured here, and not quoted."""
    return frozenset(_OURS)


def names() -> frozenset[str]:
    """Return all names: of what is computed here, and of the tables of `published`."""
    return frozenset(_ALL)


def value(name: str) -> object:
    """Return what a name stands for, computed or read now.

    Raises:
        KeyError: there is no such name.
    """
    if name not in _ALL:
        raise KeyError(f"no number is called {name!r}; there are {', '.join(sorted(_ALL))}")
    return _ALL[name]()
