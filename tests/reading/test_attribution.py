"""Gradients at the attention weights against finite differences; the two rules against loops."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.refusing import refuses
from tests.test_vit import TINY, random_images, random_vit
from vitexplain.attention import merge_heads
from vitexplain.reading import attention_gradients, generic_attribution, gradient_attention
from vitexplain.reading.attribution import positive_mean, relevancy
from vitexplain.vit import Block

TARGET = torch.tensor([3, 1])


def logits_with(vit, images, layer, change):
    """The logits when one layer's weights have something added to them, the rest running on."""
    (step,) = (s for s in vit.walk(images) if isinstance(s, Block) and s.index == layer)
    attention, block = step.attention.attention, vit.blocks[layer]
    mixed = merge_heads((attention.weights + change) @ attention.value)
    x = step.input + block.attn.proj(mixed)
    x = x + block.mlp(block.norm2(x))
    for later in vit.blocks[layer + 1 :]:
        x = later(x)
    return vit.read(x)


def test_gradients_are_finite_differences(vit, images):
    layers = attention_gradients(vit, images, TARGET)
    assert len(layers) == TINY.depth
    rng = np.random.default_rng(0)
    every = torch.arange(2)
    for layer, (weights, gradients) in enumerate(layers):
        for _ in range(6):
            head, query, key = (int(rng.integers(n)) for n in weights.shape[1:])
            change = torch.zeros_like(weights)
            change[:, head, query, key] = 1e-5
            up = logits_with(vit, images, layer, change)[every, TARGET]
            down = logits_with(vit, images, layer, -change)[every, TARGET]
            torch.testing.assert_close(
                gradients[:, head, query, key], (up - down) / 2e-5, rtol=1e-5, atol=1e-9
            )


def test_in_the_last_layer_only_the_class_tokens_row_matters(vit, images):
    (_, first), (_, last) = attention_gradients(vit, images, TARGET)
    assert (last[:, :, 1:] == 0).all()
    assert (last[:, :, 0] != 0).all()
    assert (first[:, :, 1:] != 0).any()


@given(st.integers(0, 99), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_rules_five_and_six_by_loops(seed, layers, heads, tokens):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(tokens), (layers, heads, tokens))
    gradients = rng.normal(size=weights.shape)
    expected = np.eye(tokens)
    found = []
    for layer in range(layers):
        mean = np.zeros((tokens, tokens))
        for h in range(heads):
            for i in range(tokens):
                for j in range(tokens):
                    mean[i, j] += max(weights[layer, h, i, j] * gradients[layer, h, i, j], 0)
        mean /= heads
        found.append(positive_mean(weights[layer], gradients[layer]))
        np.testing.assert_allclose(found[-1], mean, atol=1e-15)
        step = np.zeros((tokens, tokens))
        for i in range(tokens):
            for j in range(tokens):
                step[i, j] = sum(mean[i, k] * expected[k, j] for k in range(tokens))
        expected = expected + step
    np.testing.assert_allclose(relevancy(iter(found)), expected, atol=1e-12)
    np.testing.assert_allclose(relevancy(map(torch.from_numpy, found)), expected, atol=1e-12)


def test_a_worked_example():
    first, last = np.array([[0.0, 0.5], [0.25, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    # (I + last)(I + first)
    np.testing.assert_array_equal(relevancy([first, last]), [[1.25, 1.5], [0.25, 1.0]])


def test_of_a_model_they_are_made_of_their_parts(vit, images):
    layers = [positive_mean(*layer) for layer in attention_gradients(vit, images, TARGET)]
    torch.testing.assert_close(gradient_attention(vit, images, TARGET), sum(layers) / TINY.depth)
    eye = torch.eye(TINY.tokens).double()
    torch.testing.assert_close(
        generic_attribution(vit, images, TARGET), (eye + layers[1]) @ (eye + layers[0])
    )


def test_the_model_is_left_as_it_was(vit, images):
    vit.zero_grad(set_to_none=True)
    with torch.inference_mode():
        found = generic_attribution(vit, images, TARGET)
    assert not found.requires_grad
    assert images.grad is None
    assert all(parameter.grad is None for parameter in vit.parameters())
    assert all(parameter.requires_grad for parameter in vit.parameters())


def of_target(*target):
    return gradient_attention(random_vit(TINY), random_images(TINY), torch.tensor(target))


test_what_it_refuses = refuses(
    (ValueError, "target must be from 0 to 4", lambda: of_target(0, 5)),
    (ValueError, "one an image", lambda: of_target(0)),
    (TypeError, "whole numbers", lambda: of_target(0.0, 1.0)),
    (ValueError, "at least one layer", lambda: relevancy([])),
    (ValueError, r"token, token\), got shape", lambda: relevancy([np.ones((2, 3))])),
    (ValueError, "one shape", lambda: positive_mean(np.ones((1, 2, 2)), np.ones((1, 3, 3)))),
)
