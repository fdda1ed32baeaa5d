"""A Vision Transformer whose tokens are the places of a feature map, and one with a conv stem.

A place of the map is a patch of 1×1, so the map's places, row by row, are the sequence. Source:
Dosovitskiy et al., ICLR 2021, arXiv 2010.11929, section 3.1, "Hybrid Architecture".
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.network import check_images, draw, make_norm
from vitexplain.patches import sides
from vitexplain.vit.config import ViTConfig
from vitexplain.vit.module import ViT


class MapViT(ViT):
    """A Vision Transformer on the feature map of a backbone, in patches of 1 × 1.

    `image` is the config of the whole, in pixels; `config` that of the Transformer, whose
    images are the backbone's maps. The backbone is `patch_embed.backbone`, as in timm; its
    `walk(images)` returns the map.
    """

    def __init__(self, config: ViTConfig, backbone: nn.Module, width: int) -> None:
        super().__init__(replace(config, image_size=config.grid, patch=1, channels=width))
        self.image = config
        self.patch_embed.backbone = backbone

    @property
    def backbone(self) -> Any:
        """What makes the map, a module with `walk`."""
        return self.patch_embed.backbone

    def encode(self, images: Tensor) -> Tensor:
        """Return the tokens after the last block, (batch, token, dim).

        Raises:
            ValueError: the images do not have the channels and size of `image`.
        """
        check_images(images, self.image.channels, self.image.image_size)
        return super().encode(self.backbone(images))

    def walk(self, images: Tensor) -> Iterator[Any]:
        """Yield the backbone's steps, then the Transformer's.

        Raises:
            ValueError: as `encode`; also if the images hold NaN or infinity.
        """
        check_images(images, self.image.channels, self.image.image_size)
        x = yield from self.backbone.walk(images)
        yield from super().walk(x)


class ConvStemViT(MapViT):
    """A Vision Transformer with a few 3×3 convolutions in place of the patch projection.

    Each has a norm and a GELU after it; a 1×1 convolution then gives the tokens. Source: Xiao et
    al., "Early Convolutions Help Transformers See Better", NeurIPS 2021, arXiv 2106.14881,
    section 3, who take BatchNorm and ReLU, double the channels at each stride of 2, and leave out
    one block to pay for the stem.

    Args:
        config: of the ViT that it replaces, image and patch in pixels.
        channels: of each convolution.
        strides: of each convolution, 2 each if left out; their product is the patch.
        norm: "group", the same whatever else is in the batch, or "batch".

    Raises:
        ValueError: the strides do not make up the patch, or channels and strides are not of one
            length or less than 1.
    """

    def __init__(
        self,
        config: ViTConfig,
        *,
        channels: Sequence[int],
        strides: Sequence[int] | None = None,
        norm: Literal["group", "batch"] = "group",
    ) -> None:
        strides = (2,) * len(channels) if strides is None else strides
        if not channels or min(channels) < 1 or len(strides) != len(channels) or min(strides) < 1:
            raise ValueError(
                "channels and strides must be as many sizes of at least 1, "
                f"got channels {tuple(channels)} and strides {tuple(strides)}"
            )
        if sides(config.patch) != (prod(strides),) * 2:
            raise ValueError(
                f"the product of the strides must be the patch, "
                f"got strides {tuple(strides)} and patch {config.patch}"
            )
        if norm not in ("group", "batch"):
            raise ValueError(f"norm must be 'group' or 'batch', got {norm!r}")
        stem = ConvStem((config.channels, *channels), strides, norm)
        super().__init__(config, stem, channels[-1])


@dataclass(frozen=True, eq=False)
class Convolved:
    """One convolution of the stem, its norm and its GELU."""

    name: str  # "stem 0", "stem 1", …
    convolved: Float[Tensor, "batch width row col"]
    normed: Float[Tensor, "batch width row col"]
    output: Float[Tensor, "batch width row col"]  # GELU(normed)


class ConvStem(nn.Module):
    """3×3 convolutions, each with a norm and a GELU."""

    def __init__(self, widths: Sequence[int], strides: Sequence[int], norm: str) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(width, out, 3, stride, 1, bias=False)
            for width, out, stride in zip(widths[:-1], widths[1:], strides, strict=True)
        )
        self.norms = nn.ModuleList(make_norm(norm, width) for width in widths[1:])
        for conv in self.convs:
            draw(conv)  # pyright: ignore[reportArgumentType]

    def forward(self, x: Tensor) -> Tensor:
        for step in self.walk(x):
            x = step.output
        return x

    def walk(self, x: Tensor) -> Generator[Convolved, None, Tensor]:
        """Yield each convolution's step, and return the last one's output."""
        for index, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            convolved = conv(x)
            normed = norm(convolved)
            x = F.gelu(normed)
            yield Convolved(f"stem {index}", convolved, normed, x)
        return x
