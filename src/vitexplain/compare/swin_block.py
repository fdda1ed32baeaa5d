"""A block of the Swin Transformer, and the merge between two stages.

    z' = W-MSA(LN(z)) + z,     z = MLP(LN(z')) + z'                (3)
    Attention(Q, K, V) = softmax(Q Kᵀ / √d + B) V                  (4)

in each window of the map; every second block's windows are shifted by half a window. Source:
Liu et al., ICCV 2021, arXiv 2103.14030, section 3.
"""

from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from vitexplain.attention import split_heads
from vitexplain.compare.network import Part, Taken
from vitexplain.compare.relative import Attended, Attending, RelativeBias, attended
from vitexplain.compare.swin_config import SwinConfig
from vitexplain.trace import Layer
from vitexplain.vit.forward import Note, unnoted
from vitexplain.vit.module import MLP
from vitexplain.windows import (
    Grid,
    comb,
    grid_places,
    partition,
    shifted_mask,
    uncomb,
    unpartition,
    window_places,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Block(Attended):
    """One block, equations (3) and (4), its maps (batch, row, col, dim).

    `attention` is of each window: (batch, window, head, query, key).
    """

    window: tuple[int, int]  # rows and columns of a window
    sparse: bool = False  # whether its places lie far apart, as in MaxViT's grid
    shift: tuple[int, int]  # how far the windows are moved down and to the right
    windows: Float[Tensor, "batch window token dim"]  # normed, shifted and cut
    mask: Bool[Tensor, "window 1 query key"] | None  # true where a query may attend to a key

    @property
    def layer(self) -> Layer:
        """What attention did in each window, and which token stands where."""
        grid = self.normed.shape[1], self.normed.shape[2]
        rows, cols = self.window
        down, right = self.shift
        said = f"{'Sparse grids' if self.sparse else 'Windows'} of {rows} × {cols}"
        moved = f", shifted by {down}" + (f" and {right}" if down != right else "")
        cut = grid_places if self.sparse else partial(window_places, shift=self.shift)
        return Layer.of(
            self.attention, self.name, bias=self.bias, grid=grid, places=cut(grid, self.window),
            note=said + moved * any(self.shift),
        )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Merge(Taken):
    """Between two stages: 2 × 2 places become one, of twice the dim (section 3.1)."""

    gathered: Float[Tensor, "batch row col four_dims"]  # 2 × 2 places, column by column
    normed: Float[Tensor, "batch row col four_dims"]
    output: Float[Tensor, "batch row col dim"]


class WindowBlock(Attending):
    """Attention in windows, then an MLP; (batch, row, col, dim) in and out."""

    kind = Block

    def __init__(
        self, attn: "WindowAttention", mlp: MLP, dim: int, stage: int, index: int, part: str = "",
        eps: float = 1e-5,
    ) -> None:  # fmt: skip
        norms = nn.LayerNorm(dim, eps), nn.LayerNorm(dim, eps)
        cut = {"window": attn.window, "shift": attn.shift, "sparse": attn.sparse}
        super().__init__(stage, index, attn, mlp, norms, part=part, **cut)


class SwinBlock(WindowBlock):
    """The same with the sizes of a Swin's config."""

    def __init__(self, config: SwinConfig, stage: int, index: int) -> None:
        dim = config.dims[stage]
        attn = WindowAttention(
            dim, config.heads[stage], config.window_of(stage), config.grid(stage),
            shift=config.shift_of(stage, index), learned=config.relative,
        )  # fmt: skip
        super().__init__(attn, MLP(dim, int(config.mlp_ratio * dim)), dim, stage, index)


class WindowAttention(RelativeBias):
    """Multi-head self-attention inside each window of a map, (batch, row, col, dim).

    A `sparse` window takes one place from each cell of a raster as large as the window: the grid
    of MaxViT.
    """

    mask: Tensor | None

    def __init__(
        self, dim: int, heads: int, window: Grid, grid: Grid, *,
        shift: Grid = (0, 0), sparse: bool = False, learned: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(window, heads, learned=learned)
        self.heads, self.window, self.shift, self.sparse = heads, window, shift, sparse
        self.apart = grid[0] // window[0], grid[1] // window[1]  # places of a sparse window
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        mask = torch.as_tensor(shifted_mask(grid, window, shift))[:, None] if any(shift) else None
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        windows = note("windows", self.cut(x))
        query, key, value = (
            split_heads(part, self.heads) for part in self.qkv(windows).chunk(3, -1)
        )
        mixed = attended(
            query, key, value, self.proj, note,
            bias=note("bias", self.bias()), mask=note("mask", self.mask),
        )  # fmt: skip
        return note("mixed", self.join(mixed, x))

    def cut(self, x: Float[Tensor, "batch row col dim"]) -> Float[Tensor, "batch window token dim"]:
        """Return the windows of the map rolled up and left: (i, j) holds (i, j) + shift."""
        if self.sparse:
            return comb(x, self.apart)
        return partition(self.rolled(x, -1), self.window)

    def join(self, windows: Tensor, like: Tensor) -> Float[Tensor, "batch row col dim"]:
        """Return the map of those windows, rolled back, as large as `like`."""
        grid = like.shape[1], like.shape[2]
        if self.sparse:
            return uncomb(windows, grid, self.apart)
        return self.rolled(unpartition(windows, grid, self.window), 1)

    def rolled(self, x: Tensor, by: int) -> Tensor:
        """Return the map rolled by that many times the shift; what leaves comes in opposite."""
        return x.roll((by * self.shift[0], by * self.shift[1]), (1, 2)) if any(self.shift) else x


class PatchMerging(Part):
    """2 × 2 places side by side, a norm, and a matrix that halves the channels (section 3.1)."""

    kind = Merge

    def __init__(self, config: SwinConfig, stage: int) -> None:
        super().__init__(f"merge {stage}")
        dim = config.dims[stage - 1]
        self.norm = nn.LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        return self.reduction(note("normed", self.norm(note("gathered", gather(x)))))


def gather(x: Float[Tensor, "batch row col dim"]) -> Float[Tensor, "batch row_2 col_2 four_dims"]:
    """Return the channels of each 2 × 2 places side by side, the left column's places first."""
    cells = x.unflatten(2, (-1, 2)).unflatten(1, (-1, 2))  # (batch, i, row, j, col, dim)
    return cells.permute(0, 1, 3, 4, 2, 5).flatten(3)
