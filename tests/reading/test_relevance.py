"""Each rule of the propagation by loops over its definition, and what must be conserved."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.refusing import refuses
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import transformer_attribution
from vitexplain.reading.answer import walk_with_gradients
from vitexplain.reading.relevance import (
    through_block,
    through_linear,
    through_product,
    through_readout,
    through_sum,
)

TARGET = torch.tensor([3, 1])
COVERED = ["class", "registers", "pre-logits", "GELU by tanh", "LayerScale", "no head"]


def tensors(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(rng.normal(size=shape)) for shape in shapes]


def close_off_the_identity(found, expected):
    """Beside the identity the rest is small, and is held to account by itself."""
    eye = torch.eye(TINY.tokens).double()
    torch.testing.assert_close(found - eye, expected - eye, rtol=1e-7, atol=1e-15)


sizes = [st.integers(0, 99), *(st.integers(1, 4) for _ in range(3))]


@given(*sizes)
def test_linear_by_a_loop(seed, tokens, dim_in, dim_out):
    x, weight, relevance = tensors(seed, (tokens, dim_in), (dim_in, dim_out), (tokens, dim_out))
    expected = torch.zeros(tokens, dim_in).double()
    for t in range(tokens):
        for i in range(dim_out):
            parts = [max(float(x[t, j] * weight[j, i]), 0) for j in range(dim_in)]
            for j in range(dim_in):
                if sum(parts):
                    expected[t, j] += parts[j] / sum(parts) * relevance[t, i]
    torch.testing.assert_close(through_linear(x, weight, relevance), expected)


@given(*sizes)
def test_product_is_input_times_gradient(seed, rows, inner, cols):
    """u ⊙ ∂Z/∂u (R ⊘ Z), with the derivative taken by autograd."""
    u, v, relevance = tensors(seed, (rows, inner), (inner, cols), (rows, cols))
    found = through_product(u, v, relevance)
    for x, result in zip((u, v), found, strict=True):
        x.requires_grad_()
        z = u @ v
        (derivative,) = torch.autograd.grad(z, x, (relevance / z).detach())
        torch.testing.assert_close(result, (x * derivative / 2).detach())
        assert abs(float(result.sum() - relevance.sum() / 2)) < 1e-9 * relevance.abs().sum() + 1e-6
        x.requires_grad_(False)


@given(*sizes)
def test_sum_by_its_definition_image_by_image(seed, batch, tokens, dim):
    a, b, relevance = tensors(seed, *([(batch, tokens, dim)] * 3))
    of_a, of_b = through_sum(a, b, relevance)
    for n in range(batch):
        raw_a, raw_b = (x[n] * relevance[n] / (a[n] + b[n]) for x in (a, b))
        size_a, size_b = abs(raw_a.sum()), abs(raw_b.sum())
        whole = relevance[n].sum()
        for raw, size, found in ((raw_a, size_a, of_a[n]), (raw_b, size_b, of_b[n])):
            share = size / (size_a + size_b)
            torch.testing.assert_close(found, raw * share * whole / raw.sum())
            torch.testing.assert_close(found.sum(), share * whole)


def test_a_worked_example():
    # y = 2·3 - 1·1 = 5: of its relevance only the first product takes any, and takes it all.
    x, weight = torch.tensor([[3.0, -1.0]]), torch.tensor([[2.0], [1.0]])
    found = through_linear(x, weight, torch.tensor([[7.0]]))
    torch.testing.assert_close(found, torch.tensor([[7.0, 0.0]]))
    # a + b = 3 + 1 and 2 + 2: shares 5/8 and 3/8 of the whole, each as it lies.
    a, b = torch.tensor([[[3.0, 2.0]]]), torch.tensor([[[1.0, 2.0]]])
    of_a, of_b = through_sum(a, b, torch.full((1, 1, 2), 4.0))
    torch.testing.assert_close(of_a, a)
    torch.testing.assert_close(of_b, b)


def test_where_the_denominator_is_zero_relevance_is_lost():
    x, weight = torch.tensor([[3.0, 0.0]]), torch.tensor([[-2.0, 1.0], [1.0, 1.0]])
    found = through_linear(x, weight, torch.ones(1, 2))
    torch.testing.assert_close(found, torch.tensor([[1.0, 0.0]]))  # of two, one is left
    zero = torch.zeros(1, 1, 2)
    for part in through_sum(zero, zero, torch.ones(1, 1, 2)):
        torch.testing.assert_close(part, zero)


@pytest.mark.parametrize("name", COVERED)
def test_relevance_is_conserved_from_the_logit_to_the_first_tokens(name):
    config = VARIANTS[name]
    vit, target = random_vit(config), torch.tensor([3, 1])
    params = {key: parameter.detach() for key, parameter in vit.named_parameters()}
    blocks, readout, _ = walk_with_gradients(vit, random_images(config), target)
    one = torch.ones(2).double()
    with torch.no_grad():
        relevance = through_readout(params, readout, target, config)
        torch.testing.assert_close(relevance.sum((1, 2)), one)
        assert (relevance[:, 1:] == 0).all()
        for block in reversed(blocks):
            relevance, of_weights = through_block(params, block, relevance, config)
            torch.testing.assert_close(relevance.sum((1, 2)), one)
            share = of_weights.sum((1, 2, 3))
            assert ((share > 0) & (share < 0.5)).all()  # half of the attention branch's


def test_of_a_model_it_is_made_of_relevance_and_gradient(vit, images):
    params = {key: parameter.detach() for key, parameter in vit.named_parameters()}
    blocks, readout, gradients = walk_with_gradients(vit, images, TARGET)
    eye = torch.eye(TINY.tokens).double()
    with torch.no_grad():
        relevance = through_readout(params, readout, TARGET, TINY)
        relevance, last = through_block(params, blocks[1], relevance, TINY)
        _, first = through_block(params, blocks[0], relevance, TINY)
        layers = [
            eye + (g * r).clamp(min=0).mean(1)
            for g, r in zip(gradients, (first, last), strict=True)
        ]
    found = transformer_attribution(vit, images, TARGET)
    close_off_the_identity(found, layers[1] @ layers[0])
    assert not found.requires_grad


def test_layer_scale_is_part_of_the_layer_before_it(images):
    vit = random_vit(VARIANTS["LayerScale"])
    folded = random_vit(TINY)
    params = dict(vit.named_parameters())
    with torch.no_grad():
        for name, parameter in params.items():
            if ".ls" in name:
                parameter.abs_()
            else:
                folded.get_parameter(name).copy_(parameter)
        for block in range(TINY.depth):
            for scale, layer in (("ls1", "attn.proj"), ("ls2", "mlp.fc2")):
                gamma = params[f"blocks.{block}.{scale}.gamma"]
                folded.get_parameter(f"blocks.{block}.{layer}.weight").mul_(gamma[:, None])
                folded.get_parameter(f"blocks.{block}.{layer}.bias").mul_(gamma)
    torch.testing.assert_close(vit(images), folded(images))
    found = transformer_attribution(vit, images, TARGET)
    close_off_the_identity(found, transformer_attribution(folded, images, TARGET))


def test_each_image_is_read_by_itself(vit, images):
    both = transformer_attribution(vit, images, TARGET)
    for i in range(2):
        alone = transformer_attribution(vit, images[i : i + 1], TARGET[i : i + 1])
        close_off_the_identity(alone[0], both[i])


def of(name):
    vit = random_vit(VARIANTS[name])
    return transformer_attribution(vit, random_images(vit.config), TARGET)


test_what_the_rules_do_not_cover = refuses(
    (ValueError, "class token alone", lambda: of("mean")),
    (ValueError, "distillation token", lambda: of("distillation")),
    (ValueError, "no rule for SwiGLU", lambda: of("SwiGLU")),
    (ValueError, "class token alone", lambda: of("patches")),
)
