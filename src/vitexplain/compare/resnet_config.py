"""A residual network's sizes, and the convolutions of its blocks.

Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016,
arXiv 1512.03385, Table 1.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from vitexplain.compare.sizes import Sizes


class Convolution(NamedTuple):
    """A convolution of kernel × kernel numbers that pads kernel // 2 on every side."""

    kernel: int
    stride: int
    width: int  # channels that come out


@dataclass(frozen=True)
class ResNetConfig(Sizes):
    """The sizes of a ResNet; the defaults are ResNet-50's.

    Raises:
        ValueError: a size is less than 1, the kernel is even, depths and widths differ in
            number, or a choice is unknown.
    """

    depths: tuple[int, ...] = (3, 4, 6, 3)  # blocks of each stage
    widths: tuple[int, ...] = (64, 128, 256, 512)  # channels of each stage's k×k convolutions
    block: Literal["bottleneck", "basic"] = "bottleneck"
    classes: int = 1000  # logits
    channels: int = 3
    stem: Literal["imagenet", "small"] = "imagenet"  # 7×7 stride 2 and a pool, or 3×3 stride 1
    norm: Literal["batch", "group", "place"] = "batch"
    kernel: int = 3  # k, side of the blocks' spatial convolutions
    stride: int = 2  # of every stage's first block, but the first stage's
    version: Literal["v1.5", "v1"] = "v1.5"  # a bottleneck's stride in its k×k, or first 1×1

    def __post_init__(self) -> None:
        super().__post_init__()
        self.equally_many("depths", "widths")
        self.odd("kernel")

    @property
    def first(self) -> Convolution:
        """The stem's convolution: 7×7 stride 2, before a pool, or 3×3 stride 1."""
        kernel, stride = (7, 2) if self.stem == "imagenet" else (3, 1)
        return Convolution(kernel, stride, self.widths[0])

    @property
    def expansion(self) -> int:
        """Channels that leave a block, as a multiple of its stage's width."""
        return 4 if self.block == "bottleneck" else 1

    @property
    def dim(self) -> int:
        """Channels of the last feature map."""
        return self.widths[-1] * self.expansion

    def blocks(self, stage: int) -> list[list[Convolution]]:
        """Return the convolutions on the long way through each block of a stage.

        The paper puts a bottleneck's stride into the first 1×1, which drops three of four
        positions unseen. "v1.5", which both torchvision and timm build, puts it into the k×k.
        """
        width, k = self.widths[stage], self.kernel
        blocks = []
        for index in range(self.depths[stage]):
            stride = self.stride if stage and not index else 1
            if self.block == "basic":
                convolutions = [(k, stride, width), (k, 1, width)]
            else:
                first, second = (stride, 1) if self.version == "v1" else (1, stride)
                convolutions = [(1, first, width), (k, second, width), (1, 1, 4 * width)]
            blocks.append([Convolution(*each) for each in convolutions])
        return blocks


RESNETS = {
    "resnet18": ResNetConfig(depths=(2, 2, 2, 2), block="basic"),
    "resnet34": ResNetConfig(block="basic"),
    "resnet50": ResNetConfig(),
    "resnet101": ResNetConfig(depths=(3, 4, 23, 3)),
    "resnet152": ResNetConfig(depths=(3, 8, 36, 3)),
}
"""The published sizes, strides as in v1.5; `dataclasses.replace` changes any of them."""
