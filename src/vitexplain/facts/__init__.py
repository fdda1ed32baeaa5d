"""Published numbers and the sources' claims, as data: nothing here is typed into a page.

`slides` holds what the lecture slides print, `POSITION_ABLATION`, `DATASETS`, `SIZES` and
`TABLE_1_PARAMETERS` what papers publish, `SOURCES` the works cited, `ERRATA` the corrections.
"""

from typing import TYPE_CHECKING, Any

from vitexplain.facts import slides
from vitexplain.facts.published import (
    AT_4_5_GMACS,
    BARS,
    DATASETS,
    HYBRID_GAINS,
    OTHER,
    POSITION_ABLATION,
    RECIPES,
    SIZES,
    TABLE_1_PARAMETERS,
    Bar,
    Dataset,
    Number,
    Size,
)
from vitexplain.facts.sources import SOURCES, Source

if TYPE_CHECKING:
    from vitexplain.facts.errata import ERRATA, Erratum

__all__ = [
    "AT_4_5_GMACS",
    "BARS",
    "DATASETS",
    "ERRATA",
    "HYBRID_GAINS",
    "OTHER",
    "POSITION_ABLATION",
    "RECIPES",
    "SIZES",
    "SOURCES",
    "TABLE_1_PARAMETERS",
    "Bar",
    "Dataset",
    "Erratum",
    "Number",
    "Size",
    "Source",
    "slides",
]


def __getattr__(name: str) -> Any:
    if name in ("ERRATA", "Erratum"):
        from vitexplain.facts import errata

        return getattr(errata, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
