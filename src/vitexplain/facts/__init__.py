"""Published numbers, our own, and what they say to the claims of the sources, as data.

`published` holds what papers and official code publish, each figure with its source and its
regime (data, pixels, method, recipe); all its names can be taken from here. `numbers` is the one
table of numbers that words may name; `told` gives the statements that rest on them: "claims",
"advice" and "errata". `slides` is what the lecture slides print, `SOURCES` the works cited.
"""

from typing import TYPE_CHECKING, Any

from vitexplain.facts import published, slides
from vitexplain.facts.published import *  # noqa: F403
from vitexplain.facts.sources import SOURCES, Source, bibliography
from vitexplain.moved import tell

if TYPE_CHECKING:
    from vitexplain.facts.statements import Evidence, Statement, told, topics

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    *published.__all__,
    "SOURCES",
    "Evidence",
    "Source",
    "Statement",
    "bibliography",
    "published",
    "slides",
    "told",
    "topics",
]


def __getattr__(name: str) -> Any:
    if name in ("Evidence", "Statement", "told", "topics"):  # they load what they measure
        from vitexplain.facts import statements

        return getattr(statements, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


tell(globals())
