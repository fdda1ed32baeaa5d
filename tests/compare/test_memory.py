"""What training keeps, against counts by hand; on shapes alone as with real numbers."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from vitexplain.attention import attend
from vitexplain.compare.memory import (
    activation_bytes,
    attention_bytes,
    naive_attention,
    saved_bytes,
)
from vitexplain.vit import PRESETS, ViT, ViTConfig

TINY = ViTConfig(
    image_size=16, patch=4, dim=24, depth=2, heads=3, mlp_dim=48, classes=5, channels=1
)


def test_a_linear_layer_keeps_its_input_and_a_relu_its_output():
    x = torch.randn(7, 6)
    model = nn.Sequential(nn.Linear(6, 10, bias=False), nn.ReLU())
    assert saved_bytes(model, x) == 4 * (7 * 6 + 7 * 10)


def test_a_tensor_that_two_operations_keep_counts_once():
    x = torch.randn(8, requires_grad=True)
    assert saved_bytes(lambda x: x.sin() + x.cos(), x) == 8 * 4


def test_a_view_counts_the_storage_that_it_holds_on_to():
    x = torch.randn(100, requires_grad=True)
    assert saved_bytes(lambda x: x[:10].sin(), x) == 400


def images(batch: int) -> torch.Tensor:
    return torch.randn(batch, 1, 16, 16)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(
    "model",
    [
        ViT(TINY),
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.GELU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(1, 4, 3, bias=False), nn.GroupNorm(2, 4), nn.ReLU()),
    ],
    ids=["vit", "batch norm", "group norm"],
)
def test_shapes_alone_keep_what_real_images_keep(model, batch):
    expected = saved_bytes(model, images(batch))
    assert activation_bytes(model, (1, 16, 16), batch=batch) == expected


def test_a_model_without_numbers_is_measured_and_none_is_changed():
    model = ViT(TINY).eval()
    before = {name: p.clone() for name, p in model.named_parameters()}
    with torch.device("meta"):
        shapes = ViT(TINY)
    assert activation_bytes(shapes, (1, 16, 16)) == activation_bytes(model, (1, 16, 16))
    assert not model.training
    for name, p in model.named_parameters():
        torch.testing.assert_close(p, before[name], rtol=0, atol=0)


def test_activations_grow_with_the_batch_and_do_not_hold_the_weights():
    with torch.device("meta"):
        model = ViT(PRESETS["Ti/16"])
    one, two = (activation_bytes(model, (3, 224, 224), batch=b) for b in (1, 2))
    # All but what is the same for every image (a scalar here and there) doubles.
    assert 0 <= 2 * one - two < 0.02 * one


def test_a_vit_with_naive_attention_keeps_its_weights_too():
    with torch.device("meta"):
        model = ViT(PRESETS["S/16"])
    fused, naive = (activation_bytes(model, (3, 224, 224), fused=f) for f in (True, False))
    blocks, heads, tokens, dim = 12, 6, 197, 64
    scaled = 2 * tokens * dim  # torch's steps scale queries and keys first, and keep them
    assert naive - fused == 4 * blocks * heads * (tokens**2 + scaled - tokens)


@pytest.mark.parametrize("fused", [False, True])
def test_attention_on_shapes_as_with_numbers(fused):
    query, key, value = (torch.randn(1, 3, 40, 16, requires_grad=True) for _ in range(3))
    attention = F.scaled_dot_product_attention if fused else naive_attention
    assert attention_bytes(40, 3, fused=fused, dim=16) == saved_bytes(attention, query, key, value)
    if not fused:  # the steps of `attend` keep the same
        steps = saved_bytes(lambda q, k, v: attend(q, k, v).output, query, key, value)
        assert steps == attention_bytes(40, 3, fused=False, dim=16)


def test_naive_attention_keeps_its_weights_and_fused_a_number_a_row():
    tokens, heads, dim = 500, 2, 32
    vectors, weights, rows = heads * tokens * dim, heads * tokens**2, heads * tokens
    assert attention_bytes(tokens, heads, fused=False, dim=dim) == 4 * (3 * vectors + weights)
    assert attention_bytes(tokens, heads, fused=True, dim=dim) == 4 * (4 * vectors + rows)


def test_naive_attention_is_attention():
    query, key, value = torch.randn(3, 2, 5, 8)
    expected = F.scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(naive_attention(query, key, value), expected)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: saved_bytes(torch.sin, torch.ones(2)), "needs no gradient"),
        (lambda: activation_bytes(ViT(TINY), (16, 16)), "channel, row, col"),
        (lambda: attention_bytes(0, 1, fused=True), "at least 1"),
    ],
)
def test_errors_say_the_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
