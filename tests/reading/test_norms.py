"""Value norms against loops that write every vector out, and under rotations."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.refusing import refuses
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import head_norms, value_norms, value_norms_of
from vitexplain.vit import Block


def draw(seed, heads, query, key, dim, out):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(key), (heads, query))
    return weights, rng.normal(size=(heads, key, dim)), rng.normal(size=(heads * dim, out))


sizes = [st.integers(0, 99), *(st.integers(1, 4) for _ in range(5))]


@given(*sizes)
def test_norms_are_those_of_the_vectors(seed, heads, query, key, dim, out):
    weights, value, w_o = draw(seed, heads, query, key, dim, out)
    single, summed = head_norms(weights, value, w_o), value_norms(weights, value, w_o)
    for i in range(query):
        for j in range(key):
            vectors = [
                weights[h, i, j] * value[h, j] @ w_o[h * dim : (h + 1) * dim] for h in range(heads)
            ]
            lengths = np.linalg.norm(vectors, axis=-1)
            np.testing.assert_allclose(single[:, i, j], lengths, rtol=1e-9)
            np.testing.assert_allclose(
                summed[i, j], np.linalg.norm(np.sum(vectors, 0)), atol=1e-7 * float(lengths.sum())
            )


def test_a_rotation_of_the_value_space_changes_nothing(rng):
    weights, value, w_o = draw(1, 3, 5, 5, 4, 7)
    turns = [np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(3)]
    turned_value = np.stack([value[h] @ turns[h] for h in range(3)])
    turned_w_o = np.concatenate([turns[h].T @ w_o[4 * h : 4 * h + 4] for h in range(3)])
    out = np.linalg.qr(rng.normal(size=(7, 7)))[0]
    for norms in (head_norms, value_norms):
        np.testing.assert_allclose(
            norms(weights, turned_value, turned_w_o @ out), norms(weights, value, w_o), rtol=1e-9
        )


def test_heads_that_cancel_move_nothing():
    weights = np.full((2, 1, 1), 1.0)
    value = np.ones((2, 1, 1))
    w_o = np.array([[1.0, 2.0], [-1.0, -2.0]])
    np.testing.assert_allclose(value_norms(weights, value, w_o), 0, atol=1e-7)
    np.testing.assert_allclose(head_norms(weights, value, w_o), np.sqrt(5))


@pytest.mark.parametrize("name", ["class", "LayerScale"])
def test_of_a_model_the_vectors_add_up_to_what_attention_adds(name):
    vit = random_vit(VARIANTS[name])
    images = random_images(vit.config)
    found = value_norms_of(vit, images, layer=0)
    (step,) = (step for step in vit.walk(images) if isinstance(step, Block) and step.index == 0)
    attention = step.attention.attention
    params = {key: parameter.detach() for key, parameter in vit.named_parameters()}
    gamma = params["blocks.0.ls1.gamma"] if name == "LayerScale" else torch.tensor(1.0)
    dim = vit.config.dim // vit.config.heads
    w_o = params["blocks.0.attn.proj.weight"].T * gamma
    moved = torch.stack(
        [attention.value[:, h] @ w_o[h * dim : (h + 1) * dim] for h in range(vit.config.heads)], 1
    )
    vectors = torch.einsum("bhij,bhjd->bijd", attention.weights, moved)
    torch.testing.assert_close(found, vectors.norm(dim=-1))
    added = vectors.sum(2) + params["blocks.0.attn.proj.bias"] * gamma
    torch.testing.assert_close(step.input + added, step.residual)


def test_numpy_and_torch_agree_and_batches_are_apart():
    arrays = [np.stack([x, 2 * x]) for x in draw(2, 2, 3, 4, 3, 5)[:2]]
    w_o = draw(2, 2, 3, 4, 3, 5)[2]
    weights, value, matrix = map(torch.from_numpy, [*arrays, w_o])
    found = value_norms(weights, value, matrix)
    np.testing.assert_allclose(found, value_norms(arrays[0], arrays[1], w_o), rtol=1e-12)
    np.testing.assert_allclose(found[1], 4 * found[0], rtol=1e-12)


W, V, O = draw(0, 2, 3, 4, 3, 5)  # noqa: E741
test_what_it_refuses = refuses(
    (ValueError, "must fit", lambda: value_norms(W, V[:, :3], O)),
    (ValueError, "must fit", lambda: head_norms(W, V, O[:-1])),
    (TypeError, "one dtype", lambda: value_norms(W.astype(np.float32), V, O)),
    (
        IndexError, "layer must be from 0 to 1, or -1 for the last, got 2",
        lambda: value_norms_of(random_vit(TINY), random_images(TINY), layer=2),
    ),
)  # fmt: skip
