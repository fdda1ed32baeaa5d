"""Position codes against published values, transformers' code and torch's interpolation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from vitexplain.positions import interpolate, sinusoidal_1d, sinusoidal_2d


def test_first_positions():
    expected = [
        [0, 1, 0, 1],
        [0.8415, 0.5403, 0.0100, 1.0000],
        [0.9093, -0.4161, 0.0200, 0.9998],
        [0.1411, -0.9900, 0.0300, 0.9996],
    ]
    np.testing.assert_allclose(sinusoidal_1d(4, 4), expected, atol=5e-5)


def test_two_axes_equal_transformers_up_to_the_order_of_dims():
    from transformers.models.vit_mae.modeling_vit_mae import build_2d_sinusoidal_position_embedding

    dim = 32
    theirs = build_2d_sinusoidal_position_embedding(5, 7, dim, dtype=torch.float64).numpy()
    half = np.arange(dim // 2).reshape(2, -1).T.ravel()  # theirs: all sines before all cosines
    order = np.concatenate([half, dim // 2 + half])
    np.testing.assert_allclose(sinusoidal_2d(5, 7, dim), theirs[:, order], atol=1e-14)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 8))
def test_codes_are_finite_and_of_constant_length(rows, cols, quarter):
    table = sinusoidal_2d(rows, cols, 4 * quarter)
    assert table.shape == (rows * cols, 4 * quarter)
    np.testing.assert_allclose((table**2).sum(-1), 2 * quarter)


def test_similarity_depends_on_the_distance_alone():
    table = sinusoidal_1d(10, 16)
    similarity = table @ table.T
    for offset in range(10):
        diagonal = np.diagonal(similarity, offset)
        np.testing.assert_allclose(diagonal, diagonal[0], rtol=1e-12)


@pytest.mark.rejects
@pytest.mark.parametrize("dim", [-2, 0, 1, 3])
def test_a_dim_that_cannot_hold_sine_and_cosine_is_an_error(dim):
    with pytest.raises(ValueError, match=f"positive multiple of 2 .* got {dim}"):
        sinusoidal_1d(5, dim)
    with pytest.raises(ValueError, match=f"positive multiple of 4 .* got {dim}"):
        sinusoidal_2d(5, 5, dim)
    with pytest.raises(ValueError, match="tokens must be at least 1"):
        sinusoidal_1d(0, 4)


GRIDS = [
    ((14, 14), (24, 24)),
    ((14, 14), (7, 9)),
    ((4, 6), (5, 3)),
    ((3, 3), (2, 7)),
    ((1, 1), (3, 2)),
    ((5, 4), (5, 4)),
]


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize(("old", "new"), GRIDS)
@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_interpolation_equals_torch(rng, old, new, antialias, prefix):
    table = rng.standard_normal((prefix + old[0] * old[1], 8))
    image = torch.from_numpy(table[prefix:]).reshape(1, *old, 8).permute(0, 3, 1, 2)
    resized = F.interpolate(
        image, size=new, mode="bicubic", antialias=antialias, align_corners=False
    )
    expected = resized.permute(0, 2, 3, 1).reshape(-1, 8)
    for array in (table, torch.from_numpy(table)):
        got = interpolate(array, old, new, antialias=antialias)
        assert type(got) is type(array)
        np.testing.assert_allclose(got[prefix:], expected, atol=1e-13)
        np.testing.assert_array_equal(got[:prefix], table[:prefix])


def test_interpolation_takes_a_batch_axis_and_the_same_grid_changes_nothing(rng):
    table = rng.standard_normal((1, 17, 6))
    np.testing.assert_allclose(interpolate(table, (4, 4), (4, 4)), table, atol=1e-14)
    assert interpolate(table, (4, 4), (2, 8)).shape == (1, 17, 6)


@pytest.mark.rejects
def test_a_table_too_small_for_its_grid_is_an_error():
    with pytest.raises(ValueError, match=r"needs 16 rows, the table has 10, shape \(10, 4\)"):
        interpolate(np.ones((10, 4)), (4, 4), (2, 2))
    with pytest.raises(ValueError, match="new_grid must have at least one row"):
        interpolate(np.ones((16, 4)), (4, 4), (0, 2))
