"""CNNs, ViTs, windowed attention and hybrids, as their authors list them on ImageNet alone."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.published.number import PRINTED, Result, score, scores

__all__ = ["AT_4_5_GMACS", "DETECTION", "FAMILIES", "Listed"]

Kind = Literal["CNN", "ViT", "windowed", "hybrid"]


@dataclass(frozen=True)
class Listed:
    """One model of a published list; parameters and multiply-adds are as printed there."""

    kind: Kind
    parameters: float  # millions
    gmacs: float | None  # multiply-adds of one image at the regime's pixels, in 10⁹
    result: Result

    @property
    def model(self) -> str:
        """The model's name."""
        return self.result.model


FAMILIES: tuple[Listed, ...] = tuple(
    Listed(
        group["kind"],
        float(parameters),
        gmacs or None,
        score(model, value, **{k: v for k, v in group.items() if k not in ("kind", "models")}),
    )
    for group in PRINTED["families"]
    for model, parameters, gmacs, value in group["models"]
)
"""All at 224 pixels but MobileViT; recipes differ from family to family.

"Isotropic" ConvNeXts keep one width and one resolution, as a ViT does.
"""

AT_4_5_GMACS = {
    listed.model: listed.result
    for listed in FAMILIES
    if listed.model in ("Swin-T", "CvT-13", "ConvNeXt-T")
}
"""Three models of 4.5 G multiply-adds, ImageNet-1k at 224 pixels; the recipes differ."""

DETECTION = scores("detection")
"""Windows and a CNN as the backbone of one detector, trained with the same code."""
