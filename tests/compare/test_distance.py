"""Attention distance against worked examples, brute force and its reference lines."""

import numpy as np
import pytest
import torch

from vitexplain.compare.distance import (
    attention_distance,
    distances,
    farthest_distance,
    uniform_distance,
)


def test_distances_of_four_patches_by_hand():
    root = 10 * 2**0.5
    expected = [[0, 10, 10, root], [10, 0, root, 10], [10, root, 0, 10], [root, 10, 10, 0]]
    np.testing.assert_allclose(distances((2, 2), 10), expected, atol=1e-12)
    np.testing.assert_allclose(distances((2, 2), (3, 4))[0], [0, 4, 3, 5], atol=1e-12)


def test_the_reference_lines_of_a_14_by_14_grid():
    assert round(uniform_distance((14, 14), 16), 4) == 116.4922
    assert round(farthest_distance((14, 14), 16), 4) == 294.1564
    assert farthest_distance((3, 4), (5, 6)) == distances((3, 4), (5, 6)).max()


def test_each_query_and_image_counts_alike(rng):
    weights = rng.dirichlet(np.ones(6), size=(5, 3, 6))  # (image, head, query, key)
    far = distances((2, 3), 8)
    expected = np.zeros(3)
    for image in range(5):
        for head in range(3):
            for query in range(6):
                share = sum(weights[image, head, query, k] * far[query, k] for k in range(6))
                expected[head] += share / 30
    found = attention_distance(weights, (2, 3), 8)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    ours = attention_distance(torch.tensor(weights, dtype=torch.float32), (2, 3), 8)
    torch.testing.assert_close(ours, torch.tensor(expected, dtype=torch.float32))
    np.testing.assert_allclose(attention_distance(weights[0], (2, 3), 8).shape, (3,))


def test_a_head_that_looks_at_itself_and_one_that_looks_next_door():
    stay, step = np.eye(4), np.eye(4)[[1, 0, 3, 2]]
    np.testing.assert_allclose(attention_distance(np.stack([stay, step]), (2, 2), 16), [0, 16])


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_uniform_attention_is_on_its_line_with_or_without_a_class_token(prefix):
    tokens = prefix + 12
    weights = np.full((2, tokens, tokens), 1 / tokens)
    line = uniform_distance((3, 4), 16)
    np.testing.assert_allclose(attention_distance(weights, (3, 4), 16, prefix=prefix), line)


def test_the_class_tokens_own_row_does_not_count(rng):
    weights = rng.dirichlet(np.ones(5), size=(1, 5))
    changed = weights.copy()
    changed[:, 0] = rng.dirichlet(np.ones(5))
    np.testing.assert_array_equal(
        attention_distance(weights, (2, 2), 16, prefix=1),
        attention_distance(changed, (2, 2), 16, prefix=1),
    )


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: distances((0, 2), 16), "at least 1"),
        (lambda: attention_distance(np.ones((1, 5, 5)), (2, 2), 16), "need weights"),
        (lambda: attention_distance(np.ones((1, 4, 4)), (2, 3), 16, prefix=-2), "need weights"),
        (lambda: attention_distance(np.eye(5)[None, [0] * 5], (2, 2), 1, prefix=1), "no patch"),
    ],
)
def test_errors_say_the_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
