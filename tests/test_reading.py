"""Rollout against worked examples, a brute-force loop, and its promise that rows sum to 1."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.refusing import refuses
from tests.test_vit import TINY, random_images, random_vit
from vitexplain.reading import rollout, rollout_of
from vitexplain.vit import Block, ViTConfig, attention_weights, init_params, walk

A1 = np.array([[[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]])
A2 = np.array([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]]])


def random_attention(seed: int, layers: int, heads: int, tokens: int) -> np.ndarray:
    """Weights (layer, head, token, token) whose rows sum to 1."""
    return np.random.default_rng(seed).dirichlet(np.ones(tokens), (layers, heads, tokens))


def test_worked_example():
    expected = [[0.6188, 0.2125, 0.1688], [0.1325, 0.6850, 0.1825], [0.1700, 0.1700, 0.6600]]
    np.testing.assert_allclose(rollout([A1, A2]), expected, atol=5e-5)
    np.testing.assert_array_equal(rollout([A1[0], A2[0]]), rollout([A1, A2]))
    bare = [[0.375, 0.300, 0.325], [0.23, 0.44, 0.33], [0.28, 0.28, 0.44]]
    np.testing.assert_allclose(rollout([A1, A2], residual=0), bare, atol=1e-15)
    in_torch = rollout([torch.from_numpy(A1), torch.from_numpy(A2)])
    np.testing.assert_allclose(in_torch, expected, atol=5e-5)


def test_uniform_attention_twelve_times():
    uniform = np.full((3, 197, 197), 1 / 197)
    rolled = rollout(uniform for _ in range(12))
    np.testing.assert_allclose(np.diagonal(rolled), 0.5**12 + (1 - 0.5**12) / 197, rtol=1e-12)
    assert round(rolled[5, 5], 6) == 0.005319


shapes = [st.integers(0, 99), st.integers(1, 4), st.integers(1, 4), st.integers(1, 9)]


@given(*shapes, st.sampled_from(["mean", "max", "min"]), st.floats(0, 0.99), st.floats(0, 0.99))
def test_every_row_sums_to_one(seed, layers, heads, tokens, fusion, residual, discard):
    attentions = random_attention(seed, layers, heads, tokens)
    rolled = rollout(attentions, fusion=fusion, residual=residual, discard=discard)
    assert (rolled >= 0).all()
    np.testing.assert_allclose(rolled.sum(-1), 1, rtol=1e-12)


@given(*shapes)
def test_rollout_sums_over_all_paths(seed, layers, heads, tokens):
    attentions = random_attention(seed, layers, heads, tokens)
    expected = np.eye(tokens)
    for layer in attentions:
        mean = layer.mean(0)
        step = np.array(
            [[0.5 * mean[i, j] + 0.5 * (i == j) for j in range(tokens)] for i in range(tokens)]
        )
        expected = np.array(
            [
                [sum(step[i, k] * expected[k, j] for k in range(tokens)) for j in range(tokens)]
                for i in range(tokens)
            ]
        )
    np.testing.assert_allclose(rollout(attentions), expected, atol=1e-12)


def test_fusion_and_discard_do_what_they_say():
    heads = np.array([[[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0, 0.5, 0.5]],
                      [[0.1, 0.6, 0.3], [0.3, 0.3, 0.4], [0, 0.5, 0.5]]])  # fmt: skip
    largest = rollout([heads], fusion="max", residual=0)
    np.testing.assert_allclose(largest[0], np.array([0.7, 0.6, 0.3]) / 1.6)
    smallest = rollout([heads], fusion="min", residual=0)
    np.testing.assert_allclose(smallest[0], np.array([0.1, 0.2, 0.1]) / 0.4)
    kept = rollout([heads], discard=0.4, residual=0)
    np.testing.assert_allclose(kept[0], np.array([0.4, 0.4, 0]) / 0.8)


@pytest.mark.parametrize("readout", ["class", "mean"])
def test_rollout_of_a_model(readout):
    config = ViTConfig(**{**vars(TINY), "readout": readout})
    vit, images = random_vit(config), random_images(config, 3)
    rolled = rollout_of(vit, images)
    assert rolled.shape == (3, config.tokens, config.tokens)
    assert not rolled.requires_grad
    kept = [s.attention.attention.weights for s in vit.walk(images) if isinstance(s, Block)]
    torch.testing.assert_close(rolled, rollout(kept).detach(), atol=1e-12, rtol=1e-12)
    alone = rollout_of(vit, images[1:2])
    torch.testing.assert_close(rolled[1:2], alone, atol=1e-12, rtol=1e-12)


def test_memory_does_not_grow_with_depth():
    def peak(depth: int) -> int:
        config = ViTConfig(
            image_size=64, patch=4, dim=16, depth=depth, heads=4, mlp_dim=16, classes=2
        )
        params = init_params(config)
        image = np.ones((3, 64, 64), np.float32)
        tracemalloc.start()
        rollout(attention_weights(walk(params, image, config)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    tokens, heads, size = 257, 4, 4
    assert peak(12) < 1.05 * peak(3)
    assert peak(12) < 5 * heads * tokens**2 * size  # one block's steps, not 12


def test_half_precision_rolls_in_float32():
    weights = torch.softmax(torch.randn(6, 2, 50, 50), -1).bfloat16()
    rolled = rollout(weights)
    assert rolled.dtype == torch.float32
    np.testing.assert_allclose(rolled.sum(-1), 1, rtol=1e-6)


def test_gradients_flow_through_rollout():
    logits = torch.randn(2, 3, 5, 5, requires_grad=True)
    rollout(torch.softmax(logits, -1))[0].max().backward()
    assert logits.grad is not None


OPPOSITE = np.stack([np.eye(3), np.eye(3)[::-1]])[:, [0, 2]][:, :, [0, 2]]
WRONG: Any = "sum"
test_wrong_input_is_an_error = refuses(
    (ValueError, "at least one layer", lambda: rollout([])),
    (ValueError, r"fusion must be .* got 'sum'", lambda: rollout([A1], fusion=WRONG)),
    *(
        (ValueError, f"{name} must be at least 0", lambda one={name: share}: rollout([A1], **one))
        for name in ("residual", "discard") for share in (-0.1, 1.0)
    ),
    (ValueError, r"token, token\), got shape \(1, 2, 3\)", lambda: rollout([A1[:, :2]])),
    (ValueError, "must sum to 1", lambda: rollout([A1 * 1.01])),
    (ValueError, "same batch and tokens", lambda: rollout([A1, np.ones((1, 1, 1))])),
    (ValueError, "fused weights of a row are all 0", lambda: rollout([OPPOSITE], fusion="min")),
)  # fmt: skip
