"""Convolutions against torch's own, and against sums written out one by one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from tests.refusing import refuses
from vitexplain.convolution import convolve, slide
from vitexplain.patches import patchify

SIDES = st.integers(1, 4)


@given(
    st.sampled_from([(), (1,), (3,)]), st.tuples(SIDES, SIDES), st.integers(1, 3), st.integers(0, 2)
)
def test_it_equals_torch_s(channels, size, stride, padding):
    generator = np.random.default_rng(0)
    image, kernel = (
        generator.normal(size=(*channels, 7, 9)),
        generator.normal(size=(*channels, *size)),
    )
    asked = {"stride": stride, "padding": padding}
    found = convolve(image, kernel, **asked)
    tensors = [torch.tensor(x) for x in (image, kernel)]
    one, other = (x.reshape(1, -1, *x.shape[-2:]) for x in tensors)
    expected = F.conv2d(one, other, stride=stride, padding=padding)[0, 0]
    np.testing.assert_allclose(found.output, expected, atol=1e-12)
    torch.testing.assert_close(convolve(*tensors, **asked).output, expected, atol=1e-12, rtol=0)


def test_products_and_sums_are_those_of_a_loop():
    generator = np.random.default_rng(1)
    image, kernel = generator.normal(size=(2, 5, 6)), generator.normal(size=(2, 3, 2))
    walk = convolve(image, kernel, stride=2, padding=1)
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    assert walk.output.shape == (3, 4)
    for i, j in np.ndindex(3, 4):
        under = padded[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 2]
        np.testing.assert_array_equal(walk.windows[:, i, j], under)
        np.testing.assert_array_equal(walk.products[:, i, j], under * kernel)
        assert walk.output[i, j] == pytest.approx((under * kernel).sum(), abs=1e-12)


def test_a_stride_as_large_as_the_window_cuts_patches_and_pools():
    images = torch.randn(2, 3, 8, 12, dtype=torch.float64)
    cut = slide(images, 4, stride=4)  # (image, channel, row, col, 4, 4)
    torch.testing.assert_close(cut.permute(0, 2, 3, 1, 4, 5).reshape(2, 6, -1), patchify(images, 4))
    pooled = slide(images, 2, stride=2)
    torch.testing.assert_close(pooled.amax((-2, -1)), F.max_pool2d(images, 2))
    torch.testing.assert_close(pooled.mean((-2, -1)), F.avg_pool2d(images, 2))


IMAGE, KERNEL = np.ones((4, 5)), np.ones((3, 3))


test_what_it_refuses = refuses(
    (TypeError, "floating", lambda: convolve(IMAGE.astype(int), KERNEL)),
    (TypeError, "one library", lambda: convolve(IMAGE, torch.ones(3, 3))),
    (ValueError, "stride must be at least 1", lambda: convolve(IMAGE, KERNEL, stride=0)),
    (ValueError, "padding 0, got 1 and -1", lambda: convolve(IMAGE, KERNEL, padding=-1)),
    (ValueError, "5×5 does not fit", lambda: slide(IMAGE, 5)),
    (ValueError, "same channels", lambda: convolve(IMAGE[None], KERNEL)),
)
