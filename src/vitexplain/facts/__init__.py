"""Published numbers and the sources' claims, as data: nothing here is typed into a page.

`published` holds what papers and official code publish, each figure with its source and its
regime (data, pixels, method, recipe); `slides` what the lecture slides print; `SOURCES` the works
cited; `ERRATA` the corrections. All names of `published` can be taken from here.
"""

from typing import TYPE_CHECKING, Any

from vitexplain.facts import published, slides
from vitexplain.facts.published import *  # noqa: F403
from vitexplain.facts.sources import SOURCES, Source, bibliography

if TYPE_CHECKING:
    from vitexplain.facts.errata import ERRATA, Erratum

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    *published.__all__,
    "ERRATA",
    "SOURCES",
    "Erratum",
    "Source",
    "bibliography",
    "published",
    "slides",
]


def __getattr__(name: str) -> Any:
    if name in ("ERRATA", "Erratum"):
        from vitexplain.facts import errata

        return getattr(errata, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
