"""Attention flow against networkx, hand cases and its bound."""

from dataclasses import replace

import networkx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.refusing import refuses
from tests.test_reading import A1, A2, random_attention
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import attention_flow, attention_flow_of


def by_networkx(attentions, start, residual=0.5):
    """The maximum flow to each first token, each edge added by hand."""
    layers, _, tokens, _ = attentions.shape
    graph = networkx.DiGraph()
    for layer in range(layers):
        for i in range(tokens):
            for j in range(tokens):
                weight = attentions[layer, :, i, j].mean()
                capacity = (1 - residual) * weight + residual * (i == j)
                graph.add_edge((layer + 1, i), (layer, j), capacity=capacity)
    for token, share in enumerate(start):
        graph.add_edge("source", (layers, token), capacity=share)
    return [networkx.maximum_flow_value(graph, "source", (0, j)) for j in range(tokens)]


@settings(max_examples=25)
@given(st.integers(0, 99), st.integers(1, 3), st.integers(1, 2), st.integers(1, 6), st.booleans())
def test_flow_is_networkxs(seed, layers, heads, tokens, even):
    attentions = random_attention(seed, layers, heads, tokens)
    start = np.full(tokens, 1 / tokens) if even else np.eye(tokens)[0]
    flow = attention_flow(attentions, start)
    np.testing.assert_allclose(flow, by_networkx(attentions, start), atol=1e-7)


def test_worked_example():
    # One layer: a flow is its only edge. Two: from token 0, by hand over the three ways in.
    first = np.array([1.0, 0, 0])
    np.testing.assert_allclose(attention_flow([A1], first), [0.8, 0.15, 0.05], atol=1e-8)
    # layer 2 lets .75 .125 .125 pass to tokens 0 1 2, layer 1 to token 2 takes .05 .15 .9 of them
    np.testing.assert_allclose(attention_flow([A1, A2], first)[2], 0.05 + 0.125 + 0.125, atol=1e-8)


@given(st.integers(0, 99), st.integers(1, 4), st.integers(1, 8))
@settings(max_examples=25)
def test_flow_is_never_above_what_the_first_layer_lets_pass(seed, layers, tokens):
    attentions = random_attention(seed, layers, 2, tokens)
    flow = attention_flow(attentions, np.eye(tokens)[-1])
    bound = np.minimum(1, (0.5 * attentions[0].mean(0) + 0.5 * np.eye(tokens)).sum(0))
    assert (flow <= bound + 1e-12).all()
    assert (flow >= 0).all()


def test_deep_flow_repeats_the_first_layers_column_sums():
    attentions = random_attention(0, 12, 3, 17)
    flow = attention_flow(attentions, np.eye(17)[0])
    bound = np.minimum(1, (0.5 * attentions[0].mean(0) + 0.5 * np.eye(17)).sum(0))
    np.testing.assert_allclose(flow, bound, atol=1e-6)


def test_flow_is_at_least_rollout():
    """Rollout's share is a flow of its own: each way carries its product."""
    from vitexplain.reading import rollout

    attentions = random_attention(1, 3, 2, 6)
    flow = attention_flow(attentions, np.eye(6)[0])
    assert (flow >= rollout(attentions)[0] - 1e-7).all()


def test_numpy_torch_and_batches_agree():
    attentions = random_attention(2, 2, 3, 5)
    start = np.eye(5)[0]
    one = attention_flow(attentions, start)
    batch = [torch.from_numpy(np.stack([layer, layer[::-1].copy()])) for layer in attentions]
    found = attention_flow(batch, start)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found, np.stack([one, one]), atol=1e-8)  # heads in any order
    single = attention_flow(attentions.astype(np.float32), start)
    assert single.dtype == np.float32


@pytest.mark.parametrize("name", ["class", "mean", "distillation", "registers"])
def test_of_a_model(name):
    vit = random_vit(VARIANTS[name])
    images = random_images(vit.config)
    flow = attention_flow_of(vit, images)
    assert tuple(flow.shape) == (2, vit.config.tokens)
    assert not flow.requires_grad
    assert ((flow > 0) & (flow <= 1)).all()


FIRST, LARGE = np.eye(3)[0], replace(TINY, image_size=96)
test_what_it_refuses = refuses(
    (ValueError, "at least one layer", lambda: attention_flow([], FIRST)),
    (ValueError, "above 2 tokens, got 3", lambda: attention_flow([A1], FIRST, limit=2)),
    (ValueError, "shares that sum to 1", lambda: attention_flow([A1], FIRST / 2)),
    (ValueError, "same batch and tokens", lambda: attention_flow([A1, A1[:, :2, :2]], FIRST)),
    (ValueError, "must not be negative", lambda: attention_flow([-A1], FIRST)),
    (ValueError, "residual", lambda: attention_flow([A1], FIRST, residual=1)),
    (
        ValueError, "above 72 tokens, got 145",
        lambda: attention_flow_of(random_vit(LARGE), random_images(LARGE)),
    ),
)  # fmt: skip


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.sparse", None)
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        attention_flow([A1], np.eye(3)[0])
