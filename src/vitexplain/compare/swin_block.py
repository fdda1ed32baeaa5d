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

from vitexplain.attention import MultiHead, merge_heads, multi_head, split_heads
from vitexplain.compare.relative import RelativeBias
from vitexplain.compare.swin_config import SwinConfig
from vitexplain.trace import Layer
from vitexplain.vit.module import MLP
from vitexplain.windows import partition, shifted_mask, unpartition, window_places


@dataclass(frozen=True, eq=False)
class Block:
    """One block, equations (3) and (4)."""

    name: str  # "stage 0 block 1", …
    stage: int
    index: int
    window: tuple[int, int]  # rows and columns of a window
    shift: tuple[int, int]  # how far the windows are moved down and to the right
    input: Float[Tensor, "batch row col dim"]
    normed: Float[Tensor, "batch row col dim"]  # LN(input)
    windows: Float[Tensor, "batch window token dim"]  # normed, shifted and cut
    bias: Float[Tensor, "head query key"] | None  # B, added to the scaled scores
    mask: Bool[Tensor, "window 1 query key"] | None  # true where a query may attend to a key
    attention: MultiHead  # of each window: (batch, window, head, query, key)
    mixed: Float[Tensor, "batch row col dim"]  # attention.output as a map, shifted back
    residual: Float[Tensor, "batch row col dim"]  # input + mixed: z'
    normed_mlp: Float[Tensor, "batch row col dim"]  # LN(residual)
    hidden: Float[Tensor, "batch row col mlp_dim"]
    activated: Float[Tensor, "batch row col mlp_dim"]  # GELU(hidden)
    mlp: Float[Tensor, "batch row col dim"]
    output: Float[Tensor, "batch row col dim"]  # residual + mlp: z

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


@dataclass(frozen=True, eq=False)
class Merge:
    """Between two stages: 2 × 2 places become one, of twice the dim (section 3.1)."""

    name: str  # "merge 1", before stage 1
    gathered: Float[Tensor, "batch row col four_dims"]  # 2 × 2 places, column by column
    normed: Float[Tensor, "batch row col four_dims"]
    output: Float[Tensor, "batch row col dim"]


class SwinBlock(nn.Module):
    """Attention in windows, then an MLP; (batch, row, col, dim) in and out."""

    def __init__(self, config: SwinConfig, stage: int, index: int) -> None:
        super().__init__()
        self.stage, self.index = stage, index
        dim = config.dims[stage]
        self.norm1 = nn.LayerNorm(dim)
        self.attn = WindowAttention(config, stage, index)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLP(dim, int(config.mlp_ratio * dim))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))

    def step(self, x: Tensor) -> Block:
        """Return the same block with every intermediate."""
        normed = self.norm1(x)
        windows = self.attn.cut(normed)
        bias, mask = self.attn.bias(), self.attn.mask
        attention = self.attn.attend(windows)
        mixed = self.attn.join(attention.output, normed)
        residual = x + mixed
        normed_mlp = self.norm2(residual)
        hidden = self.mlp.fc1(normed_mlp)
        activated = F.gelu(hidden)
        mlp = self.mlp.fc2(activated)
        return Block(
            f"stage {self.stage} block {self.index}", self.stage, self.index,
            self.attn.window, self.attn.shift, x, normed, windows, bias, mask, attention, mixed,
            residual, normed_mlp, hidden, activated, mlp, residual + mlp,
        )  # fmt: skip


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

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of attention by torch's fused kernel, which keeps no weights.

        The heads of all windows stand side by side, as if one place had window × head heads: so
        biases and masks are the same for the whole batch.
        """
        windows = self.cut(x)
        count = windows.shape[1]
        parts = (
            split_heads(part, self.heads).flatten(1, 2) for part in self.qkv(windows).chunk(3, -1)
        )
        mixed = F.scaled_dot_product_attention(*parts, attn_mask=self.pairwise(count))
        return self.join(self.proj(merge_heads(mixed.unflatten(1, (count, self.heads)))), x)

    def pairwise(self, windows: int) -> Shaped[Tensor, "window_head query key"] | None:
        """Return the bias with -∞ where the mask is false, or either alone."""
        bias = self.bias()
        if self.mask is None:
            return None if bias is None else bias.repeat(windows, 1, 1)
        if bias is None:
            return self.mask.repeat(1, self.heads, 1, 1).flatten(0, 1)
        return torch.where(self.mask, bias, -torch.inf).flatten(0, 1)

    def attend(self, windows: Tensor) -> MultiHead:
        """Return the attention of each window with every intermediate."""
        q, k, v = self.qkv.weight.chunk(3)
        b_q, b_k, b_v = self.qkv.bias.chunk(3)
        return multi_head(
            windows, q.T, k.T, v.T, self.proj.weight.T, heads=self.heads,
            b_q=b_q, b_k=b_k, b_v=b_v, b_o=self.proj.bias, mask=self.mask, bias=self.bias(),
        )  # fmt: skip

    def cut(self, x: Float[Tensor, "batch row col dim"]) -> Float[Tensor, "batch window token dim"]:
        """Return the windows of the map rolled up and left: (i, j) holds (i, j) + shift."""
        return partition(self.rolled(x, -1), self.window)

    def join(self, windows: Tensor, like: Tensor) -> Float[Tensor, "batch row col dim"]:
        """Return the map of those windows, rolled back, as large as `like`."""
        return self.rolled(unpartition(windows, (like.shape[1], like.shape[2]), self.window), 1)

    def rolled(self, x: Tensor, by: int) -> Tensor:
        """Return the map rolled by that many times the shift; what leaves comes in opposite."""
        return x.roll((by * self.shift[0], by * self.shift[1]), (1, 2)) if any(self.shift) else x


class PatchMerging(nn.Module):
    """2 × 2 places side by side, a norm, and a matrix that halves the channels (section 3.1)."""

    def __init__(self, config: SwinConfig, stage: int) -> None:
        super().__init__()
        self.stage = stage
        dim = config.dims[stage - 1]
        self.norm = nn.LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.reduction(self.norm(gather(x)))

    def step(self, x: Tensor) -> Merge:
        gathered = gather(x)
        normed = self.norm(gathered)
        return Merge(f"merge {self.stage}", gathered, normed, self.reduction(normed))


def gather(x: Float[Tensor, "batch row col dim"]) -> Float[Tensor, "batch row_2 col_2 four_dims"]:
    """Return the channels of each 2 × 2 places side by side, the left column's places first."""
    cells = x.unflatten(2, (-1, 2)).unflatten(1, (-1, 2))  # (batch, i, row, j, col, dim)
    return cells.permute(0, 1, 3, 4, 2, 5).flatten(3)
