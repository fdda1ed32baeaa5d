"""The residual network inside the ViT paper's hybrid: standardised kernels and GroupNorm.

    ŵ = (w − mean) / √(variance + ε),  over the numbers of each output channel's kernel

GroupNorm and standardised kernels take the place of BatchNorm (Dosovitskiy et al., ICLR 2021,
arXiv 2010.11929, section 4.1, after BiT: Kolesnikov et al., ECCV 2020, arXiv 1912.11370). The
blocks are those of ResNet v1.5, with each norm after its convolution. timm calls it `ResNetV2`,
and submodules are named as there. Padding is TensorFlow's "same": where it cannot be even, the
odd row and column are below and on the right.
"""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.network import Backbone, make_norm, pad_same, stage_of
from vitexplain.compare.resnet import Block, Kit, Layer, Stem, layer, stages_of_blocks
from vitexplain.compare.resnet_config import Convolution, ResNetConfig
from vitexplain.moved import tell
from vitexplain.vit.forward import Note, unnoted

__all__ = ["Block", "Layer", "ResNetV2", "StandardisedConv", "Stem", "pad_same", "standardised"]


class ResNetV2(Backbone):
    """The feature map of images, (batch, dim, row, col), in bottlenecks; no readout."""

    stem_kind = Stem

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__(config)
        norm = partial(make_norm, "group", groups=32)
        kit = Kit(StandardisedConv, norm, "norm", ("conv", "norm"))
        conv = StandardisedConv(config.first, config.channels)
        self.stem = nn.ModuleDict({"conv": conv, "norm": norm(config.first.width)})
        self.pool = SamePool() if config.stem == "imagenet" else nn.Identity()
        self.stages = nn.ModuleList(stage_of([*blocks]) for blocks in stages_of_blocks(config, kit))
        self.dim = config.dim  # channels of the map

    def begin(self, images: Tensor, note: Note = unnoted) -> Tensor:
        stem = layer(self.stem["conv"], self.stem["norm"], images)
        return self.pool(note("layer", stem).output)


class StandardisedConv(nn.Conv2d):
    """A convolution whose kernels are standardised each time, without bias, padded "same".

    Source: Qiao et al. 2019, arXiv 1903.10520.
    """

    def __init__(self, plan: Convolution, width: int) -> None:
        super().__init__(width, plan.width, plan.kernel, plan.stride, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        padded = pad_same(input, self.kernel_size[0], self.stride[0])
        return F.conv2d(padded, standardised(self.weight), stride=self.stride)


class SamePool(nn.Module):
    """The largest of each 3×3, stride 2, padded "same"."""

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(pad_same(x, 3, 2, -torch.inf), 3, 2)


def standardised(
    weight: Float[Tensor, "out width row col"], eps: float = 1e-8
) -> Float[Tensor, "out width row col"]:
    """Return the kernels with mean 0 and variance 1 for each output channel.

    As a batch norm without memory, of one example that has all the numbers of a kernel.
    """
    flat = F.batch_norm(weight.flatten(1)[None], None, None, training=True, eps=eps)
    return flat.view_as(weight)


tell(globals())
