"""Published figures, each with its source, the place in it, and the regime it belongs to."""

from vitexplain.facts.published.bars import BARS, Bar
from vitexplain.facts.published.datasets import (
    DATASETS,
    IMAGES,
    SLIDES_IMAGENET,
    SMALL,
    Dataset,
    Small,
)
from vitexplain.facts.published.families import AT_4_5_GMACS, DETECTION, FAMILIES, Listed
from vitexplain.facts.published.number import Method, Number, Regime, Result, find
from vitexplain.facts.published.quoted import QUOTED
from vitexplain.facts.published.recipes import (
    AT_SCALE,
    BIT,
    DEIT,
    DINO,
    DINOV2,
    LADDERS,
    MAE,
    PLAIN_VIT,
    TORCHVISION_VITS,
)
from vitexplain.facts.published.scaling import (
    HYBRID_GAINS,
    RECOMPUTED,
    TABLE_6,
    Gain,
    Scaled,
    exaflops,
)
from vitexplain.facts.published.vit_paper import (
    CORE_DAYS,
    POSITION_ABLATION,
    SIZES,
    TABLE_1_PARAMETERS,
    TABLE_2,
    TABLE_5,
    Size,
)
from vitexplain.moved import tell

__all__ = [
    "AT_4_5_GMACS",
    "AT_SCALE",
    "BARS",
    "BIT",
    "CORE_DAYS",
    "DATASETS",
    "DEIT",
    "DETECTION",
    "DINO",
    "DINOV2",
    "FAMILIES",
    "HYBRID_GAINS",
    "IMAGES",
    "LADDERS",
    "MAE",
    "PLAIN_VIT",
    "POSITION_ABLATION",
    "QUOTED",
    "RECOMPUTED",
    "SIZES",
    "SLIDES_IMAGENET",
    "SMALL",
    "TABLE_1_PARAMETERS",
    "TABLE_2",
    "TABLE_5",
    "TABLE_6",
    "TORCHVISION_VITS",
    "Bar",
    "Dataset",
    "Gain",
    "Listed",
    "Method",
    "Number",
    "Regime",
    "Result",
    "Scaled",
    "Size",
    "Small",
    "exaflops",
    "find",
]


tell(globals())
