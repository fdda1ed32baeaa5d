"""The inverted bottleneck: widen, filter each channel alone, weigh the channels, narrow again.

    y = S(x) + W₃ (g ⊙ h),   h = GELU(BN(DW(GELU(BN(W₁ BN(x)))))),   g = SE(h)

W₁ and W₃ are 1×1 convolutions, DW a 3×3 depthwise one; g is a weight between 0 and 1 for each
channel, from the mean of h over all places. S is the identity, or a mean over 2×2 places and a
1×1 convolution where the shape changes. Sources: Sandler et al., MobileNetV2, CVPR 2018,
arXiv 1801.04381, section 3.3; squeeze-and-excitation: Hu et al., CVPR 2018, arXiv 1709.01507,
equations (2) to (4); the norm before it all: Dai et al., NeurIPS 2021, arXiv 2106.04803, A.1.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.coatnet_config import CoAtNetConfig
from vitexplain.compare.network import make_norm
from vitexplain.moved import tell


@dataclass(frozen=True, eq=False)
class ConvBlock:
    """One inverted bottleneck."""

    name: str  # "stage 0 block 0", …
    stage: int
    index: int
    input: Float[Tensor, "batch dim_in row_in col_in"]
    shortcut: Float[Tensor, "batch dim row col"]  # S(input)
    normed: Float[Tensor, "batch dim_in row_in col_in"]
    expanded: Float[Tensor, "batch width row_mid col_mid"]  # after W₁, norm and GELU
    filtered: Float[Tensor, "batch width row col"]  # h, after DW, norm and GELU
    gates: Float[Tensor, "batch width 1 1"]  # g
    projected: Float[Tensor, "batch dim row col"]  # W₃ (g ⊙ h)
    output: Float[Tensor, "batch dim row col"]  # shortcut + projected


class MBConv(nn.Module):
    """An inverted bottleneck; (batch, dim_in, row, col) in, (batch, dim, row, col) out."""

    def __init__(self, config: CoAtNetConfig, dim: int, stage: int, index: int) -> None:
        super().__init__()
        self.stage, self.index = stage, index
        out = config.dims[stage]
        width = config.expansion * out
        stride = config.strides[stage] if index == 0 else 1
        first, second = (stride, 1) if config.stride_in == "expand" else (1, stride)
        self.shortcut = Shortcut(dim, out, stride)
        self.pre_norm = make_norm(config.norm, dim)
        self.conv1_1x1 = nn.Conv2d(dim, width, 1, first, bias=False)
        self.norm1 = make_norm(config.norm, width)
        self.conv2_kxk = nn.Conv2d(width, width, 3, second, 1, groups=width, bias=False)
        self.norm2 = make_norm(config.norm, width)
        self.se = SqueezeExcite(width, max(1, out // 4))
        self.conv3_1x1 = nn.Conv2d(width, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.step(x).output

    def step(self, x: Tensor) -> ConvBlock:
        """Return the block with every intermediate."""
        shortcut = self.shortcut(x)
        normed = self.pre_norm(x)
        expanded = F.gelu(self.norm1(self.conv1_1x1(normed)))
        filtered = F.gelu(self.norm2(self.conv2_kxk(expanded)))
        gates = self.se(filtered)
        projected = self.conv3_1x1(gates * filtered)
        return ConvBlock(
            f"stage {self.stage} block {self.index}", self.stage, self.index, x, shortcut,
            normed, expanded, filtered, gates, projected, shortcut + projected,
        )  # fmt: skip


class SqueezeExcite(nn.Module):
    """σ(W₂ SiLU(W₁ mean(x))): a weight for each channel, the same at all places."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(width, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, width, 1)

    def forward(self, x: Float[Tensor, "batch width row col"]) -> Float[Tensor, "batch width 1 1"]:
        return self.fc2(F.silu(self.fc1(x.mean((2, 3), keepdim=True)))).sigmoid()


class Shortcut(nn.Module):
    """The way round a block: the mean of each 2×2 places and a 1×1 convolution, where needed."""

    def __init__(self, dim: int, out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.expand = nn.Conv2d(dim, out, 1) if dim != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.expand(F.avg_pool2d(x, self.stride) if self.stride > 1 else x)


tell(globals())
