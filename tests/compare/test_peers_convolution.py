"""ResNet-50 and ConvNeXt-T with copied random weights, against torchvision and timm."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.compare import parity
from vitexplain.compare import cost
from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt
from vitexplain.compare.resnet import RESNETS, ResNet

timm = pytest.importorskip("timm")
torchvision = pytest.importorskip("torchvision")
RESNET_PEERS = {
    "torchvision": torchvision.models.resnet50,
    "timm": lambda: timm.create_model("resnet50"),
}


@pytest.mark.parametrize("peer", RESNET_PEERS)
def test_resnet_50(peer):
    parity.check("ResNet-50", peer, ResNet(RESNETS["resnet50"]), RESNET_PEERS[peer]())


def test_convnext_t_timm():
    parity.check("ConvNeXt-T", "timm", convnext_t(), timm.create_model("convnext_tiny"))


def test_convnext_t_torchvision():
    peer = torchvision.models.convnext_tiny()
    parity.check("ConvNeXt-T", "torchvision", convnext_t(), peer, rename=from_torchvision)


def convnext_t() -> ConvNeXt:
    return ConvNeXt(CONVNEXTS["convnext_t"])


def from_torchvision(state: parity.State) -> parity.State:
    """Return the state of a torchvision ConvNeXt under timm's names, which are ours."""
    layers = {"0": "conv_dw", "2": "norm", "3": "mlp.fc1", "5": "mlp.fc2"}
    renamed = {}
    for name, tensor in state.items():
        match name.split("."):
            case ["features", "0", part, kind]:
                ours = f"stem.{part}.{kind}"
            case ["features", i, block, "layer_scale"]:
                ours, tensor = f"stages.{int(i) // 2}.blocks.{block}.gamma", tensor.flatten()
            case ["features", i, part, kind]:
                ours = f"stages.{int(i) // 2}.downsample.{part}.{kind}"
            case ["features", i, block, "block", layer, kind]:
                ours = f"stages.{int(i) // 2}.blocks.{block}.{layers[layer]}.{kind}"
            case ["classifier", part, kind]:
                ours = f"head.{'norm' if part == '0' else 'fc'}.{kind}"
            case _:
                raise KeyError(name)
        renamed[ours] = tensor
    return renamed


def test_the_check_sees_a_stride_in_the_wrong_convolution():
    """Strides as first published have the same parameters as v1.5, but other logits."""
    config = replace(RESNETS["resnet50"], version="v1", depths=(1, 1, 1, 1))
    peer = torchvision.models.ResNet(torchvision.models.resnet.Bottleneck, [1, 1, 1, 1])
    before = len(parity.ROWS)
    with pytest.raises(AssertionError, match="forward"):
        parity.check("ResNet v1", "torchvision", ResNet(config), peer, size=64)
    assert len(parity.ROWS) == before + 1
    parity.ROWS.pop()  # a wrong model has no place in the table


# The multiply-adds that facts print, at 224 pixels; parameters are torchvision's to the last one
RESNET_MACS = {"resnet50": "4.09", "resnet152": "11.51"}
CONVNEXT_MACS = {
    "convnext_t": "4.5",
    "convnext_s": "8.7",
    "convnext_b": "15.4",
    "convnext_l": "34.4",
}
CONVNEXT_NAMES = {"t": "tiny", "s": "small", "b": "base", "l": "large"}


@pytest.mark.parametrize("name", RESNETS)
def test_resnet_counts(name):
    macs = counted_as_torchvision(lambda: ResNet(RESNETS[name]), name)
    if name in RESNET_MACS:
        assert f"{macs / 1e9:.2f}" == RESNET_MACS[name]


@pytest.mark.parametrize("name", CONVNEXTS)
def test_convnext_counts(name):
    full = f"convnext_{CONVNEXT_NAMES[name[-1]]}"
    macs = counted_as_torchvision(lambda: ConvNeXt(CONVNEXTS[name]), full)
    assert f"{macs / 1e9:.1f}" == CONVNEXT_MACS[name]


def counted_as_torchvision(make: Callable[[], nn.Module], name: str) -> int:
    """Return a model's multiply-adds, once these and its parameters are what torchvision states."""
    with torch.device("meta"):  # without numbers: shapes suffice to count
        model = make()
    stated = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta
    assert cost.parameters(model) == stated["num_params"]
    macs = cost.multiply_adds(model, (3, 224, 224))
    assert round(macs / 1e9, 3) == stated["_ops"]
    return macs
