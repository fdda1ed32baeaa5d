"""Patches against a strided convolution, torch's unfold, and their own inverse."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from tests.refusing import refuses
from vitexplain.patches import patchify, project, unpatchify


@pytest.mark.parametrize("patch", [16, (16, 8)])
def test_projected_patches_equal_a_strided_convolution(patch):
    torch.manual_seed(0)
    images = torch.randn(2, 3, 32, 48, dtype=torch.float64)
    convolution = torch.nn.Conv2d(3, 10, patch, stride=patch, dtype=torch.float64)
    weight = convolution.weight.reshape(10, -1).T
    bias = convolution.get_parameter("bias")
    expected = convolution(images).flatten(2).mT
    got = project(patchify(images, patch), weight, bias)
    torch.testing.assert_close(got, expected, atol=1e-13, rtol=1e-13)
    in_numpy = project(
        patchify(images.numpy(), patch), weight.detach().numpy(), bias.detach().numpy()
    )
    np.testing.assert_allclose(in_numpy, expected.detach(), atol=1e-13)


def test_patches_equal_unfold():
    images = torch.arange(2 * 3 * 8 * 12, dtype=torch.float64).reshape(2, 3, 8, 12)
    torch.testing.assert_close(patchify(images, 4), F.unfold(images, 4, stride=4).mT)


def test_order_is_channel_row_column_and_patches_go_row_by_row():
    channel, row, col = np.meshgrid(np.arange(2), np.arange(4), np.arange(6), indexing="ij")
    image = (100 * channel + 10 * row + col).astype(float)
    patches = patchify(image, 2)
    assert patches.shape == (6, 8)
    np.testing.assert_array_equal(patches[0], [0, 1, 10, 11, 100, 101, 110, 111])
    np.testing.assert_array_equal(patches[1][:4], [2, 3, 12, 13])
    np.testing.assert_array_equal(patches[3][:4], [20, 21, 30, 31])


@given(*[st.integers(1, 4)] * 5, st.booleans())
def test_unpatchify_undoes_patchify(channels, rows, cols, height, width, batched):
    shape = (channels, rows * height, cols * width)
    image = np.arange(float(np.prod(shape))).reshape(shape)
    image = image[None] if batched else image
    patches = patchify(image, (height, width))
    assert patches.shape[-2:] == (rows * cols, channels * height * width)
    back = unpatchify(patches, (rows, cols), channels=channels, patch=(height, width))
    np.testing.assert_array_equal(back, image)


I, P, E = np.zeros((3, 32, 32)), np.zeros((16, 192)), np.ones((192, 2))  # noqa: E741
test_wrong_shapes_are_errors = refuses(
    (ValueError, r"5×5 do not tile an image of 32×32 .*\(3, 32, 32\)", lambda: patchify(I, 5)),
    (ValueError, "at least 1", lambda: patchify(I, 0)),
    (ValueError, "3 axes", lambda: patchify(I[0], 4)),
    (TypeError, "floating", lambda: patchify(I.astype(np.uint8), 4)),
    (ValueError, "3×4 grid needs 12 patches, got 16", lambda: unpatchify(P, (3, 4))),
    (ValueError, "has 147 numbers, got 192", lambda: unpatchify(P, (4, 4), patch=7)),
    (ValueError, r"last axis .* \(16, 192\) and \(5, 2\)", lambda: project(P, np.ones((5, 2)))),
    (ValueError, r"bias must be \(2,\), got \(3,\)", lambda: project(P, E, np.ones(3))),
)
