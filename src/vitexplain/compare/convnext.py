"""ConvNeXt: a pure convolutional network, modernised step by step towards a Transformer's shape.

    y = x + γ · MLP(LN(DW(x)))

DW is a depthwise convolution, 7×7 on each channel alone, which mixes positions; the MLP mixes
channels at each position alone, as a Transformer's. There is no attention: the kernels are the
same for every image. γ is a learned factor for each channel, the layer scale.
Source: Liu et al., "A ConvNet for the 2020s", CVPR 2022, arXiv 2201.03545, sections 2.2 to 2.6
and Figure 4. Every submodule is named as in timm's `ConvNeXt`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn, ones
from torch.nn import functional as F

from vitexplain.compare.checks import check_images
from vitexplain.compare.convnext_config import CONVNEXTS, ConvNeXtConfig
from vitexplain.vit.module import MLP

__all__ = [
    "CONVNEXTS",
    "Block",
    "ConvNeXt",
    "ConvNeXtConfig",
    "Downsample",
    "Readout",
    "Stem",
    "Step",
]


@dataclass(frozen=True, eq=False)
class Stem:
    """The image cut into patches, each projected: the same as ViT's, but 4×4 and normed."""

    name: str  # "stem"
    projected: Float[Tensor, "batch width row col"]
    output: Float[Tensor, "batch width row col"]  # LN(projected), over the channels


@dataclass(frozen=True, eq=False)
class Downsample:
    """Between two stages: half as many rows and columns, more channels."""

    name: str  # "downsample 1", "downsample 2", … into that stage
    stage: int
    normed: Float[Tensor, "batch width_in row_in col_in"]
    output: Float[Tensor, "batch width row col"]  # a 2×2 convolution of stride 2


@dataclass(frozen=True, eq=False)
class Block:
    """One residual block; positions are mixed in `mixed` and nowhere else."""

    name: str  # "stage 0 block 0", …
    stage: int
    index: int
    input: Float[Tensor, "batch width row col"]
    mixed: Float[Tensor, "batch width row col"]  # DW(input)
    normed: Float[Tensor, "batch row col width"]  # LN(mixed), channels last from here
    hidden: Float[Tensor, "batch row col mlp_dim"]  # first layer of the MLP
    activated: Float[Tensor, "batch row col mlp_dim"]  # GELU(hidden)
    mlp: Float[Tensor, "batch row col width"]  # second layer of the MLP
    scaled: Float[Tensor, "batch width row col"]  # γ · mlp, channels first again
    output: Float[Tensor, "batch width row col"]  # input + scaled


@dataclass(frozen=True, eq=False)
class Readout:
    """The mean over all positions, a LayerNorm and a linear layer."""

    name: str  # "readout"
    pooled: Float[Tensor, "batch dim"]
    normed: Float[Tensor, "batch dim"]
    logits: Float[Tensor, "batch classes"]


Step = Stem | Downsample | Block | Readout


