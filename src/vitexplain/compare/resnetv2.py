"""The residual network inside the ViT paper's hybrid: standardised kernels and GroupNorm.

    ŵ = (w − mean) / √(variance + ε),  over the numbers of each output channel's kernel

GroupNorm and standardised kernels take the place of BatchNorm (Dosovitskiy et al., ICLR 2021,
arXiv 2010.11929, section 4.1, after BiT: Kolesnikov et al., ECCV 2020, arXiv 1912.11370). The
blocks are those of ResNet v1.5, with each norm after its convolution. timm calls it `ResNetV2`,
and submodules are named as there. Padding is TensorFlow's "same": where it cannot be even, the
odd row and column are below and on the right.
"""

from collections.abc import Iterator, Sequence
from math import gcd

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.resnet import Block, Layer, Stem

__all__ = ["Block", "Layer", "ResNetV2", "StandardisedConv", "Stem", "pad_same", "standardised"]


class ResNetV2(nn.Module):
    """The feature map of images, (batch, dim, row, col); no readout.

    Args:
        channels: of the images.
        depths: blocks of each stage; all but the first halve rows and columns.
        width: channels that leave the stem; stage i gives 4 · 2ⁱ times as many.
        stem: "imagenet", 7×7 stride 2 and a pool of stride 2, or "small", 3×3 stride 1.
    """

    def __init__(self, channels: int, depths: Sequence[int], width: int, stem: str) -> None:
        super().__init__()
        self.stem = nn.ModuleDict(
            {
                "conv": StandardisedConv(
                    channels, width, *((7, 2) if stem == "imagenet" else (3, 1))
                ),
                "norm": group_norm(width),
            }
        )
        self.pools = stem == "imagenet"
        stages, dim = [], width
        for stage, depth in enumerate(depths):
            out = 4 * width * 2**stage
            blocks = []
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(Bottleneck(dim, out, stride, stage, index))
                dim = out
            stages.append(nn.ModuleDict({"blocks": nn.Sequential(*blocks)}))
        self.stages = nn.ModuleList(stages)
        self.dim = dim  # channels of the map

    def forward(self, images: Tensor) -> Tensor:
        x = self.pool(F.relu(self.stem["norm"](self.stem["conv"](images))))
        for block in self.blocks():
            x = block(x)
        return x

    def walk(self, images: Tensor) -> Iterator[Stem | Block]:
        """Yield the stem and each block with its intermediates; the last output is the map."""
        convolved = self.stem["conv"](images)
        normed = self.stem["norm"](convolved)
        layer = Layer(convolved, normed, F.relu(normed))
        step = Stem("stem", layer, self.pool(layer.output))
        x = step.output
        yield step
        del layer, convolved, normed
        for block in self.blocks():
            del step  # before the next is computed
            step = block.step(x)
            x = step.output
            yield step

    def blocks(self) -> Iterator["Bottleneck"]:
        """Yield every block, in order."""
        for stage in self.stages:
            yield from stage["blocks"]  # pyright: ignore

    def pool(self, x: Tensor) -> Tensor:
        """Return the largest of each 3×3, stride 2, where the stem has a pool."""
        return F.max_pool2d(pad_same(x, 3, 2, -torch.inf), 3, 2) if self.pools else x


class Bottleneck(nn.Module):
    """ReLU(F(x) + S(x)), with F a 1×1, a 3×3 and a 1×1 convolution, each with its norm."""

    def __init__(self, dim: int, out: int, stride: int, stage: int, index: int) -> None:
        super().__init__()
        self.stage, self.index = stage, index
        width = out // 4
        self.conv1, self.norm1 = StandardisedConv(dim, width, 1), group_norm(width)
        self.conv2, self.norm2 = StandardisedConv(width, width, 3, stride), group_norm(width)
        self.conv3, self.norm3 = StandardisedConv(width, out, 1), group_norm(out)
        self.downsample = None
        if index == 0:
            convolution = {"conv": StandardisedConv(dim, out, 1, stride), "norm": group_norm(out)}
            self.downsample = nn.ModuleDict(convolution)

    def forward(self, x: Tensor) -> Tensor:
        residual = F.relu(self.norm1(self.conv1(x)))
        residual = F.relu(self.norm2(self.conv2(residual)))
        return F.relu(self.norm3(self.conv3(residual)) + self.shortcut(x))

    def shortcut(self, x: Tensor) -> Tensor:
        """Return S(x): a 1×1 convolution and a norm in a stage's first block, else x."""
        if self.downsample is None:
            return x
        return self.downsample["norm"](self.downsample["conv"](x))

    def step(self, x: Tensor) -> Block:
        """Return the same block with every intermediate."""
        layers, residual = [], x
        for i in (1, 2, 3):
            convolved = self.get_submodule(f"conv{i}")(residual)
            normed = self.get_submodule(f"norm{i}")(convolved)
            residual = F.relu(normed) if i < 3 else normed
            layers.append(Layer(convolved, normed, residual))
        shortcut = self.shortcut(x)
        name = f"stage {self.stage} block {self.index}"
        output = F.relu(residual + shortcut)
        return Block(name, self.stage, self.index, x, tuple(layers), residual, shortcut, output)


class StandardisedConv(nn.Conv2d):
    """A convolution whose kernels are standardised each time, without bias, padded "same".

    Source: Qiao et al. 2019, arXiv 1903.10520.
    """

    def __init__(self, width: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__(width, out, kernel, stride, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        padded = pad_same(input, self.kernel_size[0], self.stride[0])
        return F.conv2d(padded, standardised(self.weight), stride=self.stride)


def standardised(
    weight: Float[Tensor, "out width row col"], eps: float = 1e-8
) -> Float[Tensor, "out width row col"]:
    """Return the kernels with mean 0 and variance 1 for each output channel.

    As a batch norm without memory, of one example that has all the numbers of a kernel.
    """
    flat = F.batch_norm(weight.flatten(1)[None], None, None, training=True, eps=eps)
    return flat.view_as(weight)


def pad_same(
    x: Float[Tensor, "batch width row col"], kernel: int, stride: int, value: float = 0.0
) -> Float[Tensor, "batch width row_out col_out"]:
    """Return the map padded so that the kernel, at that stride, gives ⌈side / stride⌉ places."""
    pads = []
    for side in (x.shape[-1], x.shape[-2]):  # F.pad takes columns first
        total = max(0, (-(-side // stride) - 1) * stride + kernel - side)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value) if any(pads) else x


def group_norm(width: int) -> nn.GroupNorm:
    """Return a norm over up to 32 groups of channels (Wu and He 2018, arXiv 1803.08494)."""
    return nn.GroupNorm(gcd(32, width), width)
