"""ConvNeXt: a pure convolutional network, modernised step by step towards a Transformer's shape.

    y = x + γ · MLP(LN(DW(x)))

DW is a depthwise convolution, 7×7 on each channel alone, which mixes positions; the MLP mixes
channels at each position alone, as a Transformer's. There is no attention: the kernels are the
same for every image. γ is a learned factor for each channel, the layer scale.
Source: Liu et al., "A ConvNet for the 2020s", CVPR 2022, arXiv 2201.03545, sections 2.2 to 2.6
and Figure 4. Every submodule is named as in timm's `ConvNeXt`.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn, ones

from vitexplain.compare.convnext_config import CONVNEXTS, ConvNeXtConfig
from vitexplain.compare.network import (
    Head,
    Network,
    Numbered,
    Part,
    PlaceNorm,
    Readout,
    Taken,
    TakenBlock,
    stage_of,
)
from vitexplain.moved import tell
from vitexplain.vit.forward import Note, unnoted
from vitexplain.vit.module import MLP

__all__ = [
    "CONVNEXTS", "Block", "ConvNeXt", "ConvNeXtConfig", "Downsample", "Readout", "Stem", "Step",
]  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Stem(Taken):
    """The image cut into patches, each projected: the same as ViT's, but 4×4 and normed."""

    projected: Float[Tensor, "batch width row col"]
    output: Float[Tensor, "batch width row col"]  # LN(projected), over the channels


@dataclass(frozen=True, eq=False, kw_only=True)
class Downsample(Taken):
    """Between two stages: half as many rows and columns, more channels."""

    stage: int  # into which it leads
    normed: Float[Tensor, "batch width_in row_in col_in"]
    output: Float[Tensor, "batch width row col"]  # a 2×2 convolution of stride 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Block(TakenBlock):
    """One residual block; positions are mixed in `mixed` and nowhere else."""

    mixed: Float[Tensor, "batch width row col"]  # DW(input)
    normed: Float[Tensor, "batch row col width"]  # LN(mixed), channels last from here
    hidden: Float[Tensor, "batch row col mlp_dim"]  # first layer of the MLP
    activated: Float[Tensor, "batch row col mlp_dim"]  # GELU(hidden)
    mlp: Float[Tensor, "batch row col width"]  # second layer of the MLP
    scaled: Float[Tensor, "batch width row col"]  # γ · mlp, channels first again
    output: Float[Tensor, "batch width row col"]  # input + scaled


Step = Stem | Downsample | Block | Readout


class ConvNeXt(Network):
    """A ConvNeXt of any size. Pixels that fill no whole patch are dropped, as timm drops them."""

    stem_kind = Stem

    def __init__(self, config: ConvNeXtConfig) -> None:
        super().__init__(config)
        width, patch = config.widths[0], config.patch
        projection = nn.Conv2d(config.channels, width, patch, patch)
        self.stem = nn.Sequential(projection, PlaceNorm(width, config.eps))
        self.stages = nn.ModuleList()
        for stage, (depth, out) in enumerate(zip(config.depths, config.widths, strict=True)):
            smaller = Downsampling(config, width, out, stage) if stage else None
            blocks: list[nn.Module] = [ConvNeXtBlock(config, out, stage, i) for i in range(depth)]
            self.stages.append(stage_of(blocks, smaller))
            width = out
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

    def begin(self, images: Tensor, note: Note = unnoted) -> Tensor:
        return self.stem[1](note("projected", self.stem[0](images)))


class Downsampling(Part):
    """A norm, then a 2×2 convolution of stride 2."""

    kind = Downsample

    def __init__(self, config: ConvNeXtConfig, width: int, out: int, stage: int) -> None:
        super().__init__(f"downsample {stage}", stage=stage)
        self.add_module("0", PlaceNorm(width, config.eps))
        self.add_module("1", nn.Conv2d(width, out, 2, 2))

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        norm, convolution = self.children()
        return convolution(note("normed", norm(x)))


class ConvNeXtBlock(Numbered):
    """x + γ · MLP(LN(DW(x))); (batch, width, row, col) in and out."""

    kind = Block

    def __init__(self, config: ConvNeXtConfig, width: int, stage: int, index: int) -> None:
        super().__init__(stage, index)
        k = config.kernel
        self.conv_dw = nn.Conv2d(width, width, k, padding=k // 2, groups=width)
        self.norm = nn.LayerNorm(width, config.eps)
        self.mlp = MLP(width, config.mlp_ratio * width)
        self.gamma = nn.Parameter(ones(width))

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        mixed = note("mixed", self.conv_dw(x))
        normed = note("normed", self.norm(mixed.movedim(1, -1)))
        return x + note("scaled", (self.gamma * self.mlp(normed, note)).movedim(-1, 1))


tell(globals())
