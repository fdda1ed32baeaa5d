"""MaxViT: in every block a convolution, attention in windows, and attention across a sparse grid.

CoAtNet's MBConv comes first; then places attend inside windows of 7×7, then to places spread over
the whole map, one from every cell of a 7×7 raster. So after one block each has heard of all, at a
cost that grows as the number of places does. Source: Tu et al., "MaxViT: Multi-Axis Vision
Transformer", ECCV 2022, arXiv 2204.01697, section 3.

Parameters and outputs are those of timm's `maxvit_tiny_tf_224`, which follows the authors' code;
only the tables of relative positions count from query to key, as Swin's do, not the other way.
"""

from typing import Any, ClassVar

from torch import Tensor, nn

from vitexplain.compare.coatnet import CoAtNet
from vitexplain.compare.coatnet_block import MBConv
from vitexplain.compare.coatnet_config import MAXVITS, MaxViTConfig
from vitexplain.compare.swin_block import WindowAttention, WindowBlock
from vitexplain.vit.forward import Note, unnoted
from vitexplain.vit.module import MLP

__all__ = ["MAXVITS", "MaxViT", "MaxViTConfig"]


class AxisBlock(WindowBlock):
    """Attention in windows or across a sparse grid, then an MLP; (batch, dim, row, col) in and out.

    In between, and in the step's other fields, channels are last.
    """

    def __init__(self, config: MaxViTConfig, stage: int, index: int, part: str) -> None:
        dim, window, grid = config.dims[stage], (config.window, config.window), config.grid(stage)
        attn = WindowAttention(dim, dim // config.head_dim, window, grid, sparse=part == "grid")
        mlp = MLP(dim, config.expansion * dim, config.activation)
        super().__init__(attn, mlp, dim, stage, index, part, config.eps[1])

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        return super().forward(x.movedim(1, -1), note).movedim(-1, 1)


class MaxViTBlock(nn.Module):
    """The three parts of a block, named as in timm; each is a step of the walk."""

    def __init__(self, config: MaxViTConfig, dim: int, stage: int, index: int) -> None:
        super().__init__()
        self.conv = MBConv(config, dim, stage, index, "convolution")
        self.attn_block = AxisBlock(config, stage, index, "window")
        self.attn_grid = AxisBlock(config, stage, index, "grid")


class MaxViT(CoAtNet):
    """A MaxViT of any size: a CoAtNet each of whose blocks convolves and attends in two ways."""

    blocks: ClassVar[dict[str, Any]] = {"M": MaxViTBlock}
