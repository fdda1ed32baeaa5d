"""The article's bar chart of six models, and the published figure nearest to each bar."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.published.number import Result, find
from vitexplain.facts.published.recipes import DINOV2, LADDERS, PLAIN_VIT
from vitexplain.facts.published.vit_paper import TABLE_5


@dataclass(frozen=True)
class Bar:
    """One bar of the article's chart, and the published result nearest to it.

    `setup` says how that result was reached, `note` what to know beside it. `kind` is "slip"
    where the bar shows another model's number.
    """

    model: str
    printed: float
    result: Result
    setup: str
    note: str
    kind: Literal["slip", "imprecise"] = "imprecise"
    also: tuple[str, ...] = ()  # keys of SOURCES that the note needs

    @property
    def group(self) -> str:
        """The regime, short: bars of one group may be compared."""
        regime = self.result.regime
        return f"{regime.data}, {regime.method}, {regime.pixels} px"


_DINOV2_L = find(DINOV2, "ViT-L/14", recipe="DINOv2")
_DINOV2_G = find(DINOV2, "ViT-g/14", recipe="DINOv2")
_RESNET_152 = LADDERS["ResNet-152"]
_ONE_K = {r.model: r.value for r in TABLE_5 if r.task == r.regime.data == "ImageNet"}

BARS = (
    Bar(
        "ResNet-50",
        76.2,
        LADDERS["ResNet-50"][0],
        "torchvision's: ImageNet-1k alone, 224 pixels, old recipe",
        "The bars of the ViTs come from newer recipes.",
    ),
    Bar(
        "ResNet-152",
        78.3,
        _RESNET_152[0],
        "torchvision's, the same old recipe",
        f"With a newer recipe torchvision's ResNet-152 reaches {_RESNET_152[-1].value}%.",
    ),
    Bar(
        "ViT-S/16",
        78.5,
        PLAIN_VIT["improved"][1],
        "the plain ViT's: ImageNet-1k alone, 224 pixels, 150 epochs",
        f"After 300 epochs it is {PLAIN_VIT['improved'][2].value}%, after 90 "
        f"{PLAIN_VIT['improved'][0].value}%; DeiT-S is {LADDERS['ViT-S/16'][1].value}%.",
        also=("deit",),
    ),
    Bar(
        "ViT-B/16",
        81.8,
        LADDERS["ViT-B/16"][2],
        "DeiT-B: ImageNet-1k alone, 224 pixels, 300 epochs",
        f"The ViT paper's own, from ImageNet alone, is {_ONE_K['ViT-B/16']}%.",
        also=("vit",),
    ),
    Bar(
        "ViT-L/16",
        85.2,
        find(TABLE_5, "ViT-L/16", task="ImageNet", data="ImageNet-21k"),
        "pre-trained on ImageNet-21k, fine-tuned at 384 pixels",
        f"From ImageNet alone it is {_ONE_K['ViT-L/16']}%: the bar shows the data more than the "
        "model.",
    ),
    Bar(
        "DINOv2-L",
        86.5,
        _DINOV2_L,
        "ViT-L/14: 142 M images without labels, distilled from g, frozen, linear probe",
        f"{_DINOV2_G.value}% is the larger {_DINOV2_G.model}.",
        "slip",
    ),
)
"""In the chart's order. 78.5 is no DeiT; it is one row of a table of Beyer et al."""
