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
from itertools import chain
from math import prod
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.network import Network, Readout, draw, make_norm
from vitexplain.compare.resnet_config import RESNETS, Convolution, ResNetConfig
from vitexplain.moved import tell

__all__ = ["RESNETS", "Block", "Layer", "Readout", "ResNet", "ResNetConfig", "Stem", "Step"]


@dataclass(frozen=True, eq=False)
class Layer:
    """A convolution, its norm, and a ReLU; a block's last layer has its ReLU after the sum."""

    convolved: Float[Tensor, "batch width row col"]
    normed: Float[Tensor, "batch width row col"]
    output: Float[Tensor, "batch width row col"]


@dataclass(frozen=True, eq=False)
class Stem:
    """From the image to the first feature map."""

    name: str  # "stem"
    layer: Layer
    output: Float[Tensor, "batch width row col"]  # max-pooled, in stem "imagenet"


@dataclass(frozen=True, eq=False)
class Block:
    """One residual block, equations (1) and (2)."""

    name: str  # "stage 0 block 0", …
    stage: int
    index: int
    input: Float[Tensor, "batch width_in row_in col_in"]
    layers: tuple[Layer, ...]  # two in a basic block, three in a bottleneck
    residual: Float[Tensor, "batch width row col"]  # F(x), the last layer's output
    shortcut: Float[Tensor, "batch width row col"]  # S(x)
    output: Float[Tensor, "batch width row col"]  # ReLU(residual + shortcut)


Step = Stem | Block | Readout


class ResNet(Network):
    """A residual network of any size, with random weights until others are loaded.

    `resnet(images)` gives logits, (batch, classes), for images (batch, channel, row, col) of
    any side; `resnet.walk(images)` yields the same computation by name.
    """

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

    def begin(self, images: Tensor) -> Stem:
        return stem_step(self.conv1, self.bn1, self.maxpool, images)

    def parts(self) -> Iterator["ResidualBlock"]:
        numbers = range(1, len(self.config.depths) + 1)
        return chain.from_iterable(self.get_submodule(f"layer{i}") for i in numbers)  # pyright: ignore

    def read(self, x: Tensor) -> Readout:
        pooled = x.mean((2, 3))
        return Readout("readout", pooled, self.fc(pooled))


class Kit(NamedTuple):
    """What the blocks of a residual network are made of, and what their modules are called."""

    convolution: Callable[[Convolution, int], nn.Module]  # and the channels that go in
    norm: Callable[[int], nn.Module]
    name: str  # of the norms, before their number
    shortcut: tuple[str, str]  # names of its convolution and norm


class ResidualBlock(nn.Module):
    """ReLU(F(x) + S(x)), F the planned convolutions; (batch, width, row, col) in and out."""

    def __init__(
        self, kit: Kit, width: int, plan: list[Convolution], stage: int, index: int
    ) -> None:
        super().__init__()
        self.kit, self.depth, self.stage, self.index = kit, len(plan), stage, index
        before, (out, stride) = width, (plan[-1].width, prod(each.stride for each in plan))
        for i, each in enumerate(plan, start=1):
            self.add_module(f"conv{i}", kit.convolution(each, before))
            self.add_module(f"{kit.name}{i}", kit.norm(each.width))
            before = each.width
        self.downsample = nn.Identity()
        if stride > 1 or width != out:
            parts = kit.convolution(Convolution(1, stride, out), width), kit.norm(out)
            named = OrderedDict(zip(kit.shortcut, parts, strict=True))
            self.downsample = nn.Sequential(named)

    def forward(self, x: Tensor) -> Tensor:
        return self.step(x).output

    def step(self, x: Tensor) -> Block:
        """Return the block with every intermediate."""
        layers, residual = [], x
        for i in range(1, self.depth + 1):
            convolved = getattr(self, f"conv{i}")(residual)
            normed = getattr(self, f"{self.kit.name}{i}")(convolved)
            residual = F.relu(normed) if i < self.depth else normed
            layers.append(Layer(convolved, normed, residual))
        shortcut = self.downsample(x)
        return Block(
            f"stage {self.stage} block {self.index}", self.stage, self.index, x, tuple(layers),
            residual, shortcut, F.relu(residual + shortcut),
        )  # fmt: skip


def stages_of_blocks(config: ResNetConfig, kit: Kit) -> Iterator[list[ResidualBlock]]:
    """Yield the blocks of each stage, made of the kit."""
    width = config.widths[0]
    for stage in range(len(config.depths)):
        blocks = []
        for index, plan in enumerate(config.blocks(stage)):
            blocks.append(ResidualBlock(kit, width, plan, stage, index))
            width = plan[-1].width
        yield blocks


def stem_step(conv: nn.Module, norm: nn.Module, pool: nn.Module, images: Tensor) -> Stem:
    """Return the stem with every intermediate."""
    convolved = conv(images)
    normed = norm(convolved)
    layer = Layer(convolved, normed, F.relu(normed))
    return Stem("stem", layer, pool(layer.output))


def convolution(plan: Convolution, width: int) -> nn.Conv2d:
    """Return the planned convolution of `width` channels, padded by half its kernel, no bias."""
    kernel, stride, out = plan
    return nn.Conv2d(width, out, kernel, stride, kernel // 2, bias=False)


tell(globals())
