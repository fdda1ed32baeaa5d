"""The receptive field: which pixels one number of a convolutional network can depend on.

    r_l = r_(l-1) + (k_l - 1) j_(l-1),   r_0 = 1
    j_l = j_(l-1) s_l,                   j_0 = 1
    p_l = p_(l-1) + q_l j_(l-1),         p_0 = 0

k is a layer's kernel, s its stride, q its padding. After layer l, output i depends on the r_l
pixels from pixel i · j_l - p_l on, along each axis; j is the jump, or effective stride, p the
effective padding. Of the two ways through a residual block the longer counts: it sees the most.
Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019, doi 10.23915/distill.00021. Needs neither torch nor NumPy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from vitexplain.compare.convnext_config import CONVNEXTS, ConvNeXtConfig
from vitexplain.compare.resnet_config import RESNETS, ResNetConfig

Model = str | ResNetConfig | ConvNeXtConfig
Variant = Literal["v1", "v1.5"]


class Layer(NamedTuple):
    """A convolution or a pooling, by what it does along one axis."""

    name: str
    kernel: int
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Field:
    """What one output sees after a layer, in pixels along one axis."""

    name: str  # the layer's
    size: int  # r, the receptive field
    jump: int  # j, pixels between the fields of neighbouring outputs
    padding: int  # p, how far the first output's field reaches out of the image

    def pixels(self, index: int) -> range:
        """Return the pixels that output `index` depends on; some may lie outside the image."""
        first = index * self.jump - self.padding
        return range(first, first + self.size)


def receptive_field(name: Model, *, variant: Variant | None = None) -> int:
    """Return the receptive field of a network's last feature map, in pixels along one axis.

    receptive_field("resnet50") is 483; receptive_field("resnet50", variant="v1.5") is 427.

    Args:
        name: a published network, or the config of a `ResNet` or `ConvNeXt`.
        variant: where a ResNet's bottleneck strides, see `layers_of`.

    Raises:
        ValueError: as `layers_of`.
    """
    return field_of(layers_of(name, variant=variant))[-1].size


def field_of(layers: Iterable[Layer]) -> list[Field]:
    """Return the field after every layer, first layer first."""
    size, jump, padding = 1, 1, 0
    fields = []
    for layer in layers:
        size += (layer.kernel - 1) * jump
        padding += layer.padding * jump
        jump *= layer.stride
        fields.append(Field(layer.name, size, jump, padding))
    return fields


def layers_of(name: Model, *, variant: Variant | None = None) -> list[Layer]:
    """Return the layers from the image to the last feature map, along the long way through.

    Layers of a ResNet or ConvNeXt are named as the submodules of `ResNet` and `ConvNeXt`.

    Args:
        name: a published network, or the config of a `ResNet` or `ConvNeXt`.
        variant: where a ResNet's bottleneck strides: "v1", in its first 1×1 convolution, as
            published and as a name alone means; or "v1.5", in its 3×3. A config's own by default.

    Raises:
        ValueError: the name or the variant is unknown, or no ResNet is given a variant.
    """
    if variant not in (None, "v1", "v1.5"):
        raise ValueError(f"variant must be 'v1' or 'v1.5', got {variant!r}")
    config: ResNetConfig | ConvNeXtConfig | list[Layer]
    if isinstance(name, str):
        known = RESNETS | PLAIN | CONVNEXTS
        if name not in known:
            raise ValueError(f"name must be one of {', '.join(known)}, got {name!r}")
        config = known[name]
    else:
        config = name
    if isinstance(config, ResNetConfig):
        own = "v1" if isinstance(name, str) else config.version
        return resnet_layers(replace(config, version=variant or own))
    if variant is not None:
        raise ValueError(f"variant is for ResNets only, got {variant!r} for {name}")
    return config if isinstance(config, list) else convnext_layers(config)


def resnet_layers(config: ResNetConfig) -> list[Layer]:
    """Return the convolutions and the pooling of a ResNet, without the shortcuts."""
    if config.stem == "imagenet":
        layers = [Layer("conv1", 7, 2, 3), Layer("maxpool", 3, 2, 1)]
    else:
        layers = [Layer("conv1", 3, 1, 1)]
    for stage in range(len(config.depths)):
        for index, block in enumerate(config.blocks(stage)):
            for i, (kernel, stride, _) in enumerate(block, start=1):
                name = f"layer{stage + 1}.{index}.conv{i}"
                layers.append(Layer(name, kernel, stride, kernel // 2))
    return layers


def convnext_layers(config: ConvNeXtConfig) -> list[Layer]:
    """Return the stem, the depthwise and the down-sampling convolutions of a ConvNeXt."""
    layers = [Layer("stem.0", config.patch, config.patch)]
    for stage, depth in enumerate(config.depths):
        if stage:
            layers.append(Layer(f"stages.{stage}.downsample.1", 2, 2))
        for index in range(depth):
            name = f"stages.{stage}.blocks.{index}.conv_dw"
            layers.append(Layer(name, config.kernel, 1, config.kernel // 2))
    return layers


def vgg_layers(depths: Iterable[int]) -> list[Layer]:
    """Return stages of that many 3×3 convolutions, each followed by a 2×2 pooling."""
    layers = []
    for stage, depth in enumerate(depths, start=1):
        layers += [Layer(f"conv{stage}_{i}", 3, 1, 1) for i in range(1, depth + 1)]
        layers.append(Layer(f"pool{stage}", 2, 2))
    return layers


PLAIN = {
    # Simonyan and Zisserman, ICLR 2015, arXiv 1409.1556, Table 1, column D
    "vgg16": vgg_layers((2, 2, 3, 3, 3)),
    # Krizhevsky, Sutskever and Hinton, NeurIPS 2012, section 3.5; padded as torchvision does
    "alexnet": [
        Layer("conv1", 11, 4, 2),
        Layer("pool1", 3, 2),
        Layer("conv2", 5, 1, 2),
        Layer("pool2", 3, 2),
        Layer("conv3", 3, 1, 1),
        Layer("conv4", 3, 1, 1),
        Layer("conv5", 3, 1, 1),
        Layer("pool5", 3, 2),
    ],
}
"""Networks without shortcuts, up to the last pooling."""
