"""Windows put back on the grid: by hand, by brute force, and rows that sum to 1."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.refusing import refuses
from vitexplain.reading import rollout, stage_rollout
from vitexplain.trace import Layer
from vitexplain.windows import (
    PADDING,
    full_map,
    grid_places,
    merge_places,
    reduced_map,
    window_places,
)

WRONG: Any = "wrong"
sides = st.integers(1, 7)
grids = st.tuples(sides, sides)
windows = st.tuples(st.integers(1, 4), st.integers(1, 4))


def random_weights(seed: int, *shape: int) -> np.ndarray:
    """Weights (..., query, key) whose rows sum to 1."""
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), shape[:-1])


def layer(seed: int, grid, window, shift=(0, 0), heads: int = 2, pad: Any = "first") -> Any:
    places = window_places(grid, window, shift, pad=pad)
    count, place = places.shape
    weights = random_weights(seed, count, heads, place, place)
    return Layer("layer", weights, grid=grid, places=places)


def test_four_tokens_in_two_windows_by_hand():
    """A row of four tokens, windows of two, shifted by one: {1, 2} and {3, 0}."""
    np.testing.assert_array_equal(window_places((1, 4), (1, 2)), [[0, 1], [2, 3]])
    np.testing.assert_array_equal(window_places((1, 4), (1, 2), (0, 1)), [[1, 2], [3, 0]])
    weights = np.array([[[0.1, 0.9], [0.2, 0.8]], [[0.3, 0.7], [0.4, 0.6]]])
    expected = [[0.6, 0, 0, 0.4], [0, 0.1, 0.9, 0], [0, 0.2, 0.8, 0], [0.7, 0, 0, 0.3]]
    places = window_places((1, 4), (1, 2), (0, 1))
    np.testing.assert_array_equal(full_map(weights, places), expected)


def test_padding_before_or_after_the_shift_by_hand():
    """Three tokens, windows of two, shifted by one."""
    first = window_places((1, 3), (1, 2), (0, 1), pad="first")
    np.testing.assert_array_equal(first, [[1, 2], [PADDING, 0]])
    last = window_places((1, 3), (1, 2), (0, 1), pad="last")
    np.testing.assert_array_equal(last, [[1, 2], [0, PADDING]])


def test_grid_attention_takes_one_token_of_each_cell():
    """A 4 × 4 grid in a raster of 2 × 2: its first group is the upper left corner of each cell."""
    found = grid_places((4, 4), (2, 2))
    np.testing.assert_array_equal(
        found, [[0, 2, 8, 10], [1, 3, 9, 11], [4, 6, 12, 14], [5, 7, 13, 15]]
    )


@given(grids, windows, st.data())
def test_places_by_brute_force(grid, window, data):
    shift = tuple(data.draw(st.integers(0, side - 1)) for side in window)
    rows, cols = (-(-side // step) * step for side, step in zip(grid, window, strict=True))
    for pad in ("first", "last"):
        places = window_places(grid, window, shift, pad=pad)
        across = cols // window[1]
        for row, col in product(range(rows), range(cols)):
            found = places[row // window[0] * across + col // window[1]][
                row % window[0] * window[1] + col % window[1]
            ]
            if pad == "first":  # rolled with its padding
                row, col = (row + shift[0]) % rows, (col + shift[1]) % cols
                inside = row < grid[0] and col < grid[1]
            else:
                inside = row < grid[0] and col < grid[1]
                row, col = (row + shift[0]) % grid[0], (col + shift[1]) % grid[1]
            assert found == (row * grid[1] + col if inside else PADDING)


@given(st.integers(0, 99), grids, windows, st.booleans())
def test_full_map_by_brute_force(seed, grid, window, in_torch):
    shift = window[0] // 2, window[1] // 2
    one = layer(seed, grid, window, shift)
    weights = torch.from_numpy(one.weights) if in_torch else one.weights
    full = replace(one, weights=weights).full
    tokens = grid[0] * grid[1]
    expected = np.zeros((2, tokens, tokens))
    for number, held in enumerate(one.places):
        for (i, query), (j, key) in product(enumerate(held), repeat=2):
            if query != PADDING and key != PADDING:
                expected[:, query, key] = one.weights[number, :, i, j]
    np.testing.assert_array_equal(full, expected)


def test_full_rows_sum_to_one_where_windows_tile():
    one = layer(0, (4, 6), (2, 3), (1, 1))
    np.testing.assert_allclose(one.full.sum(-1), 1, rtol=1e-12)
    assert (one.full > 0).sum() == 2 * 24 * 6  # six tokens a window


def test_reduced_keys_share_their_weight():
    weights = np.array([[0.8, 0.2]])
    np.testing.assert_allclose(
        reduced_map(weights, (2, 4), 2), [[0.2, 0.2, 0.05, 0.05, 0.2, 0.2, 0.05, 0.05]]
    )
    odd = reduced_map(random_weights(0, 3, 9, 4), (3, 3), 2)  # keys of 4, 2, 2 and 1 tokens
    np.testing.assert_allclose(odd.sum(-1), 1, rtol=1e-12)


def test_rollout_across_a_merge_by_hand():
    """2 × 2 tokens in one window, merged to one: the mean of the four rows."""
    first = layer(0, (2, 2), (2, 2))
    mean = 0.5 * np.eye(4) + 0.5 * first.weights[0].mean(0)
    last = Layer("merged", np.ones((1, 2, 1, 1)), grid=(1, 1), places=window_places((1, 1), (1, 1)))
    np.testing.assert_allclose(stage_rollout([first, last]), mean.mean(0)[None], rtol=1e-12)


def brute_force(layers: list[Any], residual: float) -> np.ndarray:
    """The same with the matrices of the whole grid."""
    tokens = layers[0].grid[0] * layers[0].grid[1]
    rolled, grid = np.eye(tokens), layers[0].grid
    for one in layers:
        if one.grid != grid:
            merge = np.zeros((one.grid[0] * one.grid[1], grid[0] * grid[1]))
            for row, col in product(range(grid[0]), range(grid[1])):
                merge[row // 2 * one.grid[1] + col // 2, row * grid[1] + col] = 1
            rolled = merge / merge.sum(1, keepdims=True) @ rolled
        full = np.asarray(one.full).mean(0)
        full = full / full.sum(-1, keepdims=True)
        rolled = (residual * np.eye(len(full)) + (1 - residual) * full) @ rolled
        grid = one.grid
    return rolled


@given(st.integers(0, 99), grids, windows, st.floats(0, 0.9), st.booleans())
def test_rollout_by_brute_force_and_rows_that_sum_to_one(seed, grid, window, residual, in_torch):
    half = -(-grid[0] // 2), -(-grid[1] // 2)
    shift = window[0] // 2, window[1] // 2
    layers = [
        layer(seed, grid, window),
        layer(seed + 1, grid, window, shift),
        layer(seed + 2, half, window, pad="last"),
        layer(seed + 3, half, window, shift, pad="last"),
    ]
    expected = brute_force(layers, residual)
    if in_torch:
        layers = [replace(one, weights=torch.from_numpy(one.weights)) for one in layers]
    rolled = np.asarray(stage_rollout(iter(layers), residual=residual))
    np.testing.assert_allclose(rolled, expected, atol=1e-12)
    np.testing.assert_allclose(rolled.sum(-1), 1, rtol=1e-12)


@pytest.mark.parametrize("fusion", ["mean", "max", "min"])
def test_rows_sum_to_one_in_float32_at_swin_t_s_sizes(fusion):
    """56² tokens, four stages, twelve layers, a batch of one."""
    generator = torch.Generator().manual_seed(0)
    layers = []
    for stage, depth in enumerate((2, 2, 6, 2)):
        grid, heads = (56 >> stage, 56 >> stage), 3
        for block in range(depth):
            places = window_places(grid, (7, 7), (3 * (block % 2), 3 * (block % 2)))
            scores = torch.randn(1, len(places), heads, 49, 49, generator=generator)
            layers.append(Layer("layer", scores.softmax(-1), grid=grid, places=places))
    rolled = stage_rollout(layers, fusion=fusion)
    assert rolled.shape == (1, 49, 3136)
    torch.testing.assert_close(rolled.sum(-1), torch.ones(1, 49), rtol=0, atol=1e-6)


def test_one_window_is_the_rollout_of_global_attention():
    layers = [layer(seed, (2, 3), (2, 3)) for seed in range(3)]
    expected = rollout(one.weights[0] for one in layers)
    np.testing.assert_allclose(stage_rollout(layers), expected, rtol=1e-12)


def test_half_precision_is_rolled_out_in_float32():
    one = layer(0, (4, 4), (2, 2))
    half = replace(one, weights=torch.from_numpy(one.weights).to(torch.bfloat16))
    rolled = stage_rollout([half, half])
    assert rolled.dtype == torch.float32
    torch.testing.assert_close(rolled.sum(-1), torch.ones(16), rtol=0, atol=1e-6)


ONE, OPPOSITE = layer(0, (2, 2), (1, 1)), layer(0, (2, 2), (2, 2))
DOUBLE = replace(OPPOSITE, weights=OPPOSITE.weights * 2)
OPPOSITE.weights[0, :, 0] = np.eye(4)[:2]
test_wrong_input_says_the_rule = refuses(
    (ValueError, "at least 1 × 1", lambda: window_places((0, 2), (1, 1))),
    (ValueError, "'first' or 'last'", lambda: window_places((2, 2), (1, 1), pad=WRONG)),
    (ValueError, r"\(3, 2\) does not divide a .* \(4, 4\)", lambda: grid_places((4, 4), (3, 2))),
    (
        ValueError, r"\(..., 1, 4, 4\)",
        lambda: full_map(np.ones((2, 4, 4)), merge_places((2, 2))),
    ),
    (ValueError, "gives 4 keys, got 3", lambda: reduced_map(np.ones((4, 3)), (4, 4), 2)),
    (ValueError, "at least one layer", lambda: stage_rollout([])),
    (ValueError, "less than 1, got 1.0", lambda: stage_rollout([ONE], residual=1.0)),
    (ValueError, "got 'wrong'", lambda: stage_rollout([ONE], fusion=WRONG)),
    *(
        (ValueError, "merging", lambda two=two: stage_rollout(two))
        for two in (
            [layer(0, (4, 4), (2, 2)), layer(1, (3, 3), (3, 3))],
            [ONE, layer(1, (4, 4), (2, 2))],
        )
    ),
    (ValueError, "each row of layer's weights must sum to 1", lambda: stage_rollout([DOUBLE])),
    (ValueError, "all 0, fuse by", lambda: stage_rollout([OPPOSITE], fusion="min")),
)  # fmt: skip
