"""Relative positions: a number for each offset between query and key, added to their score.

    softmax(Q Kᵀ / √d + B) V,   B[i, j] = table[offset from key j to query i]

Source: Liu et al., "Swin Transformer", ICCV 2021, arXiv 2103.14030, equation (4), where the
table has (2 rows − 1) (2 columns − 1) entries a head; CoAtNet's equation (3) is the same with
the offsets' numbers inside the softmax (Dai et al. 2021, arXiv 2106.04803).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.attention import MultiHead, attend, merge_heads
from vitexplain.compare.network import Numbered, TakenBlock
from vitexplain.moved import tell
from vitexplain.trace import Layer
from vitexplain.vit.forward import Note, unnoted


@dataclass(frozen=True, eq=False, kw_only=True)
class Attended(TakenBlock):
    """A block of relative attention and an MLP, its maps as the network lays them out."""

    shortcut: Float[Tensor, "batch *inner"] | float  # S(input); 0 where there is no way round
    normed: Float[Tensor, "batch *normed"]  # LN(input), as small as the shortcut
    bias: Float[Tensor, "head query key"] | None  # B, added to the scaled scores
    attention: MultiHead  # with every intermediate of every head
    mixed: Float[Tensor, "batch *inner"]  # attention.output as a map
    residual: Float[Tensor, "batch *inner"]  # shortcut + mixed: y
    normed_mlp: Float[Tensor, "batch *inner"]  # LN(residual)
    hidden: Float[Tensor, "batch *wide"]
    activated: Float[Tensor, "batch *wide"]  # GELU(hidden)
    mlp: Float[Tensor, "batch *inner"]
    output: Float[Tensor, "batch *map"]  # residual + mlp: z

    @property
    def layer(self) -> Layer:
        """What attention did, between all places of a map (batch, dim, row, col), or all tokens."""
        grid = (self.normed.shape[2], self.normed.shape[3]) if self.normed.ndim > 3 else None
        return Layer.of(self.attention, self.name, bias=self.bias, grid=grid)


class Attending(Numbered):
    """y = S(x) + attention(LN(x)), then y + MLP(LN(y)); S is what makes a map smaller, if any.

    Attention runs by torch's fused kernel unless its steps are noted.
    """

    def __init__(
        self, stage: int, index: int, attn: nn.Module, mlp: nn.Module,
        norms: tuple[nn.Module, nn.Module], shortcut: Any = None, part: str = "", **told: Any,
    ) -> None:  # fmt: skip
        super().__init__(stage, index, part, **told)
        self.shortcut = shortcut or nn.Identity()
        self.norm1, self.attn, self.norm2, self.mlp = norms[0], attn, norms[1], mlp

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        mixed = self.attn(note("normed", self.norm1(x)), note)
        residual = note("residual", note("shortcut", self.shortcut(x)) + mixed)
        return residual + self.mlp(note("normed_mlp", self.norm2(residual)), note)


def attended(
    query: Tensor, key: Tensor, value: Tensor, project: Callable[[Tensor], Tensor], note: Note, *,
    bias: Float[Tensor, "head query key"] | None,
    mask: Bool[Tensor, "window 1 query key"] | None = None,
) -> Float[Tensor, "batch *window query dim_out"]:  # fmt: skip
    """Return what attention mixes, projected: by torch's fused kernel, or with all steps noted.

    Query, key and value are (batch, …, head, token, dim). For the kernel the heads of all windows
    stand side by side, as if one place had them all: so biases and masks serve the whole batch.
    """
    if note is not unnoted:
        attention = attend(query, key, value, mask=mask, bias=bias)
        merged = merge_heads(attention.output)
        return note("attention", MultiHead(attention, merged, project(merged))).output
    if mask is not None:
        bias = mask if bias is None else torch.where(mask, bias, -torch.inf)
    heads = query.shape[1:-2]
    pairwise = None if bias is None else bias.expand(*heads, -1, -1).flatten(0, -3)
    parts = (part.flatten(1, -3) for part in (query, key, value))
    mixed = F.scaled_dot_product_attention(*parts, attn_mask=pairwise)
    return project(merge_heads(mixed.unflatten(1, heads)))


def at_tokens(layer: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a layer of maps, such as a 1×1 convolution, for tokens (batch, token, dim)."""
    return lambda tokens: layer(tokens.mT[..., None])[..., 0].mT


def offset_index(
    grid: tuple[int, int], *, stride: int = 1, mirrored: bool = False
) -> Int[Tensor, "query key"]:
    """Return, for each two places of a grid of (rows, columns), the number of their offset.

    The offset (query − key) of rows and of columns is counted from its least value, columns
    fastest: 0 is (1 − rows, 1 − columns), the last (rows − 1, columns − 1). Where it is
    `mirrored`, left is as right and up as down: 0 is (0, 0). Queries are each `stride`-th place.
    """
    rows, cols = grid

    def places(step: int) -> Tensor:
        axes = torch.arange(0, rows, step), torch.arange(0, cols, step)
        return torch.cartesian_prod(*axes).reshape(-1, 2)

    offset = places(stride)[:, None] - places(1)[None, :]
    if mirrored:
        return offset[..., 0].abs() * cols + offset[..., 1].abs()
    return (offset[..., 0] + rows - 1) * (2 * cols - 1) + offset[..., 1] + cols - 1


def count_offsets(grid: tuple[int, int], *, mirrored: bool = False) -> int:
    """Return how many offsets two places of a grid can have, (2 rows − 1) (2 columns − 1)."""
    return grid[0] * grid[1] if mirrored else (2 * grid[0] - 1) * (2 * grid[1] - 1)


class RelativeBias(nn.Module):
    """A table of zeros until learned or loaded, and the matrix of biases that it gives."""

    offsets: Tensor

    def __init__(
        self, grid: tuple[int, int], heads: int, *,
        learned: bool = True, stride: int = 1, mirrored: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        offsets = count_offsets(grid, mirrored=mirrored)
        table = nn.Parameter(torch.zeros(offsets, heads)) if learned else None
        self.relative_position_bias_table = table
        index = offset_index(grid, stride=stride, mirrored=mirrored)
        self.register_buffer("offsets", index, persistent=False)

    def bias(self) -> Float[Tensor, "head query key"] | Any:
        """Return B: for each query and key, the table's entry for their offset; None without."""
        table = self.relative_position_bias_table
        return None if table is None else table[self.offsets].permute(2, 0, 1)


tell(globals())
