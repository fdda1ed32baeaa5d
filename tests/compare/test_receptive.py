"""Receptive fields: published values, and exactly the pixels whose change reaches an output."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt, ConvNeXtConfig
from vitexplain.compare.receptive import Field, Layer, field_of, layers_of, receptive_field
from vitexplain.compare.resnet import RESNETS, ResNet, ResNetConfig

V1 = {"resnet50": 483, "resnet101": 1027, "resnet152": 1507, "vgg16": 212, "alexnet": 195}
V1_5 = {"resnet50": 427, "resnet101": 971, "resnet152": 1451}
BASIC = {"resnet18": 435, "resnet34": 899}  # no bottleneck: both variants alike


@pytest.mark.parametrize("name", V1)
def test_values_of_araujo(name):
    assert receptive_field(name) == V1[name]
    assert field_of(layers_of(name))[-1].jump == 32


@pytest.mark.parametrize("name", V1_5)
def test_strides_in_the_3x3_see_less(name):
    assert receptive_field(name, variant="v1.5") == V1_5[name]
    assert receptive_field(name, variant="v1") == V1[name]


@pytest.mark.parametrize("name", BASIC)
def test_basic_blocks_have_one_variant(name):
    assert receptive_field(name) == receptive_field(name, variant="v1.5") == BASIC[name]


def test_vgg_reaches_as_far_out_of_the_image_as_araujo_says():
    assert field_of(layers_of("vgg16"))[-1] == Field("pool5", size=212, jump=32, padding=90)


def test_growth_by_hand():
    layers = [Layer("a", 7, 2, 3), Layer("b", 3, 2, 1), Layer("c", 3, 1, 1)]
    assert field_of(layers) == [Field("a", 7, 2, 3), Field("b", 11, 4, 5), Field("c", 19, 4, 9)]
    assert field_of(layers)[-1].pixels(2) == range(-1, 18)
    assert field_of([]) == []


@given(
    st.lists(
        st.builds(Layer, st.just("layer"), st.integers(1, 7), st.integers(1, 3), st.integers(0, 3)),
        min_size=1,
        max_size=7,
    )
)
def test_the_field_is_the_pixels_that_the_layers_read_one_by_one(layers):
    """Back from one output: output i of a layer reads inputs s i - q … s i - q + k - 1."""
    first = last = 5
    for layer in reversed(layers):
        first = layer.stride * first - layer.padding
        last = layer.stride * last - layer.padding + layer.kernel - 1
    assert field_of(layers)[-1].pixels(5) == range(first, last + 1)


SMALL = ResNetConfig(depths=(1, 2), widths=(4, 8), block="basic", stem="small", norm="group")
CONFIGS = {
    "small": SMALL,
    "5×5": replace(SMALL, kernel=5),
    "stride 1": replace(SMALL, stride=1),
    "one stage": replace(SMALL, depths=(2,), widths=(4,)),
    "bottleneck v1": replace(SMALL, block="bottleneck", version="v1"),
    "bottleneck v1.5": replace(SMALL, block="bottleneck"),
    "imagenet stem": replace(SMALL, stem="imagenet"),
    "batch norm": replace(SMALL, norm="batch"),
    "convnext": ConvNeXtConfig(depths=(1, 1), widths=(4, 8), patch=2, kernel=5),
    "convnext, no patch": ConvNeXtConfig(depths=(1,), widths=(4,), patch=1, kernel=3),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_gradient_has_exactly_this_extent(name):
    config = CONFIGS[name]
    model = ResNet(config) if isinstance(config, ResNetConfig) else ConvNeXt(config)
    check_extent(model, config, size=96)


def test_the_gradient_of_resnet_18_has_exactly_its_extent():
    check_extent(ResNet(RESNETS["resnet18"]), RESNETS["resnet18"], size=640)


def check_extent(model: ResNet | ConvNeXt, config: ResNetConfig | ConvNeXtConfig, size: int):
    """Assert that one central output has a gradient at the first and last pixel of its field.

    Norms would join all positions, so they become identities; with positive weights and pixels
    no ReLU is at rest and no two paths cancel.
    """
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.GroupNorm | nn.BatchNorm2d | nn.LayerNorm):
                setattr(module, name, nn.Identity())
    model.double()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1 / parameter[0].numel())
    images = 1 + torch.rand(1, config.channels, size, size, dtype=torch.float64)
    images.requires_grad_()
    features = model.features(images)
    middle = features.shape[-1] // 2
    features[0, 0, middle, middle].backward()
    assert images.grad is not None
    touched = images.grad[0, 0].nonzero()
    pixels = field_of(layers_of(config))[-1].pixels(middle)
    assert pixels[0] > 0, "the field must lie in the image"
    assert pixels[-1] < size - 1
    assert touched.min(0).values.tolist() == [pixels[0]] * 2
    assert touched.max(0).values.tolist() == [pixels[-1]] * 2


@pytest.mark.parametrize("name", [*RESNETS, *CONVNEXTS])
def test_layers_are_named_as_the_modules(name):
    with torch.device("meta"):
        model = ResNet(RESNETS[name]) if name in RESNETS else ConvNeXt(CONVNEXTS[name])
    variant = "v1.5" if name in RESNETS else None
    for layer in layers_of(name, variant=variant):
        module = model.get_submodule(layer.name)
        assert isinstance(module, nn.Conv2d | nn.MaxPool2d)
        for ours, theirs in zip(
            layer[1:], (module.kernel_size, module.stride, module.padding), strict=True
        ):
            assert theirs in (ours, (ours, ours))


def test_a_config_keeps_its_own_version_unless_told():
    assert receptive_field(RESNETS["resnet50"]) == V1_5["resnet50"]
    assert receptive_field(RESNETS["resnet50"], variant="v1") == V1["resnet50"]
    assert receptive_field(CONVNEXTS["convnext_t"]) == receptive_field("convnext_t") == 1688


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"resnet18, .*vgg16, alexnet, .*got 'resnet51'"):
        receptive_field("resnet51")


@pytest.mark.rejects
def test_wrong_variants_are_named():
    with pytest.raises(ValueError, match=r"must be 'v1' or 'v1\.5', got 'v2'"):
        receptive_field("resnet50", variant="v2")  # pyright: ignore[reportArgumentType]
    for name in ("vgg16", CONVNEXTS["convnext_t"]):
        with pytest.raises(ValueError, match="for ResNets only"):
            receptive_field(name, variant="v1.5")


def test_neither_torch_nor_numpy_is_needed():
    code = """
import sys
from vitexplain.compare import receptive_field
print(receptive_field("resnet50"), {"torch", "numpy"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "483 set()", result.stderr
