"""Effective receptive fields where the answer is known: kernels, stacks of them, attention."""

import numpy as np
import pytest
import torch
from torch import nn

from vitexplain.compare.convnext import ConvNeXt, ConvNeXtConfig
from vitexplain.compare.effective import effective_field, field_extent, field_size
from vitexplain.compare.resnet import ResNet, ResNetConfig
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.vit import ViT, ViTConfig


def convolutions(depth, *, channels=1, kernel=3, width=8):
    layers, before = [], channels
    for _ in range(depth):
        layers.append(nn.Conv2d(before, width, kernel, padding=kernel // 2, bias=False))
        before = width
    return nn.Sequential(*layers)


def test_the_field_of_one_kernel_is_the_kernel():
    conv = nn.Conv2d(1, 1, 3, padding=1)
    images = torch.randn(2, 1, 9, 11)
    field = effective_field(conv, images, place=(2, 5))
    expected = torch.zeros(9, 11)
    kernel = conv.weight.detach()[0, 0].abs()
    expected[1:4, 4:7] = kernel / kernel.sum()
    torch.testing.assert_close(field, expected)


@pytest.mark.parametrize("seed", range(6))
def test_outputs_are_added_with_signs_and_inputs_by_size(seed):
    conv = nn.Conv2d(3, 2, 3, padding=1)
    field = effective_field(conv, torch.randn(1, 3, 3, 3), seed=seed)
    one, other = conv.weight.detach()
    either = [(one + sign * other).abs().sum(0) for sign in (1, -1)]
    gaps = [float((field - kernel / kernel.sum()).abs().max()) for kernel in either]
    assert min(gaps) < 1e-6 < 1e-3 < max(gaps)


def test_signs_are_random_and_reproducible():
    model, images = convolutions(1), torch.randn(1, 1, 9, 9)
    first = effective_field(model, images)
    torch.testing.assert_close(effective_field(model, images), first, rtol=0, atol=0)
    assert (effective_field(model, images, seed=1) - first).abs().max() > 1e-4


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_no_pixel_outside_the_theoretical_field_matters(depth):
    side = 2 * depth + 1
    field = effective_field(convolutions(depth), torch.randn(3, 1, 21, 21))
    assert field_extent(field) == (side, side)
    outside = field.clone()
    outside[10 - depth : 11 + depth, 10 - depth : 11 + depth] = 0
    assert outside.sum() == 0


def test_a_deep_stack_uses_a_smaller_part_of_its_field():
    torch.manual_seed(0)
    images = torch.randn(8, 1, 61, 61)
    used = []
    for depth in (3, 9, 27):
        field = effective_field(convolutions(depth), images)
        used.append(field_size(field) / (2 * depth + 1))
    # Luo et al.: the effective field grows as the root of the depth, the theoretical with it.
    assert used[0] > used[1] > used[2]
    assert used[2] < 0.6 * used[0]


VIT = ViTConfig(image_size=32, patch=4, dim=32, depth=2, heads=4, mlp_dim=64, classes=3, channels=1)


MODELS = {
    "resnet": ResNet(ResNetConfig(depths=(1, 1), widths=(8, 16), stem="small", channels=1)),
    "convnext": ConvNeXt(ConvNeXtConfig(depths=(1, 1), widths=(8, 16), channels=1, scale=1.0)),
    "swin": Swin(
        SwinConfig(
            image_size=32, patch=4, dim=16, depths=(2, 2), heads=(2, 2), window=4, channels=1
        )
    ),
    "vit": ViT(VIT),
}


@pytest.mark.parametrize("name", MODELS)
def test_it_works_for_every_model_with_features(name):
    field = effective_field(MODELS[name].eval(), torch.randn(2, 1, 32, 32))
    assert field.shape == (32, 32)
    assert 1 < field_size(field) <= 32
    torch.testing.assert_close(field.sum(), torch.tensor(1.0))


def test_a_vit_sees_the_whole_image_at_once():
    torch.manual_seed(0)
    vit, images = ViT(VIT), torch.randn(4, 1, 32, 32)
    field = effective_field(vit, images)
    assert field_extent(field) == (32, 32)
    own = field[16:20, 16:20].sum()  # the patch in the middle, the residual's
    assert own > 10 * field.sum() / 64
    assert field_size(field) > 2 * field_size(effective_field(convolutions(4), images))


def test_a_layer_norms_plain_sum_would_have_no_gradient():
    torch.manual_seed(0)
    vit, images = ViT(VIT), torch.randn(1, 1, 32, 32, requires_grad=True)
    (gradient,) = torch.autograd.grad(vit.features(images)[:, :, 4, 4].sum(), images)
    assert gradient.abs().max() < 1e-4
    (one,) = torch.autograd.grad(vit.features(images)[:, 0, 4, 4].sum(), images)
    assert one.abs().max() > 1e-2


def test_it_works_where_gradients_are_off():
    with torch.no_grad():
        field = effective_field(convolutions(2), torch.randn(1, 1, 9, 9))
    torch.testing.assert_close(field.sum(), torch.tensor(1.0))


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9545, 1])
def test_the_size_of_fields_that_are_known(share):
    flat = torch.zeros(40, 50)
    flat[5:25, 3:23] = 7
    np.testing.assert_allclose(field_size(flat, share=share), 20 * share**0.5, rtol=2e-3)
    place = torch.arange(201) - 100.0
    gauss = torch.exp(-(place[:, None] ** 2 + place**2) / (2 * 12**2))
    if share < 1:  # a disc of radius σ √(2 log 1/(1 - share)) holds the share
        disc = 12 * np.sqrt(2 * np.pi * np.log(1 / (1 - share)))
        np.testing.assert_allclose(field_size(gauss, share=share), disc, rtol=0.01)


def test_an_empty_field_has_no_extent():
    assert field_extent(torch.zeros(3, 3)) == (0, 0)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: effective_field(nn.Identity(), torch.ones(3, 4, 4)), ValueError, "images must"),
        (
            lambda: effective_field(lambda x: x.mean((2, 3)), torch.ones(1, 3, 4, 4)),
            ValueError,
            "features must",
        ),
        (
            lambda: effective_field(nn.Identity(), torch.ones(1, 3, 4, 4), place=(4, 0)),
            IndexError,
            "not in a map",
        ),
        (
            lambda: effective_field(lambda x: 0 * x, torch.ones(1, 3, 4, 4)),
            ValueError,
            "no pixel changes",
        ),
        (lambda: field_size(torch.ones(2, 2), share=0), ValueError, "share must"),
        (lambda: field_size(-torch.ones(2, 2)), ValueError, "negative"),
    ],
)
def test_errors_say_the_rule(call, error, message):
    with pytest.raises(error, match=message):
        call()
