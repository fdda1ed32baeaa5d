"""The residual network: convolutions whose output is added to their input.

    y = ReLU(F(x) + S(x))                                          (1), (2)

F is two or three convolutions, each followed by a norm; S is the identity, or a 1×1 convolution
where the shape changes. Source: He et al., "Deep Residual Learning for Image Recognition",
CVPR 2016, arXiv 1512.03385, section 3. Every submodule is named as in torchvision and timm, so
that `resnet.load_state_dict(torchvision_model.state_dict())` works.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.network import (
    Network,
    Numbered,
    Readout,
    Taken,
    TakenBlock,
    draw,
    make_norm,
)
from vitexplain.compare.resnet_config import RESNETS, Convolution, ResNetConfig
from vitexplain.moved import tell
from vitexplain.vit.forward import Note, unnoted

__all__ = ["RESNETS", "Block", "Layer", "Readout", "ResNet", "ResNetConfig", "Stem", "Step"]


@dataclass(frozen=True, eq=False)
class Layer:
    """A convolution, its norm, and a ReLU; a block's last layer has its ReLU after the sum."""

    convolved: Float[Tensor, "batch width row col"]
    normed: Float[Tensor, "batch width row col"]
    output: Float[Tensor, "batch width row col"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Stem(Taken):
    """From the image to the first feature map, which is max-pooled in stem "imagenet"."""

    layer: Layer


@dataclass(frozen=True, eq=False, kw_only=True)
class Block(TakenBlock):
    """One residual block, equations (1) and (2)."""

    layers: tuple[Layer, ...]  # two in a basic block, three in a bottleneck
    residual: Float[Tensor, "batch width row col"]  # F(x), the last layer's output
    shortcut: Float[Tensor, "batch width row col"]  # S(x)
    output: Float[Tensor, "batch width row col"]  # ReLU(residual + shortcut)


Step = Stem | Block | Readout


class ResNet(Network):
    """A residual network of any size, for images of any side."""

    stem_kind = Stem

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__(config)
        kit = Kit(convolution, partial(make_norm, config.norm), "bn", ("0", "1"))
        self.conv1 = convolution(config.first, config.channels)
        self.bn1 = kit.norm(config.first.width)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if config.stem == "imagenet" else nn.Identity()
        for stage, blocks in enumerate(stages_of_blocks(config, kit)):
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(config.dim, config.classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw kernels as He et al. say; norms start as the identity, `fc` as torch makes it."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                draw(module)
            elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm | nn.Linear):
                module.reset_parameters()

    def begin(self, images: Tensor, note: Note = unnoted) -> Tensor:
        return self.maxpool(note("layer", layer(self.conv1, self.bn1, images)).output)

    def read(self, x: Tensor) -> Readout:
        pooled = x.mean((2, 3))
        return Readout("readout", pooled, self.fc(pooled))


def layer(conv: nn.Module, norm: nn.Module, x: Tensor, *, last: bool = False) -> Layer:
    """Return a convolution, its norm, and a ReLU but in a block's last layer."""
    convolved = conv(x)
    normed = norm(convolved)
    return Layer(convolved, normed, normed if last else F.relu(normed))


class Kit(NamedTuple):
    """What the blocks of a residual network are made of, and what their modules are called."""

    convolution: Callable[[Convolution, int], nn.Module]  # and the channels that go in
    norm: Callable[[int], nn.Module]
    name: str  # of the norms, before their number
    shortcut: tuple[str, str]  # names of its convolution and norm


class ResidualBlock(Numbered):
    """ReLU(F(x) + S(x)), F the planned convolutions; (batch, width, row, col) in and out."""

    kind = Block

    def __init__(
        self, kit: Kit, width: int, plan: list[Convolution], stage: int, index: int
    ) -> None:
        super().__init__(stage, index)
        self.pairs = [(f"conv{i}", f"{kit.name}{i}") for i in range(1, len(plan) + 1)]
        before, (out, stride) = width, (plan[-1].width, prod(each.stride for each in plan))
        for (conv, norm), each in zip(self.pairs, plan, strict=True):
            self.add_module(conv, kit.convolution(each, before))
            self.add_module(norm, kit.norm(each.width))
            before = each.width
        self.downsample = nn.Identity()
        if stride > 1 or width != out:
            parts = kit.convolution(Convolution(1, stride, out), width), kit.norm(out)
            named = OrderedDict(zip(kit.shortcut, parts, strict=True))
            self.downsample = nn.Sequential(named)

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        layers, residual = [], x
        for pair in self.pairs:
            conv, norm = map(self.get_submodule, pair)
            layers.append(layer(conv, norm, residual, last=pair == self.pairs[-1]))
            residual = layers[-1].output
        note("layers", tuple(layers))
        return F.relu(note("residual", residual) + note("shortcut", self.downsample(x)))


def stages_of_blocks(config: ResNetConfig, kit: Kit) -> Iterator[list[ResidualBlock]]:
    """Yield the blocks of each stage, made of the kit."""
    width = config.widths[0]
    for stage in range(len(config.depths)):
        blocks = []
        for index, plan in enumerate(config.blocks(stage)):
            blocks.append(ResidualBlock(kit, width, plan, stage, index))
            width = plan[-1].width
        yield blocks


def convolution(plan: Convolution, width: int) -> nn.Conv2d:
    """Return the planned convolution of `width` channels, padded by half its kernel, no bias."""
    kernel, stride, out = plan
    return nn.Conv2d(width, out, kernel, stride, kernel // 2, bias=False)


tell(globals())
