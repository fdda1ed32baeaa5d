"""The residual network: convolutions whose output is added to their input.

    y = ReLU(F(x) + S(x))                                          (1), (2)

F is two or three convolutions, each followed by a norm; S is the identity, or a 1×1 convolution
where the shape changes. Source: He et al., "Deep Residual Learning for Image Recognition",
CVPR 2016, arXiv 1512.03385, section 3. Every submodule is named as in torchvision and timm, so
that `resnet.load_state_dict(torchvision_model.state_dict())` works.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.compare.checks import check_images
from vitexplain.compare.resnet_config import RESNETS, Convolution, ResNetConfig

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


@dataclass(frozen=True, eq=False)
class Readout:
    """The mean over all positions, then a linear layer."""

    name: str  # "readout"
    pooled: Float[Tensor, "batch dim"]
    logits: Float[Tensor, "batch classes"]


Step = Stem | Block | Readout


class ResNet(nn.Module):
    """A residual network of any size, with random weights until others are loaded.

    `resnet(images)` gives logits, (batch, classes), for images (batch, channel, row, col) of
    any side; `resnet.walk(images)` yields the same computation by name.
    """

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.config = config
        width = config.widths[0]
        stem = Convolution(7, 2, width) if config.stem == "imagenet" else Convolution(3, 1, width)
        self.conv1 = convolution(stem, config.channels)
        self.bn1 = norm(config, width)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if config.stem == "imagenet" else nn.Identity()
        for stage in range(len(config.depths)):
            blocks = []
            for plan in config.blocks(stage):
                blocks.append(ResidualBlock(config, width, plan))
                width = plan[-1].width
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(width, config.classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw kernels from N(0, 2 / (kernel² · width)), which keeps the size of gradients.

        Source: He et al., ICCV 2015, arXiv 1502.01852, equation (14). Norms start as the
        identity, the linear layer as torch makes it.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm | nn.Linear):
                module.reset_parameters()

    @property
    def stages(self) -> list[nn.Sequential]:
        """The stages, each a sequence of blocks, in order."""
        return [self.get_submodule(f"layer{i + 1}") for i in range(len(self.config.depths))]  # pyright: ignore[reportReturnType]

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channel, row, col).

        Raises:
            ValueError: the images are no batch, or have another number of channels.
        """
        return self.fc(self.features(images).mean((2, 3)))

    def features(self, images: Tensor) -> Tensor:
        """Return the last block's feature map, (batch, dim, row, col).

        Raises:
            ValueError: as `forward`.
        """
        check_images(images, self.config.channels)
        x = self.maxpool(F.relu(self.bn1(self.conv1(images))))
        for stage in self.stages:
            x = stage(x)
        return x

    def walk(self, images: Tensor) -> Iterator[Step]:
        """Yield the steps of the forward pass in order: the stem, each block, the readout.

        Each step is computed when it is asked for, and none is kept here.

        Raises:
            ValueError: as `forward`.
        """
        check_images(images, self.config.channels)
        convolved = self.conv1(images)
        normed = self.bn1(convolved)
        layer = Layer(convolved, normed, F.relu(normed))
        step = Stem("stem", layer, self.maxpool(layer.output))
        x = step.output
        yield step
        del layer, convolved, normed, step
        for stage, blocks in enumerate(self.stages):
            for index, block in enumerate(blocks):
                step = block.step(x, stage, index)  # pyright: ignore[reportCallIssue]
                x = step.output
                yield step
                del step  # before the next is computed
        pooled = x.mean((2, 3))
        yield Readout("readout", pooled, self.fc(pooled))

    def extra_repr(self) -> str:
        return repr(self.config)


class ResidualBlock(nn.Module):
    """ReLU(F(x) + S(x)), F the planned convolutions; (batch, width, row, col) in and out."""

    def __init__(self, config: ResNetConfig, width: int, plan: list[Convolution]) -> None:
        super().__init__()
        self.depth = len(plan)
        stride, first = 1, width
        for i, each in enumerate(plan, start=1):
            self.add_module(f"conv{i}", convolution(each, width))
            self.add_module(f"bn{i}", norm(config, each.width))
            stride, width = stride * each.stride, each.width
        self.downsample = nn.Identity()
        if stride > 1 or first != width:
            projection = convolution(Convolution(1, stride, width), first)
            self.downsample = nn.Sequential(projection, norm(config, width))

    @property
    def layers(self) -> list[tuple[nn.Module, nn.Module]]:
        """Each convolution with its norm."""
        numbers = range(1, self.depth + 1)
        return [(getattr(self, f"conv{i}"), getattr(self, f"bn{i}")) for i in numbers]

    def forward(self, x: Tensor) -> Tensor:
        layers, residual = self.layers, x
        for conv, bn in layers[:-1]:
            residual = F.relu(bn(conv(residual)))
        conv, bn = layers[-1]
        return F.relu(bn(conv(residual)) + self.downsample(x))

    def step(self, x: Tensor, stage: int, index: int) -> Block:
        """Return the same block with every intermediate."""
        layers, residual = [], x
        for i, (conv, bn) in enumerate(self.layers, start=1):
            convolved = conv(residual)
            normed = bn(convolved)
            residual = F.relu(normed) if i < self.depth else normed
            layers.append(Layer(convolved, normed, residual))
        shortcut = self.downsample(x)
        output = F.relu(residual + shortcut)
        name = f"stage {stage} block {index}"
        return Block(name, stage, index, x, tuple(layers), residual, shortcut, output)


def convolution(plan: Convolution, width: int) -> nn.Conv2d:
    """Return a convolution without bias, which the norm after it would cancel."""
    kernel, stride, out = plan
    return nn.Conv2d(width, out, kernel, stride, kernel // 2, bias=False)


def norm(config: ResNetConfig, width: int) -> nn.Module:
    """Return the config's norm over that many channels.

    BatchNorm (Ioffe and Szegedy 2015, arXiv 1502.03167) takes mean and variance over the batch
    in training. GroupNorm (Wu and He 2018, arXiv 1803.08494) takes them over up to eight groups
    of one image's channels: the answer is the same whatever else is in the batch, but every
    place hears of the whole map. `PlaceNorm` takes them over the channels of one place.
    """
    if config.norm == "batch":
        return nn.BatchNorm2d(width)
    if config.norm == "place":
        return PlaceNorm(width)
    return nn.GroupNorm(gcd(8, width), width)


class PlaceNorm(nn.LayerNorm):
    """LayerNorm over the channels of each place of a map, (batch, width, row, col).

    The one norm here that carries nothing from place to place, in training or after: a layer
    with it sees what its kernel sees. Source: Liu et al. 2022, arXiv 2201.03545, section 2.6.
    """

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
