"""The ViT with a conv stem: a plain ViT on the stem's map, sizes as published."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from tests.compare.networks import NETWORKS, TINY, images_for, random_model
from vitexplain.compare import cost
from vitexplain.compare.stem import ConvStemViT
from vitexplain.vit import ViT, ViTConfig, count_parameters

CLASS = NETWORKS["stem"]["class"]


def test_it_is_a_vit_on_the_map_of_its_convolutions():
    """Built again from torch's layers and our ViT with patches of 1×1."""
    vit = random_model(CLASS)
    layers = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.GroupNorm(8, 8), nn.GELU(),
        nn.Conv2d(8, 12, 3, 2, 1, bias=False), nn.GroupNorm(4, 12), nn.GELU(),
    ).double()  # fmt: skip
    plain = ViT(replace(TINY, image_size=4, patch=1, channels=12)).double()
    state = vit.state_dict()
    backbone = {name: state.pop(name) for name in list(state) if "backbone" in name}
    plain.load_state_dict(state)
    places = {"0": "convs.0", "1": "norms.0", "3": "convs.1", "4": "norms.1"}
    for name, parameter in layers.named_parameters():
        layer, kind = name.split(".")
        parameter.data = backbone[f"patch_embed.backbone.{places[layer]}.{kind}"]
    images = images_for(CLASS).double()
    assert_close(vit(images), plain(layers(images)), rtol=0, atol=1e-12)


def test_the_stem_takes_the_place_of_the_patch_projection():
    vit = random_model(CLASS)
    patches = 4 * 4 * 3 * 12 + 12
    stem = 9 * 3 * 8 + 2 * 8 + 9 * 8 * 12 + 2 * 12 + 12 * 12 + 12
    assert cost.parameters(vit) == count_parameters(TINY) - patches + stem


@pytest.mark.parametrize(
    ("config", "channels", "strides", "millions", "billions"),
    [
        (ViTConfig(dim=192, depth=11, heads=3, mlp_dim=576), (24, 48, 96, 192), None, 4.6, 1.1),
        (ViTConfig(dim=384, depth=11, heads=6, mlp_dim=1152), (48, 96, 192, 384), None, 17.8, 4.0),
        (ViTConfig(depth=11), (64, 128, 128, 256, 256, 512), (2, 2, 1, 2, 1, 2), 81.6, 17.7),
    ],
)
def test_published_sizes(config, channels, strides, millions, billions):
    """Xiao et al. 2021, Table 1, right: ViT_C of 1, 4 and 18 GF."""
    with torch.device("meta"):
        vit = ConvStemViT(config, channels=channels, strides=strides, norm="batch")
    assert round(cost.parameters(vit) / 1e6, 1) == millions
    assert round(cost.multiply_adds(vit, (3, 224, 224)) / 1e9, 1) == billions
