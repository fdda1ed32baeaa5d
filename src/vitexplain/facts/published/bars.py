"""The article's bar chart of six models, and the published figure nearest to each bar."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.published.number import Result, find
from vitexplain.facts.published.recipes import DINOV2, LADDERS, PLAIN_VIT
from vitexplain.facts.published.vit_paper import TABLE_5

__all__ = ["BARS", "Bar"]


@dataclass(frozen=True)
class Bar:
    """One bar of the article's chart, and the published result nearest to it.

    What to know of that result is told in the corrections, `vitexplain.facts.told("errata")`.
    """

    model: str
    printed: float
    result: Result

    @property
    def kind(self) -> Literal["slip", "imprecise"]:
        """Whether the bar shows this number, rounded, or another model's."""
        return "imprecise" if abs(self.printed - self.result.value) < 0.1 else "slip"

    @property
    def group(self) -> str:
        """The regime, short: bars of one group may be compared."""
        regime = self.result.regime
        return f"{regime.data}, {regime.method}, {regime.pixels} px"


BARS = (
    Bar("ResNet-50", 76.2, LADDERS["ResNet-50"][0]),
    Bar("ResNet-152", 78.3, LADDERS["ResNet-152"][0]),
    Bar("ViT-S/16", 78.5, PLAIN_VIT["improved"][1]),
    Bar("ViT-B/16", 81.8, LADDERS["ViT-B/16"][2]),
    Bar("ViT-L/16", 85.2, find(TABLE_5, "ViT-L/16", task="ImageNet", data="ImageNet-21k")),
    Bar("DINOv2-L", 86.5, find(DINOV2, "ViT-L/14", recipe="DINOv2")),
)
"""In the chart's order. 78.5 is no DeiT; it is one row of a table of Beyer et al."""
