"""A Transformer block with relative attention on a feature map, as in CoAtNet's last stages.

    y = S(x) + Attention(P(LN(x))),     z = y + MLP(LN(y))
    Attention(Q, K, V) = softmax(Q Kᵀ / √d + B) V                  (3)

B[i, j] is learned for the offset between the places i and j alone, as a depthwise convolution's
kernel is, and as wide as the map. In a stage's first block P is the mean over 2×2 places, and S
the same with a 1×1 convolution to the new dim. Source: Dai et al., NeurIPS 2021, arXiv
2106.04803, section 2.1 and equation (4) (with pooling by maximum; here by mean, as in timm).
"""

from collections import OrderedDict
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.attention import MultiHead, multi_head
from vitexplain.compare.coatnet_config import CoAtNetConfig
from vitexplain.compare.mbconv import Shortcut
from vitexplain.compare.network import PlaceNorm
from vitexplain.compare.relative import RelativeBias
from vitexplain.trace import Layer


@dataclass(frozen=True, eq=False)
class AttentionBlock:
    """One block of relative attention, equation (3)."""

    name: str  # "stage 2 block 0", …
    stage: int
    index: int
    input: Float[Tensor, "batch dim_in row_in col_in"]
    shortcut: Float[Tensor, "batch dim row col"]  # S(input)
    normed: Float[Tensor, "batch dim_in row col"]  # P(LN(input))
    bias: Float[Tensor, "head query key"]  # B, added to the scaled scores
    attention: MultiHead  # of all places, row by row
    mixed: Float[Tensor, "batch dim row col"]  # attention.output as a map
    residual: Float[Tensor, "batch dim row col"]  # shortcut + mixed: y
    normed_mlp: Float[Tensor, "batch dim row col"]  # LN(residual)
    hidden: Float[Tensor, "batch mlp_dim row col"]
    activated: Float[Tensor, "batch mlp_dim row col"]  # GELU(hidden)
    mlp: Float[Tensor, "batch dim row col"]
    output: Float[Tensor, "batch dim row col"]  # residual + mlp: z

    @property
    def layer(self) -> Layer:
        """What attention did."""
        grid = self.normed.shape[2], self.normed.shape[3]
        return Layer.of(self.attention, self.name, bias=self.bias, grid=grid)


class RelativeBlock(nn.Module):
    """Relative attention, then an MLP at each place; maps in and out."""

    def __init__(self, config: CoAtNetConfig, dim: int, stage: int, index: int) -> None:
        super().__init__()
        self.stage, self.index = stage, index
        out = config.dims[stage]
        stride = config.strides[stage] if index == 0 else 1
        self.shortcut = Shortcut(dim, out, stride)
        norm = PlaceNorm(dim, EPS)
        down = nn.Sequential(OrderedDict(norm=norm, down=nn.AvgPool2d(stride)))
        self.norm1 = down if stride > 1 else norm
        self.attn = RelativeAttention(dim, out, out // config.head_dim, config.grid(stage))
        self.norm2 = PlaceNorm(out, EPS)
        self.mlp = MapMLP(out, config.expansion * out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.shortcut(x) + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))

    def step(self, x: Tensor) -> AttentionBlock:
        """Return the same block with every intermediate."""
        shortcut = self.shortcut(x)
        normed = self.norm1(x)
        bias = self.attn.rel_pos.bias()
        attention = self.attn.attend(normed)
        mixed = attention.output.mT.unflatten(-1, normed.shape[2:])
        residual = shortcut + mixed
        normed_mlp = self.norm2(residual)
        hidden = self.mlp.fc1(normed_mlp)
        activated = F.gelu(hidden)
        mlp = self.mlp.fc2(activated)
        return AttentionBlock(
            f"stage {self.stage} block {self.index}", self.stage, self.index, x, shortcut,
            normed, bias, attention, mixed, residual, normed_mlp, hidden, activated, mlp,
            residual + mlp,
        )  # fmt: skip


EPS = 1e-6  # of every LayerNorm


class RelativeAttention(nn.Module):
    """Multi-head self-attention of all places of a map, with a bias for every offset.

    Queries, keys and values have the dim that goes out. The 1×1 convolution `qkv` gives them
    head by head, q, k, v of each, as in timm.
    """

    def __init__(self, dim: int, out: int, heads: int, grid: tuple[int, int]) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Conv2d(dim, 3 * out, 1)
        self.rel_pos = RelativeBias(grid, heads)
        self.proj = nn.Conv2d(out, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        parts = self.qkv(x).unflatten(1, (self.heads, 3, -1)).flatten(4).mT
        query, key, value = parts.unbind(2)  # (batch, head, token, dim)
        bias = self.rel_pos.bias()[None]
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return self.proj(mixed.mT.flatten(1, 2).unflatten(-1, x.shape[2:]))

    def attend(self, x: Float[Tensor, "batch dim row col"]) -> MultiHead:
        """Return the same attention with every intermediate."""
        q, k, v = (weight[:, :, 0, 0].T for weight in self.by_part(self.qkv.weight))
        assert self.qkv.bias is not None
        b_q, b_k, b_v = self.by_part(self.qkv.bias)
        return multi_head(
            x.flatten(2).mT, q, k, v, self.proj.weight[:, :, 0, 0].T, heads=self.heads,
            b_q=b_q, b_k=b_k, b_v=b_v, b_o=self.proj.bias, bias=self.rel_pos.bias(),
        )  # fmt: skip

    def by_part(self, parameter: Tensor) -> list[Tensor]:
        """Return what belongs to queries, keys and values, each with its heads in order."""
        parts = parameter.unflatten(0, (self.heads, 3, -1)).unbind(1)
        return [part.flatten(0, 1) for part in parts]


class MapMLP(nn.Module):
    """Two linear layers with a GELU between them, at each place of a map alone."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(dim, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))
