"""CoAtNet: stages of convolutions, then stages of attention with relative positions.

Source: Dai et al., "CoAtNet: Marrying Convolution and Attention for All Data Sizes", NeurIPS
2021, arXiv 2106.04803: the order C-C-T-T of the stages, their widths and depths (Table 3),
relative attention (equation 3), each block's norm before it (appendix A.1).

Submodules are named as in timm's `coatnet_0_224`, and three details are timm's: pooling is by
mean, where the paper has the maximum; a convolution block's stride is in its depthwise
convolution, where the paper has it in the 1×1 before that (equation 5; `stride_in="expand"` does
the same); and a norm and a tanh layer, of which the paper does not speak, are before the logits.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from vitexplain.compare.coatnet_block import (
    AttentionBlock,
    ConvBlock,
    MBConv,
    RelativeBlock,
)
from vitexplain.compare.coatnet_config import COATNETS, CoAtNetConfig
from vitexplain.compare.network import (
    Head,
    Network,
    Readout,
    SameConv,
    Taken,
    draw,
    make_norm,
    stage_of,
)
from vitexplain.moved import tell
from vitexplain.vit.forward import ACTIVATIONS, Note, unnoted

__all__ = [
    "COATNETS", "AttentionBlock", "CoAtNet", "CoAtNetConfig", "ConvBlock", "Readout", "Stem",
    "Step",
]  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Stem(Taken):
    """Two 3×3 convolutions, the first with the stride, a norm and a GELU between them."""

    convolved: Float[Tensor, "batch width row col"]
    activated: Float[Tensor, "batch width row col"]  # after norm and GELU
    output: Float[Tensor, "batch width row col"]  # the second convolution


Step = Stem | ConvBlock | AttentionBlock | Readout


class CoAtNet(Network):
    """A CoAtNet of any size."""

    stem_kind = Stem
    blocks: ClassVar[dict[str, Any]] = {"C": MBConv, "T": RelativeBlock}  # of each kind of stage

    def __init__(self, config: CoAtNetConfig) -> None:
        super().__init__(config)
        dim = config.stem
        conv = SameConv if config.same else partial(nn.Conv2d, padding=1)
        conv1 = conv(config.channels, dim, 3, config.stem_stride, bias=config.same)
        conv2 = conv(dim, dim, 3, bias=config.same)
        norm1 = make_norm(config.norm, dim, eps=config.eps[0])
        self.stem = nn.ModuleDict({"conv1": conv1, "norm1": norm1, "conv2": conv2})
        self.stages = nn.ModuleList()
        for stage, kind in enumerate(config.kinds):
            blocks: list[nn.Module] = []
            for index in range(config.depths[stage]):
                blocks.append(self.blocks[kind](config, dim, stage, index))
                dim = config.dims[stage]
            self.stages.append(stage_of(blocks))
        self.head = Head(config.dims[-1], config.classes, config.eps[1], tanh=config.pre_logits)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw convolutions as `network.draw` says, attention and MLPs as a ViT's.

        Tables of relative positions are normal with standard deviation 0.02.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                draw(module)
            elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm | nn.LayerNorm):
                module.reset_parameters()
        for name, parameter in self.named_parameters():
            if name.endswith("table"):
                nn.init.trunc_normal_(parameter, std=0.02)
            elif name.startswith("head.") or ".attn." in name or ".mlp." in name:
                if name.endswith("weight") and parameter.ndim > 1:
                    nn.init.xavier_uniform_(parameter.view(parameter.shape[0], -1))
                elif name.endswith("fc.bias"):
                    nn.init.zeros_(parameter)

    def begin(self, images: Tensor, note: Note = unnoted) -> Tensor:
        convolved = note("convolved", self.stem["conv1"](images))
        activation = ACTIVATIONS[self.config.activation]
        return self.stem["conv2"](note("activated", activation(self.stem["norm1"](convolved))))


tell(globals())