class ConvNeXt(nn.Module):
    """A ConvNeXt of any size, with random weights until others are loaded.

    `convnext(images)` gives logits, (batch, classes), for images (batch, channel, row, col);
    `convnext.walk(images)` yields the same computation by name. Pixels that fill no whole patch
    are dropped, as timm drops them. There is no stochastic depth.
    """

    def __init__(self, config: ConvNeXtConfig) -> None:
        super().__init__()
        self.config = config
        width, patch = config.widths[0], config.patch
        projection = nn.Conv2d(config.channels, width, patch, patch)
        self.stem = nn.Sequential(projection, MapNorm(width, config.eps))
        self.stages = nn.ModuleList(Stage(config, i) for i in range(len(config.depths)))
        self.head = Head(config)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights from N(0, 0.02²), as the authors' code does; biases start at 0."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()
            elif isinstance(module, ConvNeXtBlock):
                nn.init.constant_(module.gamma, self.config.scale)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channel, row, col).

        Raises:
            ValueError: the images are no batch, have another number of channels, or are
                smaller than one pixel of the last map.
        """
        return self.head(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """Return the last block's feature map, (batch, dim, row, col).

        Raises:
            ValueError: as `forward`.
        """
        self.check(images)
        x = self.stem(images)
        for stage in self.stages:
            x = stage(x)
        return x

    def walk(self, images: Tensor) -> Iterator[Step]:
        """Yield the steps of the forward pass in order: stem, blocks, down-samplings, readout.

        Each step is computed when it is asked for, and none is kept here.

        Raises:
            ValueError: as `forward`.
        """
        self.check(images)
        projected = self.stem[0](images)
        step = Stem("stem", projected, self.stem[1](projected))
        x = step.output
        yield step
        del step, projected
        for stage in self.stages:
            for step in stage.steps(x):  # pyright: ignore[reportCallIssue]
                x = step.output
                yield step
                del step  # before the next is computed
        yield self.head.step(x)

    def check(self, images: Tensor) -> None:
        """Raise ValueError unless the images fit the config."""
        check_images(images, self.config.channels)
        smallest = self.config.patch * 2 ** (len(self.config.depths) - 1)
        if min(images.shape[2:]) < smallest:
            rows, cols = images.shape[2:]
            raise ValueError(
                f"images must have sides of at least {smallest} pixels, got {rows}×{cols}"
            )

    def extra_repr(self) -> str:
        return repr(self.config)


class Stage(nn.Module):
    """A down-sampling, except in the first stage, then blocks of one width."""

    def __init__(self, config: ConvNeXtConfig, index: int) -> None:
        super().__init__()
        self.index = index
        width = config.widths[index]
        self.downsample = nn.Sequential()
        if index:
            before = config.widths[index - 1]
            self.downsample.append(MapNorm(before, config.eps))
            self.downsample.append(nn.Conv2d(before, width, 2, 2))
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config, width) for _ in range(config.depths[index])
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.downsample(x)
        for block in self.blocks:
            x = block(x)
        return x

    def steps(self, x: Tensor) -> Iterator[Downsample | Block]:
        """Yield the down-sampling, if any, and each block with every intermediate."""
        if self.index:
            normed = self.downsample[0](x)
            x = self.downsample[1](normed)
            yield Downsample(f"downsample {self.index}", self.index, normed, x)
            del normed
        for index, block in enumerate(self.blocks):
            step = block.step(x, self.index, index)  # pyright: ignore[reportCallIssue]
            x = step.output
            yield step
            del step


class ConvNeXtBlock(nn.Module):
    """x + γ · MLP(LN(DW(x))); (batch, width, row, col) in and out."""

    def __init__(self, config: ConvNeXtConfig, width: int) -> None:
        super().__init__()
        k = config.kernel
        self.conv_dw = nn.Conv2d(width, width, k, padding=k // 2, groups=width)
        self.norm = nn.LayerNorm(width, config.eps)
        self.mlp = MLP(width, config.mlp_ratio * width)
        self.gamma = nn.Parameter(ones(width))

    def forward(self, x: Tensor) -> Tensor:
        mlp = self.mlp(self.norm(self.conv_dw(x).movedim(1, -1)))  # channels last
        return x + (self.gamma * mlp).movedim(-1, 1)

    def step(self, x: Tensor, stage: int, index: int) -> Block:
        """Return the same block with every intermediate."""
        mixed = self.conv_dw(x)
        normed = self.norm(mixed.movedim(1, -1))
        hidden = self.mlp.fc1(normed)
        activated = F.gelu(hidden)
        mlp = self.mlp.fc2(activated)
        scaled = (self.gamma * mlp).movedim(-1, 1)
        return Block(
            f"stage {stage} block {index}", stage, index, x, mixed, normed,
            hidden, activated, mlp, scaled, x + scaled,
        )  # fmt: skip


class Head(nn.Module):
    """Mean over all positions, LayerNorm, linear layer."""

    def __init__(self, config: ConvNeXtConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.dim, config.eps)
        self.fc = nn.Linear(config.dim, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.norm(x.mean((2, 3))))

    def step(self, x: Tensor) -> Readout:
        """Return the same with every intermediate."""
        pooled = x.mean((2, 3))
        normed = self.norm(pooled)
        return Readout("readout", pooled, normed, self.fc(normed))


class MapNorm(nn.LayerNorm):
    """LayerNorm over the channels of a map, (batch, width, row, col) in and out."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)
