"""Equivariance where it holds exactly, where it fails, and by how much; static and dynamic."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch
from torch import nn

from vitexplain.attention import multi_head
from vitexplain.compare.receptive import receptive_field
from vitexplain.compare.resnet import ResNet, ResNetConfig
from vitexplain.compare.symmetry import (
    permutation_error,
    shuffle,
    shuffle_error,
    static_and_dynamic,
    translation_error,
)
from vitexplain.designed import designed_attention
from vitexplain.faces import GRID, draw_face
from vitexplain.patches import patchify, unpatchify
from vitexplain.vit import ViT, ViTConfig


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def convolutions(mode: Literal["zeros", "circular"] = "zeros", stride=1):
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride, padding=1, padding_mode=mode),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, padding_mode=mode),
    )


VIT = ViTConfig(image_size=32, patch=4, dim=24, depth=2, heads=3, mlp_dim=48, readout="mean")


def vit(*, positions):
    model = ViT(VIT)
    with torch.no_grad():
        model.pos_embed.normal_() if positions else model.pos_embed.zero_()
    return model


IMAGES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("shift", [(1, 0), (0, -3), (5, 7), (-11, 4)])
def test_a_convolution_without_borders_moves_with_the_image(shift):
    assert translation_error(convolutions("circular"), IMAGES, shift) < 1e-5


@pytest.mark.parametrize("shift", [(1, 0), (0, -3), (5, 7), (-11, 4)])
def test_zeros_at_the_border_break_it_there_alone(shift):
    model = convolutions()
    assert translation_error(model, IMAGES, shift) > 0.01
    assert translation_error(model, IMAGES, shift, margin=1) > 1e-3
    assert translation_error(model, IMAGES, shift, margin=2) < 1e-5  # two kernels of three reach 2


def test_a_stride_keeps_its_multiples_alone():
    model = convolutions("circular", stride=4)
    assert translation_error(model, IMAGES, (4, -8)) < 1e-5
    assert translation_error(model, IMAGES, (2, 0)) > 0.5


@pytest.mark.parametrize("stride", [1, 2])
def test_a_small_resnet_moves_with_the_image_beyond_the_reach_of_its_border(stride):
    config = ResNetConfig(depths=(2, 2), widths=(8, 16), stem="small", block="basic", stride=stride)
    model = ResNet(config).eval()
    reach = -(-receptive_field(config) // (2 * stride))  # places
    face = torch.tensor(draw_face().pixels, dtype=torch.float32)[None]
    assert translation_error(model, face, (8, 4), margin=0) > 0.1
    assert translation_error(model, face, (8, 4), margin=reach) < 1e-5
    if stride > 1:  # a shift by one pixel falls between its places
        assert translation_error(model, face, (1, 0), margin=reach) > 0.1


def test_a_vit_keeps_a_shift_by_patches_but_for_its_positions():
    assert translation_error(vit(positions=False), IMAGES, (4, 8)) < 1e-5
    assert translation_error(vit(positions=False), IMAGES, (1, 0)) > 0.1
    assert translation_error(vit(positions=True), IMAGES, (4, 8)) > 0.1


def test_the_error_of_unrelated_maps_is_root_two():
    noise = iter(torch.randn(2, 1, 4, 200, 200))
    error = translation_error(lambda _: next(noise), torch.zeros(1, 3, 200, 200), (0, 0))
    np.testing.assert_allclose(error, 2**0.5, rtol=0.01)


def head(x):
    return multi_head(x, *WEIGHTS, heads=4).output


WEIGHTS = torch.randn(4, 16, 16, generator=torch.Generator().manual_seed(2)).double()


@pytest.mark.parametrize("shape", [(10, 16), (3, 10, 16), (2, 3, 10, 16)])
def test_attention_does_not_know_the_order(shape):
    tokens = torch.randn(shape, dtype=torch.float64)
    assert permutation_error(head, tokens) < 1e-12
    assert permutation_error(head, tokens.float().double(), seed=5) < 1e-12
    places = torch.randn(10, 16, dtype=torch.float64)
    assert permutation_error(lambda x: head(x + places), tokens) > 0.5
    causal = torch.ones(10, 10).tril().bool()
    masked = permutation_error(
        lambda x: multi_head(x, *WEIGHTS, heads=4, mask=causal).output, tokens
    )
    assert masked > 0.5


def test_shuffled_patches_are_those_of_patchify():
    order = torch.randperm(8 * 4)
    patches = patchify(IMAGES, (4, 8))[:, order]
    expected = unpatchify(patches, (8, 4), patch=(4, 8))
    torch.testing.assert_close(shuffle(IMAGES, (4, 8), order), expected, rtol=0, atol=0)


def test_a_vit_without_positions_takes_shuffled_patches_for_the_same_image():
    assert shuffle_error(vit(positions=False), IMAGES) < 1e-5
    assert shuffle_error(vit(positions=True), IMAGES) > 0.1
    assert shuffle_error(convolutions("circular", stride=4), IMAGES) > 0.5


def test_registers_and_a_class_token_change_nothing():
    model = ViT(replace(VIT, readout="class", registers=2))
    with torch.no_grad():
        model.pos_embed[:, 1:] = 0
    assert shuffle_error(model, IMAGES) < 1e-5


FACES = draw_face(3), draw_face(8)


def mixing(query=5):
    pixels = torch.tensor(np.stack([face.pixels for face in FACES]))
    runs = [designed_attention(face).head(0).weights for face in FACES]
    conv = nn.Conv2d(3, 4, 3, padding=1).double()
    found = static_and_dynamic(
        conv, pixels, torch.tensor(np.stack(runs)), query=query, grid=GRID, channels=(2, 1)
    )
    return conv, runs, found


def test_a_kernel_is_the_same_for_two_faces_and_attention_is_not():
    conv, runs, found = mixing()
    row, col = 24, 24  # the middle of patch 5, in row 1 and column 1 of 4
    for image in (0, 1):
        patch = found.static[image, row - 1 : row + 2, col - 1 : col + 2]
        torch.testing.assert_close(patch, conv.weight.detach()[2, 1])
        assert found.static[image].count_nonzero() == 9
        np.testing.assert_array_equal(found.dynamic[image].reshape(-1), runs[image][5])
    assert found.static_change == 0
    change = np.abs(runs[0][5] - runs[1][5]).max()
    np.testing.assert_allclose(found.dynamic_change, change, rtol=1e-12)
    assert change > 0.01


ONES = torch.ones(1, 3, 8, 8)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: translation_error(nn.Identity(), IMAGES, (9, 0), margin=12), ValueError, "none"),
        (lambda: translation_error(nn.Identity(), IMAGES, (9, 0), margin=-1), ValueError, "none"),
        (lambda: translation_error(nn.Identity(), ONES, (1, 0)), ValueError, "gives the same"),
        (lambda: shuffle_error(nn.MaxPool2d(3), IMAGES), ValueError, "does not divide"),
        (lambda: permutation_error(nn.Identity(), torch.ones(1, 4)), ValueError, "two or more"),
        (lambda: permutation_error(lambda x: x[:2], torch.ones(3, 4)), ValueError, "came out"),
        (lambda: mixing(query=16), IndexError, "query must be 0 to 15"),
        (
            lambda: static_and_dynamic(
                nn.Conv2d(3, 3, 1), ONES, torch.ones(2, 4, 4), query=0, grid=(2, 2)
            ),
            ValueError,
            "weights must be",
        ),
    ],
)
def test_errors_say_the_rule(call, error, message):
    with pytest.raises(error, match=message):
        call()
