"""The two blocks of CoAtNet, the inverted bottleneck and relative attention on a feature map.

    y = S(x) + W₃ (g ⊙ h),   h = GELU(BN(DW(GELU(BN(W₁ BN(x)))))),   g = SE(h)

W₁ and W₃ are 1×1 convolutions, DW a 3×3 depthwise one; g is a weight between 0 and 1 for each
channel, from the mean of h over all places. Sources: Sandler et al., MobileNetV2, CVPR 2018,
arXiv 1801.04381, section 3.3; squeeze-and-excitation: Hu et al., CVPR 2018, arXiv 1709.01507,
equations (2) to (4); the norm before it all: Dai et al., NeurIPS 2021, arXiv 2106.04803, A.1.

    y = S(x) + Attention(P(LN(x))),     z = y + MLP(LN(y))
    Attention(Q, K, V) = softmax(Q Kᵀ / √d + B) V                  (3)

B[i, j] is learned for the offset between the places i and j alone, as a depthwise convolution's
kernel is, and as wide as the map. Source: Dai et al., section 2.1 and equation (4).

In a stage's first block P is the mean over 2×2 places (in the paper the maximum; as in timm), and
S the same with a 1×1 convolution to the new dim.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.coatnet_config import CoAtNetConfig
from vitexplain.compare.network import Numbered, PlaceNorm, SameConv, TakenBlock, make_norm
from vitexplain.compare.relative import (
    Attended,
    Attending,
    RelativeBias,
    at_tokens,
    attended,
)
from vitexplain.moved import tell
from vitexplain.vit.forward import ACTIVATIONS, Note, mlp, unnoted


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvBlock(TakenBlock):
    """One inverted bottleneck."""

    shortcut: Float[Tensor, "batch dim row col"]  # S(input)
    normed: Float[Tensor, "batch dim_in row_in col_in"]
    expanded: Float[Tensor, "batch width row_mid col_mid"]  # after W₁, norm and GELU
    filtered: Float[Tensor, "batch width row col"]  # h, after DW, norm and GELU
    gates: Float[Tensor, "batch width 1 1"]  # g
    projected: Float[Tensor, "batch dim row col"]  # W₃ (g ⊙ h)
    output: Float[Tensor, "batch dim row col"]  # shortcut + projected


@dataclass(frozen=True, eq=False, kw_only=True)
class AttentionBlock(Attended):
    """One block of relative attention over all places, row by row; maps (batch, dim, row, col)."""


class MBConv(Numbered):
    """An inverted bottleneck; (batch, dim_in, row, col) in, (batch, dim, row, col) out."""

    kind = ConvBlock

    def __init__(
        self, config: CoAtNetConfig, dim: int, stage: int, index: int, part: str = ""
    ) -> None:
        super().__init__(stage, index, part)
        out = config.dims[stage]
        width = config.expansion * out
        stride = config.strides[stage] if index == 0 else 1
        first, second = (stride, 1) if config.stride_in == "expand" else (1, stride)
        self.shortcut = Shortcut(dim, out, stride)
        norm = partial(make_norm, config.norm, eps=config.eps[0])
        self.activation = ACTIVATIONS[config.activation]
        self.pre_norm = norm(dim)
        self.conv1_1x1 = nn.Conv2d(dim, width, 1, first, bias=False)
        self.norm1 = norm(width)
        conv = SameConv if config.same else partial(nn.Conv2d, padding=1)
        self.conv2_kxk = conv(width, width, 3, second, groups=width, bias=False)
        self.norm2 = norm(width)
        self.se = squeeze_excite(width, max(1, out // 4))
        self.conv3_1x1 = nn.Conv2d(width, out, 1)

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        shortcut = note("shortcut", self.shortcut(x))
        normed = note("normed", self.pre_norm(x))
        expanded = note("expanded", self.activation(self.norm1(self.conv1_1x1(normed))))
        filtered = note("filtered", self.activation(self.norm2(self.conv2_kxk(expanded))))
        gates = note("gates", self.se(filtered))
        return shortcut + note("projected", self.conv3_1x1(gates * filtered))


def squeeze_excite(width: int, hidden: int) -> nn.Sequential:
    """Return σ(W₂ SiLU(W₁ mean(x))): a weight for each channel, the same at all places."""
    return nn.Sequential(
        OrderedDict(
            mean=nn.AdaptiveAvgPool2d(1), fc1=nn.Conv2d(width, hidden, 1), silu=nn.SiLU(),
            fc2=nn.Conv2d(hidden, width, 1), gate=nn.Sigmoid(),
        )
    )  # fmt: skip


class Shortcut(nn.Module):
    """The way round a block: the mean of each 2×2 places and a 1×1 convolution, where needed."""

    def __init__(self, dim: int, out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.expand = nn.Conv2d(dim, out, 1) if dim != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.expand(F.avg_pool2d(x, self.stride) if self.stride > 1 else x)


class RelativeBlock(Attending):
    """Relative attention, then an MLP at each place; maps in and out."""

    kind = AttentionBlock

    def __init__(self, config: CoAtNetConfig, dim: int, stage: int, index: int) -> None:
        out, eps = config.dims[stage], config.eps[1]
        stride = config.strides[stage] if index == 0 else 1
        norm, grid = PlaceNorm(dim, eps), config.grid(stage)
        down = nn.Sequential(OrderedDict(norm=norm, down=nn.AvgPool2d(stride)))
        attn = RelativeAttention(dim, out, out // config.head_dim, grid)
        mlp = MapMLP(out, config.expansion * out)
        norms = down if stride > 1 else norm, PlaceNorm(out, eps)
        super().__init__(stage, index, attn, mlp, norms, Shortcut(dim, out, stride))


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

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        parts = self.qkv(x).unflatten(1, (self.heads, 3, -1)).flatten(4).mT
        query, key, value = parts.unbind(2)  # (batch, head, token, dim)
        bias = note("bias", self.rel_pos.bias())
        mixed = attended(query, key, value, at_tokens(self.proj), note, bias=bias)
        return note("mixed", mixed.mT.unflatten(-1, x.shape[2:]))


conv_1x1 = partial(nn.Conv2d, kernel_size=1)


class MapMLP(nn.Module):
    """Two linear layers with a GELU between them, at each place of a map alone."""

    forward = mlp

    def __init__(
        self, dim: int, hidden: int, layer: Callable[[int, int], nn.Module] = conv_1x1,
        activation: Callable[[Tensor], Tensor] = F.gelu,
    ) -> None:  # fmt: skip
        super().__init__()
        self.fc1, self.fc2 = layer(dim, hidden), layer(hidden, dim)
        self.activation = activation


tell(globals())
