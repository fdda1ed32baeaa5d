"""Published numbers and the sources' claims, as data: nothing here is typed into a page.

`slides` holds what the lecture slides print, `POSITION_ABLATION`, `DATASETS`, `SIZES` and
`TABLE_1_PARAMETERS` what papers publish, `SOURCES` the works cited.
"""

from vitexplain.facts import slides
from vitexplain.facts.published import (
    DATASETS,
    POSITION_ABLATION,
    SIZES,
    TABLE_1_PARAMETERS,
    Dataset,
    Number,
    Size,
)
from vitexplain.facts.sources import SOURCES, Source

__all__ = [
    "DATASETS",
    "POSITION_ABLATION",
    "SIZES",
    "SOURCES",
    "TABLE_1_PARAMETERS",
    "Dataset",
    "Number",
    "Size",
    "Source",
    "slides",
]
