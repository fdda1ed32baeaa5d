"""Relative positions: a number for each offset between query and key, added to their score.

    softmax(Q Kᵀ / √d + B) V,   B[i, j] = table[offset from key j to query i]

Source: Liu et al., "Swin Transformer", ICCV 2021, arXiv 2103.14030, equation (4), where the
table has (2 rows − 1) (2 columns − 1) entries a head; CoAtNet's equation (3) is the same with
the offsets' numbers inside the softmax (Dai et al. 2021, arXiv 2106.04803).
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vitexplain.attention import MultiHead
from vitexplain.compare.network import Numbered, TakenBlock
from vitexplain.moved import tell
from vitexplain.trace import Layer
from vitexplain.vit.forward import Note, unnoted


@dataclass(frozen=True, eq=False, kw_only=True)
class Attended(TakenBlock):
    """A block of relative attention and an MLP, its maps as the network lays them out."""

    shortcut: Float[Tensor, "batch *map"]  # S(input)
    normed: Float[Tensor, "batch *normed"]  # LN(input), as small as the shortcut
    bias: Float[Tensor, "head query key"] | None  # B, added to the scaled scores
    attention: MultiHead  # with every intermediate of every head
    mixed: Float[Tensor, "batch *map"]  # attention.output as a map
    residual: Float[Tensor, "batch *map"]  # shortcut + mixed: y
    normed_mlp: Float[Tensor, "batch *map"]  # LN(residual)
    hidden: Float[Tensor, "batch *wide"]
    activated: Float[Tensor, "batch *wide"]  # GELU(hidden)
    mlp: Float[Tensor, "batch *map"]
    output: Float[Tensor, "batch *map"]  # residual + mlp: z

    @property
    def layer(self) -> Layer:
        """What attention did."""
        raise NotImplementedError


class Attending(Numbered):
    """y = S(x) + attention(LN(x)), then y + MLP(LN(y)); S is what makes a map smaller, if any.

    Attention runs by torch's fused kernel unless its steps are noted.
    """

    shortcut: nn.Module
    norm1: nn.Module
    attn: nn.Module
    norm2: nn.Module
    mlp: nn.Module

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        mixed = self.attn(note("normed", self.norm1(x)), note)
        residual = note("residual", note("shortcut", self.shortcut(x)) + mixed)
        return residual + self.mlp(note("normed_mlp", self.norm2(residual)), note)


def offset_index(grid: tuple[int, int]) -> Int[Tensor, "query key"]:
    """Return, for each two places of a grid of (rows, columns), the number of their offset.

    The offset (query − key) of rows and of columns is counted from its least value, columns
    fastest: 0 is (1 − rows, 1 − columns), the last (rows − 1, columns − 1).
    """
    rows, cols = grid
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(cols)).reshape(-1, 2)
    offset = places[:, None] - places[None, :] + torch.tensor([rows - 1, cols - 1])
    return offset[..., 0] * (2 * cols - 1) + offset[..., 1]


def count_offsets(grid: tuple[int, int]) -> int:
    """Return how many offsets two places of a grid can have, (2 rows − 1) (2 columns − 1)."""
    return (2 * grid[0] - 1) * (2 * grid[1] - 1)


class RelativeBias(nn.Module):
    """A table of zeros until learned or loaded, and the matrix of biases that it gives."""

    offsets: Tensor

    def __init__(self, grid: tuple[int, int], heads: int, *, learned: bool = True) -> None:
        super().__init__()
        table = nn.Parameter(torch.zeros(count_offsets(grid), heads)) if learned else None
        self.relative_position_bias_table = table
        self.register_buffer("offsets", offset_index(grid), persistent=False)

    def bias(self) -> Float[Tensor, "head query key"] | Any:
        """Return B: for each query and key, the table's entry for their offset; None without."""
        table = self.relative_position_bias_table
        return None if table is None else table[self.offsets].permute(2, 0, 1)


tell(globals())
