"""The ViT paper's scaling study (Table 6), and its compute, recomputed."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.published.datasets import IMAGES
from vitexplain.facts.published.number import PRINTED, Result, score
from vitexplain.vit import PRESETS, count_macs

__all__ = ["HYBRID_GAINS", "RECOMPUTED", "TABLE_6", "Gain", "Scaled", "exaflops"]


@dataclass(frozen=True)
class Scaled:
    """One row of Table 6: a model pre-trained on JFT-300M at 224 pixels, and what it took."""

    model: str
    family: Literal["ViT", "ResNet", "hybrid"]
    epochs: int
    exaflops: float  # of pre-training, as printed
    imagenet: Result

    @property
    def vit(self) -> str:
        """The name in `PRESETS` of the ViT, or of the hybrid's ViT; empty for a ResNet."""
        return "" if self.family == "ResNet" else self.model.rpartition("ViT-")[2]


def _scaled(model: str, epochs: int, top_1: float, exaflops: float) -> Scaled:
    family = "hybrid" if "+" in model else "ViT" if model.startswith("ViT") else "ResNet"
    result = score(
        model, top_1, "vit", "Table 6",
        recipe=f"the ViT paper, {epochs} epochs at 224 px",
        data="JFT-300M", pixels=384, method="fine-tuned",
    )  # fmt: skip
    return Scaled(model, family, epochs, exaflops, result)


TABLE_6 = tuple(_scaled(*row) for row in PRINTED["table_6"]["rows"])
"""ViTs, ResNets and hybrids in one protocol, in the table's order. H/14 is 88.04% in Table 5."""


def exaflops(multiply_adds: float, epochs: int, images: float = IMAGES["JFT-300M"]) -> float:
    """Return the operations of training, in 10¹⁸.

        C = 6 · M · images · epochs / 10¹⁸

    M are the multiply-adds of one forward pass of one image. Each is two operations, and the
    backward pass takes about twice the forward pass: 2 · 3 = 6.
    """
    return 6 * multiply_adds * images * epochs / 1e18


RECOMPUTED = tuple(
    (row, exaflops(count_macs(PRESETS[row.vit]), row.epochs))
    for row in TABLE_6
    if row.family == "ViT"
)
"""The rows of ViTs, each with the exaFLOPs that its own multiply-adds give."""


@dataclass(frozen=True)
class Gain:
    """A ViT of Table 6, and the hybrid that puts the same ViT on the features of a ResNet-50."""

    vit: Scaled
    hybrid: Scaled

    @property
    def points(self) -> float:
        """How much better the hybrid is, in points of ImageNet top-1."""
        return round(self.hybrid.imagenet.value - self.vit.imagenet.value, 2)

    @property
    def compute(self) -> float:
        """How many times the ViT's exaFLOPs the hybrid's are."""
        return self.hybrid.exaflops / self.vit.exaflops


HYBRID_GAINS = {
    vit.vit + (" trained twice as long" if vit.epochs == 14 else ""): Gain(vit, hybrid)
    for vit in TABLE_6
    for hybrid in TABLE_6
    if vit.family == "ViT"
    and hybrid.family == "hybrid"
    and (vit.vit, vit.epochs) == (hybrid.vit, hybrid.epochs)
}
"""What a ResNet-50 in front is worth to each ViT, in the same protocol."""
