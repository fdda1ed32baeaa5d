"""The ViT paper's hybrid: standardised kernels, padding, and the paper's own costs."""

import pytest
import torch
from timm.layers.padding import pad_same as timm_pad
from torch.nn import functional as F
from torch.testing import assert_close

from tests.compare.networks import NETWORKS, images_for, random_model
from vitexplain.compare import cost
from vitexplain.compare.hybrid import HYBRIDS, HybridViT
from vitexplain.compare.resnet_config import Convolution
from vitexplain.compare.resnetv2 import Block, StandardisedConv, pad_same, standardised
from vitexplain.vit import Embedding


@pytest.mark.parametrize("name", NETWORKS["hybrid"])
def test_a_place_of_the_map_is_a_patch(name):
    case = NETWORKS["hybrid"][name]
    model, vit = random_model(case), case.config.vit
    *_, last, embedding, _, _, _ = model.walk(images_for(case).double())
    assert isinstance(last, Block)
    assert isinstance(embedding, Embedding)
    assert last.output.shape == (2, model.backbone.dim, *vit.grid)
    assert_close(embedding.patches, last.output.flatten(2).mT)


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
