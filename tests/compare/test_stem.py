"""The ViT with a conv stem: a plain ViT on the stem's map, one result from every path."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from vitexplain.compare import cost
from vitexplain.compare.stem import Convolved, ConvStemViT
from vitexplain.patches import sides
from vitexplain.vit import Block, Embedding, Readout, ViT, ViTConfig, count_parameters

TINY = ViTConfig(image_size=16, patch=4, dim=12, depth=2, heads=3, mlp_dim=20, classes=5)
VARIANTS = {
    "class": (TINY, {"channels": (8, 12)}),
    "mean": (replace(TINY, readout="mean", channels=1), {"channels": (8, 6)}),
    "patches, registers": (replace(TINY, readout="patches", registers=2), {"channels": (6, 6)}),
    "batch norm": (TINY, {"channels": (8, 12), "norm": "batch"}),
    "strides": (TINY, {"channels": (8, 8, 6), "strides": (2, 1, 2)}),
    "no down-sampling": (replace(TINY, image_size=6, patch=1), {"channels": (8,), "strides": (1,)}),
    "wide image": (replace(TINY, image_size=(8, 24)), {"channels": (8, 8)}),
}


def random_vit(variant: str, dtype: torch.dtype = torch.float64) -> ConvStemViT:
    """A model none of whose parameters is zero or one, so that each of them matters."""
    config, stem = VARIANTS[variant]
    torch.manual_seed(0)
    vit = ConvStemViT(config, **stem).to(dtype).eval()
    with torch.no_grad():
        for parameter in vit.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + 0.1)
    return vit


def random_images(vit: ConvStemViT, batch: int = 2, dtype=torch.float64) -> torch.Tensor:
    return torch.randn(batch, vit.image.channels, *sides(vit.image.image_size), dtype=dtype)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_walk_gives_the_logits_of_forward(variant, dtype, atol):
    vit = random_vit(variant, dtype)
    images = random_images(vit, dtype=dtype)
    *steps, readout = vit.walk(images)
    convolutions = len(VARIANTS[variant][1]["channels"])
    kinds = [Convolved] * convolutions + [Embedding] + [Block] * vit.config.depth
    assert [type(step) for step in steps] == kinds
    assert [step.name for step in steps[:convolutions]] == [
        f"stem {i}" for i in range(convolutions)
    ]
    assert isinstance(readout, Readout)
    assert readout.logits.std() > 0.1
    assert_close(readout.logits, vit(images), rtol=0, atol=atol)
    assert vit.features(images).shape == (2, 12, *VARIANTS[variant][0].grid)


def test_it_is_a_vit_on_the_map_of_its_convolutions():
    """Built again from torch's layers and our ViT with patches of 1×1."""
    vit = random_vit("class")
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
    images = random_images(vit)
    assert_close(vit(images), plain(layers(images)), rtol=0, atol=1e-12)


def test_the_stem_takes_the_place_of_the_patch_projection():
    vit = random_vit("class")
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


@pytest.mark.parametrize(("norm", "alone"), [("group", True), ("batch", False)])
def test_group_norm_gives_an_image_the_same_answer_in_every_batch(norm, alone):
    torch.manual_seed(0)
    vit = ConvStemViT(TINY, channels=(8, 12), norm=norm).train()
    images = torch.randn(4, 3, 16, 16)
    difference = (vit(images)[:1] - vit(images[:1])).abs().max()
    assert (difference < 1e-5) == alone


def test_every_parameter_learns():
    vit = ConvStemViT(replace(TINY, readout="mean"), channels=(8, 12))
    vit(torch.randn(2, 3, 16, 16)).logsumexp(-1).sum().backward()
    still = [n for n, p in vit.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert still == []


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": (8,)}, r"got strides \(2,\) and patch 4"),
        ({"channels": (8, 8), "strides": (2, 1)}, r"got strides \(2, 1\) and patch 4"),
        ({"channels": (8, 8), "strides": (4,)}, "as many sizes of at least 1"),
        ({"channels": ()}, "as many sizes of at least 1"),
        ({"channels": (0, 8)}, "as many sizes of at least 1"),
        ({"channels": (8, 8), "norm": "layer"}, "norm must be 'group' or 'batch', got 'layer'"),
    ],
)
def test_stems_that_do_not_fit_are_errors(change, message):
    with pytest.raises(ValueError, match=message):
        ConvStemViT(TINY, **change)


@pytest.mark.rejects
@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)])
def test_images_of_another_shape_are_an_error(shape):
    vit = ConvStemViT(TINY, channels=(8, 8))
    for path in (vit, vit.features, lambda x: next(vit.walk(x))):
        with pytest.raises(ValueError, match=r"images must be .* = \(batch, 3, 16, 16\)"):
            path(torch.zeros(shape))
