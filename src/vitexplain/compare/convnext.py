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
from itertools import chain

from jaxtyping import Float
from torch import Tensor, nn, ones
from torch.nn import functional as F

from vitexplain.compare.convnext_config import CONVNEXTS, ConvNeXtConfig
from vitexplain.compare.network import Head, Network, PlaceNorm, Readout, Stage
from vitexplain.moved import tell
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


Step = Stem | Downsample | Block | Readout


class ConvNeXt(Network):
    """A ConvNeXt of any size, with random weights until others are loaded.

    `convnext(images)` gives logits, (batch, classes), for images (batch, channel, row, col);
    `convnext.walk(images)` yields the same computation by name. Pixels that fill no whole patch
    are dropped, as timm drops them. There is no stochastic depth.
    """

    def __init__(self, config: ConvNeXtConfig) -> None:
        super().__init__(config)
        width, patch = config.widths[0], config.patch
        projection = nn.Conv2d(config.channels, width, patch, patch)
        self.stem = nn.Sequential(projection, PlaceNorm(width, config.eps))
        stages = []
        for stage, (depth, out) in enumerate(zip(config.depths, config.widths, strict=True)):
            smaller = Downsampling(config, width, out, stage) if stage else None
            blocks: list[nn.Module] = [ConvNeXtBlock(config, out, stage, i) for i in range(depth)]
            stages.append(Stage(blocks, smaller))
            width = out
        self.stages = nn.ModuleList(stages)
        self.head = Head(config.dim, config.classes, config.eps)
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

    def check(self, images: Tensor) -> None:
        """Raise ValueError unless images have the config's channels and make a last map at all."""
        super().check(images)
        smallest = self.config.patch * 2 ** (len(self.config.depths) - 1)
        if min(images.shape[2:]) < smallest:
            rows, cols = images.shape[2:]
            raise ValueError(
                f"images must have sides of at least {smallest} pixels, got {rows}×{cols}"
            )

    def begin(self, images: Tensor) -> Stem:
        projected = self.stem[0](images)
        return Stem("stem", projected, self.stem[1](projected))

    def parts(self) -> Iterator[nn.Module]:
        return chain.from_iterable(stage.parts() for stage in self.stages)  # pyright: ignore

    def read(self, x: Tensor) -> Readout:
        return self.head.step(x)


class Downsampling(nn.Sequential):
    """A norm, then a 2×2 convolution of stride 2."""

    def __init__(self, config: ConvNeXtConfig, width: int, out: int, stage: int) -> None:
        super().__init__(PlaceNorm(width, config.eps), nn.Conv2d(width, out, 2, 2))
        self.stage = stage

    def step(self, x: Tensor) -> Downsample:
        """Return the same with every intermediate."""
        normed = self[0](x)
        return Downsample(f"downsample {self.stage}", self.stage, normed, self[1](normed))


class ConvNeXtBlock(nn.Module):
    """x + γ · MLP(LN(DW(x))); (batch, width, row, col) in and out."""

    def __init__(self, config: ConvNeXtConfig, width: int, stage: int, index: int) -> None:
        super().__init__()
        self.stage, self.index, k = stage, index, config.kernel
        self.conv_dw = nn.Conv2d(width, width, k, padding=k // 2, groups=width)
        self.norm = nn.LayerNorm(width, config.eps)
        self.mlp = MLP(width, config.mlp_ratio * width)
        self.gamma = nn.Parameter(ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return self.step(x).output

    def step(self, x: Tensor) -> Block:
        """Return the block with every intermediate."""
        mixed = self.conv_dw(x)
        normed = self.norm(mixed.movedim(1, -1))
        hidden = self.mlp.fc1(normed)
        activated = F.gelu(hidden)
        mlp = self.mlp.fc2(activated)
        scaled = (self.gamma * mlp).movedim(-1, 1)
        return Block(
            f"stage {self.stage} block {self.index}", self.stage, self.index, x, mixed, normed,
            hidden, activated, mlp, scaled, x + scaled,
        )  # fmt: skip


tell(globals())
