"""The hybrid of the ViT paper: a ResNet makes a feature map, a Vision Transformer reads it.

Each place of the map is a patch of 1×1. The "/16" of R50+ViT-B/16 is how much the ResNet
shrinks the image: its fourth stage is left out and the same number of blocks put into the third.
Source: Dosovitskiy et al., ICLR 2021, arXiv 2010.11929, sections 3.1 and 4.1. Every submodule
is named as in timm's `vit_base_r50_s16_224`.
"""

from dataclasses import dataclass, field
from typing import Literal

from vitexplain.compare.resnet_config import ResNetConfig
from vitexplain.compare.resnetv2 import ResNetV2
from vitexplain.compare.sizes import Sizes
from vitexplain.compare.stem import MapViT
from vitexplain.patches import sides
from vitexplain.vit.config import PRESETS, ViTConfig


@dataclass(frozen=True)
class HybridConfig(Sizes):
    """A Vision Transformer, and the ResNet in place of its patch projection.

    Raises:
        ValueError: a size is less than 1, the stem is unknown, or the ViT's patch is not what
            the ResNet makes one place of.
    """

    vit: ViTConfig = field(default_factory=ViTConfig)  # image and patch in pixels
    depths: tuple[int, ...] = (3, 4, 9)  # blocks of the ResNet's stages
    width: int = 64  # channels that leave the ResNet's stem
    stem: Literal["imagenet", "small"] = "imagenet"  # shrinks by 4, or by 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if sides(self.vit.patch) != (self.stride, self.stride):
            raise ValueError(
                f"the ResNet makes one place of {self.stride}×{self.stride} pixels, "
                f"which must be the ViT's patch, got {self.vit.patch}"
            )

    @property
    def resnet(self) -> ResNetConfig:
        """The sizes of the ResNet, whose width doubles from stage to stage."""
        widths = tuple(self.width * 2**stage for stage in range(len(self.depths)))
        channels = self.vit.channels
        return ResNetConfig(self.depths, widths, channels=channels, stem=self.stem, norm="group")

    @property
    def stride(self) -> int:
        """Pixels along a place of the ResNet's map."""
        return (4 if self.stem == "imagenet" else 1) * 2 ** (len(self.depths) - 1)


HYBRIDS = {
    "r50_vit_b32": HybridConfig(PRESETS["B/32"], (3, 4, 6, 3)),
    "r50_vit_b16": HybridConfig(PRESETS["B/16"]),
    "r50_vit_l32": HybridConfig(PRESETS["L/32"], (3, 4, 6, 3)),
    "r50_vit_l16": HybridConfig(PRESETS["L/16"]),
}
"""The hybrids of the paper's Table 6, at 224 pixels and 1000 classes."""


class HybridViT(MapViT):
    """A Vision Transformer on a ResNet's feature map, with random weights until others are loaded.

    `hybrid` is the config; `config` is that of the Transformer alone, whose images are maps.
    """

    def __init__(self, config: HybridConfig) -> None:
        backbone = ResNetV2(config.resnet)
        super().__init__(config.vit, backbone, backbone.dim)
        self.hybrid = config
