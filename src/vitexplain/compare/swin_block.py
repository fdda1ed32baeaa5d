"""A block of the Swin Transformer, and the merge between two stages.

    z' = W-MSA(LN(z)) + z,     z = MLP(LN(z')) + z'                (3)
    Attention(Q, K, V) = softmax(Q Kᵀ / √d + B) V                  (4)

in each window of the map; every second block's windows are shifted by half a window. Source:
Liu et al., ICCV 2021, arXiv 2103.14030, section 3.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.attention import merge_heads, multi_head, split_heads
from vitexplain.compare.network import Part, Taken
from vitexplain.compare.relative import Attended, Attending, RelativeBias
from vitexplain.compare.swin_config import SwinConfig
from vitexplain.trace import Layer
from vitexplain.vit.forward import Note, unnoted
from vitexplain.vit.module import MLP
from vitexplain.windows import partition, shifted_mask, unpartition, window_places


@dataclass(frozen=True, eq=False, kw_only=True)
class Block(Attended):
    """One block, equations (3) and (4), its maps (batch, row, col, dim).

    `attention` is of each window: (batch, window, head, query, key).
    """

    window: tuple[int, int]  # rows and columns of a window
    shift: tuple[int, int]  # how far the windows are moved down and to the right
    windows: Float[Tensor, "batch window token dim"]  # normed, shifted and cut
    mask: Bool[Tensor, "window 1 query key"] | None  # true where a query may attend to a key

    @property
    def layer(self) -> Layer:
        """What attention did in each window, and which token stands where."""
        grid = self.input.shape[1], self.input.shape[2]
        rows, cols = self.window
        down, right = self.shift
        moved = f", shifted by {down}" + (f" and {right}" if down != right else "")
        return Layer.of(
            self.attention, self.name, bias=self.bias, grid=grid,
            places=window_places(grid, self.window, self.shift),
            note=f"Windows of {rows} × {cols}{moved if any(self.shift) else ''}",
        )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Merge(Taken):
    """Between two stages: 2 × 2 places become one, of twice the dim (section 3.1)."""

    gathered: Float[Tensor, "batch row col four_dims"]  # 2 × 2 places, column by column
    normed: Float[Tensor, "batch row col four_dims"]
    output: Float[Tensor, "batch row col dim"]


class SwinBlock(Attending):
    """Attention in windows, then an MLP; (batch, row, col, dim) in and out."""

    kind = Block

    def __init__(self, config: SwinConfig, stage: int, index: int) -> None:
        window, shift = config.window_of(stage), config.shift_of(stage, index)
        super().__init__(stage, index, window=window, shift=shift)
        dim = config.dims[stage]
        self.shortcut = nn.Identity()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = WindowAttention(config, stage, index)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLP(dim, int(config.mlp_ratio * dim))


class WindowAttention(RelativeBias):
    """Multi-head self-attention inside each window of a map, (batch, row, col, dim)."""

    mask: Tensor | None

    def __init__(self, config: SwinConfig, stage: int, index: int) -> None:
        dim, heads, window = config.dims[stage], config.heads[stage], config.window_of(stage)
        super().__init__(window, heads, learned=config.relative)
        self.heads, self.window, self.shift = heads, window, config.shift_of(stage, index)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        mask = None
        if any(self.shift):
            cut = shifted_mask(config.grid(stage), self.window, self.shift)
            mask = torch.as_tensor(cut)[:, None]
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        windows = note("windows", self.cut(x))
        mixed = self.fused(windows) if note is unnoted else self.attend(windows, note)
        return note("mixed", self.join(mixed, x))

    def fused(self, windows: Tensor) -> Tensor:
        """Return the output of attention by torch's fused kernel, which keeps no weights.

        The heads of all windows stand side by side, as if one place had window × head heads: so
        biases and masks are the same for the whole batch.
        """
        count = windows.shape[1]
        parts = (
            split_heads(part, self.heads).flatten(1, 2) for part in self.qkv(windows).chunk(3, -1)
        )
        mixed = F.scaled_dot_product_attention(*parts, attn_mask=self.pairwise(count))
        return self.proj(merge_heads(mixed.unflatten(1, (count, self.heads))))

    def pairwise(self, windows: int) -> Shaped[Tensor, "window_head query key"] | None:
        """Return the bias with -∞ where the mask is false, or either alone."""
        bias = self.bias()
        if self.mask is None:
            return None if bias is None else bias.repeat(windows, 1, 1)
        if bias is None:
            return self.mask.repeat(1, self.heads, 1, 1).flatten(0, 1)
        return torch.where(self.mask, bias, -torch.inf).flatten(0, 1)

    def attend(self, windows: Tensor, note: Note) -> Tensor:
        """Return the same with every intermediate noted."""
        q, k, v = self.qkv.weight.chunk(3)
        b_q, b_k, b_v = self.qkv.bias.chunk(3)
        attention = multi_head(
            windows, q.T, k.T, v.T, self.proj.weight.T, heads=self.heads,
            b_q=b_q, b_k=b_k, b_v=b_v, b_o=self.proj.bias,
            mask=note("mask", self.mask), bias=note("bias", self.bias()),
        )  # fmt: skip
        return note("attention", attention).output

    def cut(self, x: Float[Tensor, "batch row col dim"]) -> Float[Tensor, "batch window token dim"]:
        """Return the windows of the map rolled up and left: (i, j) holds (i, j) + shift."""
        return partition(self.rolled(x, -1), self.window)

    def join(self, windows: Tensor, like: Tensor) -> Float[Tensor, "batch row col dim"]:
        """Return the map of those windows, rolled back, as large as `like`."""
        return self.rolled(unpartition(windows, (like.shape[1], like.shape[2]), self.window), 1)

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
