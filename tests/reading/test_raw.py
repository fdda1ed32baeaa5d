"""Raw weights are the walk's, their mean is over heads and layers, and maps read the right rows."""

import numpy as np
import pytest
import torch

from tests.refusing import refuses
from tests.test_reading import random_attention
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import mean_weights, raw
from vitexplain.reading.answer import answer_map, answer_row, answer_weights
from vitexplain.vit import attention_weights


def test_each_layer_and_head_is_the_walks(vit, images):
    layers = list(attention_weights(vit.walk(images)))
    for layer in range(TINY.depth):
        torch.testing.assert_close(raw(vit, images, layer=layer), layers[layer].mean(1))
        for head in range(TINY.heads):
            found = raw(vit, images, layer=layer - TINY.depth, head=head)
            torch.testing.assert_close(found, layers[layer][:, head])
    assert not raw(vit, images).requires_grad


def test_every_row_sums_to_one(vit, images):
    for found in (raw(vit, images), raw(vit, images, layer=0, head=1)):
        torch.testing.assert_close(found.sum(-1), torch.ones(2, TINY.tokens).double())
    mean = mean_weights(attention_weights(vit.walk(images)))
    torch.testing.assert_close(mean.sum(-1), torch.ones(2, TINY.tokens).double())


def test_mean_by_a_loop():
    attentions = random_attention(3, 4, 2, 5)
    expected = np.zeros((5, 5))
    for layer in attentions:
        for head in layer:
            expected += head / 8
    np.testing.assert_allclose(mean_weights(iter(attentions)), expected)
    np.testing.assert_allclose(mean_weights(map(torch.from_numpy, attentions)), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("class", [1] + 16 * [0]),
        ("registers", [1] + 20 * [0]),
        ("distillation", [0.5, 0.5] + 16 * [0]),
        ("mean", 16 * [1 / 16]),
        ("mean, registers", 2 * [0] + 16 * [1 / 16]),
        ("mean, class token", [0] + 16 * [1 / 16]),
        ("norm of the mean", 16 * [1 / 16]),
    ],
)
def test_the_answers_row(name, expected, rng):
    config = VARIANTS[name]
    np.testing.assert_array_equal(answer_weights(config), expected)
    matrix = rng.random((2, config.tokens, config.tokens))
    row = np.array([sum(w * m[i] for i, w in enumerate(expected)) for m in matrix])
    np.testing.assert_allclose(answer_row(matrix, config), row)
    found = answer_map(torch.from_numpy(matrix), config)
    assert tuple(found.shape) == (2, 4, 4)
    np.testing.assert_allclose(found[:, 1, 2], row[:, config.prefix + 6])


def of(**place):
    return raw(random_vit(TINY), random_images(TINY), **place)


TWO = [np.ones((1, 2, 2)), np.ones((1, 3, 3))]
test_what_it_refuses = refuses(
    (IndexError, "layer must be from 0 to 1, or -1 for the last, got 2", lambda: of(layer=2)),
    (IndexError, "head must be from 0 to 2, or -1 for the last, got -4", lambda: of(head=-4)),
    (ValueError, "at least one layer", lambda: mean_weights([])),
    (ValueError, "same batch and tokens", lambda: mean_weights(TWO)),
    (ValueError, "one answer", lambda: answer_weights(VARIANTS["patches"])),
    (ValueError, "one answer", lambda: answer_weights(VARIANTS["class and mean"])),
    (ValueError, r"the matrix must be \(..., 17, 17\)", lambda: answer_row(np.ones((3, 3)), TINY)),
)
