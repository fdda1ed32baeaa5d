"""LeViT: convolutions make the tokens, then stages of attention, which itself shrinks the map.

    y = S(x) + BN(W_O Hardswish(softmax(Q Kᵀ / √d + B) V)),     z = y + MLP(y)

Q, K and V are 1×1 convolutions, each with a BatchNorm, as is every matrix here; values are twice
as wide as keys. B has a learned number for each distance in rows and columns: left is as right.
Between stages queries are of every second row and column, values four times as wide as keys, and
nothing goes round (S = 0). Source: Graham et al., "LeViT: a Vision Transformer in ConvNet's
Clothing for Faster Inference", ICCV 2021, arXiv 2104.01136, section 4.

Parameters and outputs are those of timm's `levit_128s`, where queries, keys and values are one.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.coatnet_block import AttentionBlock, MapMLP
from vitexplain.compare.levit_config import LEVITS, LeViTConfig
from vitexplain.compare.network import ConvNorm, Network, draw_all
from vitexplain.compare.relative import Attending, RelativeBias, at_tokens, attended
from vitexplain.vit.forward import Note, unnoted

__all__ = ["LEVITS", "LeViT", "LeViTConfig"]


class LeViT(Network):
    """A LeViT of any size; its logits are the mean of its readouts'."""

    def __init__(self, config: LeViTConfig) -> None:
        super().__init__(config)
        halvings = config.stem_stride.bit_length() - 1
        widths = [config.dims[0] >> after for after in reversed(range(halvings))]
        acts = [nn.Hardswish] * (halvings - 1) + [nn.Identity]
        pairs = zip(pairwise([config.channels, *widths]), acts, strict=True)
        self.stem = nn.Sequential(*(ConvNorm(*pair, 3, 2, act=act) for pair, act in pairs))
        self.blocks = nn.Sequential()
        for stage, stride in enumerate(config.strides):
            for index in range(config.depths[stage] + (stride > 1)):
                self.blocks.append(LeViTBlock(config, stage, index, 1 if index else stride))
        dim = config.dims[-1]
        self.head = Readouts(
            nn.Sequential(nn.BatchNorm1d(dim), nn.Linear(dim, config.classes))
            for _ in range(config.readouts)
        )
        draw_all(self)


class Readouts(nn.ModuleList):
    """The mean of what several say."""

    def forward(self, x: Tensor) -> Tensor:
        return sum(readout(x) for readout in self) / len(self)  # pyright: ignore


class LeViTBlock(Attending):
    """Attention, then an MLP; maps in and out. A stride shrinks the map: queries are fewer then."""

    kind = AttentionBlock

    def __init__(self, config: LeViTConfig, stage: int, index: int, stride: int) -> None:
        out, key, before = config.dims[stage], config.key_dim, stage - (stride > 1)
        dim = config.dims[before]
        heads, value = (dim // key, 4 * key) if stride > 1 else (config.heads[stage], 2 * key)
        attn = StridedAttention(dim, out, heads, key, value, config.grid(before), stride)
        mlp, norms = MapMLP(out, 2 * out, ConvNorm, F.hardswish), (nn.Identity(), nn.Identity())
        super().__init__(stage, index, attn, mlp, norms, nothing if stride > 1 else None)


def nothing(x: Tensor) -> float:
    """Return 0, of a way round a block where there is none."""
    return 0.0


class StridedAttention(nn.Module):
    """Multi-head attention of every `stride`-th row and column of a map to all its places."""

    def __init__(
        self, dim: int, out: int, heads: int, key: int, value: int, grid: tuple[int, int],
        stride: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.heads, self.stride, self.split = heads, stride, (key, value)
        self.q, self.kv = ConvNorm(dim, heads * key), ConvNorm(dim, heads * (key + value))
        self.rel_pos = RelativeBias(grid, heads, stride=stride, mirrored=True)
        self.proj = nn.Sequential(nn.Hardswish(), ConvNorm(heads * value, out))

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        few = self.q(x[..., :: self.stride, :: self.stride])
        query, both = (y.unflatten(1, (self.heads, -1)).flatten(3).mT for y in (few, self.kv(x)))
        bias, project = note("bias", self.rel_pos.bias()), at_tokens(self.proj)
        key, value = both.split(self.split, -1)
        mixed = attended(query, key, value, project, note, bias=bias)
        return note("mixed", mixed.mT.unflatten(-1, few.shape[2:]))
