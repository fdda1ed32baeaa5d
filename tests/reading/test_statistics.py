"""Entropy, head similarity, attention received, token norms and sinks, by hand and by loops."""

import math

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipys_entropy

from tests.refusing import refuses
from vitexplain.reading import entropy, head_similarity, received, sinks, token_norms
from vitexplain.vit import Block


def draw(seed, *shape):
    weights = np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), shape[:-1])
    weights[..., 0, :] = np.eye(shape[-1])[0]  # a query with one key, and zeros
    return weights


sizes = [st.integers(0, 99), *(st.integers(1, 5) for _ in range(3))]


@given(*sizes)
def test_entropy_is_scipys(seed, heads, query, key):
    weights = draw(seed, heads, query, key)
    expected = scipys_entropy(weights, axis=-1)
    np.testing.assert_allclose(entropy(weights), expected, atol=1e-12)
    np.testing.assert_allclose(entropy(torch.from_numpy(weights)), expected, atol=1e-12)


def test_entropy_of_one_key_and_of_all():
    np.testing.assert_array_equal(entropy(np.eye(4)), np.zeros(4))
    np.testing.assert_allclose(entropy(np.full((2, 7), 1 / 7)), math.log(7))


@given(*sizes)
def test_head_similarity_by_a_loop(seed, heads, query, key):
    weights = draw(seed, 2, heads, query, key)
    found = head_similarity(weights)
    for image in range(2):
        for a in range(heads):
            for b in range(heads):
                rows = zip(weights[image, a], weights[image, b], strict=True)
                divergence = [jensenshannon(p, q, base=2) ** 2 for p, q in rows]
                np.testing.assert_allclose(found[image, a, b], 1 - np.mean(divergence), atol=1e-7)
    np.testing.assert_allclose(head_similarity(torch.from_numpy(weights)), found, atol=1e-12)


def test_heads_that_look_elsewhere_and_heads_that_look_alike():
    one, other = np.eye(4)[[0, 1, 0]], np.eye(4)[[2, 3, 3]]
    found = head_similarity(np.stack([one, other, one]))
    np.testing.assert_allclose(found, [[1, 0, 1], [0, 1, 0], [1, 0, 1]], atol=1e-12)


def test_received_is_the_mean_of_the_columns():
    weights = draw(1, 2, 3, 4, 5)
    np.testing.assert_allclose(received(weights).sum(-1), 1, rtol=1e-12)
    np.testing.assert_allclose(received(weights)[1, 2, 3], weights[1, 2, :, 3].sum() / 4)


def test_token_norms_are_the_walks(vit, images):
    found = token_norms(vit, images)
    assert not found.requires_grad
    blocks = [step for step in vit.walk(images) if isinstance(step, Block)]
    for layer, block in enumerate(blocks):
        torch.testing.assert_close(found[layer], block.output.square().sum(-1).sqrt())


def test_sinks():
    norms = np.array([[99.0, 1, 2, 3, 4, 60], [0.0, 5, 5, 5, 5, 5]])
    np.testing.assert_array_equal(
        sinks(norms, prefix=1), [[False, False, False, False, True], 5 * [False]]
    )
    # medians 3 and 5: nothing is above 20 of them, and only a cutoff sees the first token
    assert not sinks(norms, prefix=1, times=20).any()
    np.testing.assert_array_equal(sinks(norms, cutoff=59.0).sum(-1), [2, 0])
    np.testing.assert_array_equal(sinks(torch.from_numpy(norms), prefix=1), sinks(norms, prefix=1))
    scaled = sinks(1000 * norms, prefix=1)
    np.testing.assert_array_equal(scaled, sinks(norms, prefix=1))


@given(st.integers(0, 99), st.integers(1, 9))
def test_the_median_is_numpys(seed, count):
    norms = np.random.default_rng(seed).random((3, count))
    expected = norms > 1.2 * np.median(norms, axis=-1, keepdims=True)
    np.testing.assert_array_equal(sinks(norms, times=1.2), expected)


test_what_they_refuse = refuses(
    (ValueError, "not be negative", lambda: entropy(-np.eye(2))),
    (ValueError, "at least 3 axes", lambda: head_similarity(np.eye(2))),
    (ValueError, "prefix must leave a patch", lambda: sinks(np.ones(3), prefix=3)),
    (ValueError, "must be above 0", lambda: sinks(np.ones(3), times=0)),
)
