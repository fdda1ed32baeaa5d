"""The ViT paper's hybrid: standardised kernels, padding, and the paper's own costs."""

from dataclasses import replace

import pytest
import timm
import torch
from timm.layers.padding import pad_same as timm_pad
from torch.nn import functional as F
from torch.testing import assert_close

from vitexplain.compare import cost
from vitexplain.compare.hybrid import HYBRIDS, HybridConfig, HybridViT
from vitexplain.compare.resnet_config import Convolution
from vitexplain.compare.resnetv2 import Block, StandardisedConv, Stem, pad_same, standardised
from vitexplain.vit import Embedding, Readout, ViTConfig

VIT = ViTConfig(image_size=32, patch=16, dim=12, depth=2, heads=3, mlp_dim=20, classes=5)
SMALL = replace(VIT, image_size=8, patch=2, channels=1, readout="mean")
VARIANTS = {
    "imagenet": HybridConfig(VIT, depths=(1, 2, 1), width=8),
    "small": HybridConfig(SMALL, depths=(1, 2), width=6, stem="small"),
    "odd map": HybridConfig(replace(VIT, image_size=(36, 20), patch=4), depths=(2,), width=4),
}


def random_hybrid(config: HybridConfig, dtype: torch.dtype = torch.float64) -> HybridViT:
    """A model none of whose parameters is zero or one, so that each of them matters."""
    torch.manual_seed(0)
    model = HybridViT(config).to(dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + 0.1)
    return model


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_walk_gives_the_logits_of_forward(variant, dtype, atol):
    config = VARIANTS[variant]
    model = random_hybrid(config, dtype)
    vit = config.vit
    rows, cols = (config.stride * side for side in vit.grid)
    images = torch.randn(2, vit.channels, rows, cols, dtype=dtype)
    stem, *blocks, embedding, _, _, readout = model.walk(images)
    assert isinstance(stem, Stem)
    assert isinstance(readout, Readout)
    assert readout.logits.std() > 0.1
    assert_close(readout.logits, model(images), rtol=0, atol=atol)
    names = [f"stage {i} block {j}" for i, n in enumerate(config.depths) for j in range(n)]
    assert [block.name for block in blocks] == names
    last = blocks[-1]
    assert isinstance(last, Block)
    assert isinstance(embedding, Embedding)
    assert last.output.shape == (2, model.backbone.dim, *vit.grid)
    assert_close(embedding.patches, last.output.flatten(2).mT)  # a place is a patch
    assert model.features(images).shape == (2, vit.dim, *vit.grid)


def test_standardised_kernels_have_mean_0_and_variance_1():
    weight = 5 + 3 * torch.randn(7, 4, 3, 3, dtype=torch.float64)
    found = standardised(weight).flatten(1)
    assert_close(found.mean(1), torch.zeros(7, dtype=torch.float64))
    assert_close(found.var(1, correction=0), torch.ones(7, dtype=torch.float64))
    order = weight[0].flatten().argsort()
    assert (standardised(weight)[0].flatten()[order].diff() > 0).all()


def test_a_kernel_scaled_and_moved_gives_the_same_map():
    conv = StandardisedConv(Convolution(3, 2, 4), 3).double()
    conv.weight.data = torch.randn_like(conv.weight)
    x = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    before = conv(x)
    assert_close(before, F.conv2d(F.pad(x, (0, 1, 0, 1)), standardised(conv.weight), stride=2))
    conv.weight.data = 7 * conv.weight.data - 2
    assert_close(conv(x), before, rtol=0, atol=1e-6)  # ε counts for less at a larger variance


@pytest.mark.parametrize("side", [7, 8, 9, 12])
@pytest.mark.parametrize("kernel", [1, 3, 7])
@pytest.mark.parametrize("stride", [1, 2])
def test_padding_is_tensorflows_same(side, kernel, stride):
    x = torch.randn(1, 1, side, side + 1)
    padded = pad_same(x, kernel, stride, -1.0)
    assert_close(padded, timm_pad(x, [kernel] * 2, [stride] * 2, value=-1.0), rtol=0, atol=0)
    kept = F.max_pool2d(padded, kernel, stride).shape[2:]
    assert kept == (-(-side // stride), -(-(side + 1) // stride))


@pytest.mark.parametrize("size", [224, 384])
def test_counts_equal_timm(size):
    peer = f"vit_base_r50_s16_{size}"
    config = HYBRIDS["r50_vit_b16"]
    config = replace(config, vit=replace(config.vit, image_size=size))
    with torch.device("meta"):
        model, theirs = HybridViT(config), timm.create_model(peer, num_classes=1000)
    assert cost.parameters(model) == cost.parameters(theirs)
    shape = (3, size, size)
    assert cost.multiply_adds(model, shape) == cost.multiply_adds(theirs, shape)


@pytest.mark.parametrize(
    ("name", "epochs", "exaflops"),
    [
        ("r50_vit_b32", 7, 106),
        ("r50_vit_b16", 7, 274),
        ("r50_vit_l32", 7, 246),
        ("r50_vit_l16", 14, 1668),
    ],
)
def test_costs_are_those_of_the_paper(name, epochs, exaflops):
    """Dosovitskiy et al., Table 6: three passes, two operations each, over 303 M images."""
    with torch.device("meta"):
        model = HybridViT(HYBRIDS[name])
    macs = cost.multiply_adds(model, (3, 224, 224))
    assert 6 * macs * 303e6 * epochs / 1e18 == pytest.approx(exaflops, rel=0.02)


def test_every_parameter_learns():
    model = HybridViT(VARIANTS["small"])
    model(torch.randn(2, 1, 8, 8)).logsumexp(-1).sum().backward()
    still = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert still == []


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depths": (3, 4)}, "one place of 8×8 pixels, which must be the ViT's patch, got 16"),
        ({"stem": "small"}, "one place of 4×4 pixels"),
        ({"depths": ()}, "depths must be one or more sizes of at least 1"),
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"stem": "large"}, "stem must be 'imagenet' or 'small', got 'large'"),
    ],
)
def test_sizes_that_do_not_fit_are_errors(change, message):
    with pytest.raises(ValueError, match=message):
        replace(VARIANTS["imagenet"], **change)


@pytest.mark.rejects
def test_images_of_another_shape_are_an_error():
    model = HybridViT(VARIANTS["imagenet"])
    for path in (model, lambda x: next(model.walk(x))):
        with pytest.raises(ValueError, match=r"images must be .* = \(batch, 3, 32, 32\)"):
            path(torch.zeros(2, 3, 32, 16))
