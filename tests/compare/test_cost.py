"""What a model costs, against closed formulas, published counts and hand arithmetic."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from vitexplain.compare.cost import (
    exponent,
    global_attention_macs,
    multiply_adds,
    on_meta,
    parameters,
    window_attention_macs,
)
from vitexplain.vit import PRESETS, ViT, count_macs, count_parameters
from vitexplain.vit.module import SelfAttention


@pytest.mark.parametrize("name", PRESETS)
def test_a_vits_counts_are_those_of_its_formula(name):
    config = PRESETS[name]
    with torch.device("meta"):
        vit = ViT(config)
    assert multiply_adds(vit, (3, 224, 224)) == count_macs(config)
    assert parameters(vit) == count_parameters(config)


def test_a_convolution_costs_one_kernel_for_each_output_number():
    conv = nn.Conv2d(6, 10, 3, stride=2, padding=1)
    assert multiply_adds(conv, (6, 8, 8)) == 10 * 4 * 4 * 6 * 9
    depthwise = nn.Conv2d(6, 6, 3, padding=1, groups=6)
    assert multiply_adds(depthwise, (6, 8, 8)) == 6 * 8 * 8 * 9


class Fused(nn.Module):
    """Fused attention of an image's rows to each other, with a bias."""

    def forward(self, x):
        bias = torch.zeros(x.shape[-2], x.shape[-2], device=x.device)
        return F.scaled_dot_product_attention(x, x, x, attn_mask=bias)


def test_fused_attention_is_counted_as_its_two_products():
    assert multiply_adds(Fused(), (3, 5, 4)) == 3 * 2 * 5 * 5 * 4


def test_a_model_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(3, 4, 8), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    # One image whose map is 1×1: a BatchNorm in training would refuse it.
    assert multiply_adds(model, (3, 8, 8)) == 4 * 3 * 64 + 8
    assert model.training
    for name, tensor in model.state_dict().items():
        assert tensor.device.type == "cpu"
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)
    assert {p.device.type for p in on_meta(model).parameters()} == {"meta"}


def test_a_shared_layer_works_twice_and_is_stored_once():
    layer = nn.Linear(4, 4, bias=False)
    model = nn.Sequential(layer, layer)
    assert parameters(model) == 16
    assert multiply_adds(model, (1, 1, 4)) == 32


def test_swins_first_stage_as_its_paper_counts():
    full = global_attention_macs(56, 56, 96)
    windowed = window_attention_macs(56, 56, 96, 7)
    assert (full, windowed) == (2_003_828_736, 145_108_992)
    assert round(full / windowed, 2) == 13.81
    projections = 4 * 56 * 56 * 96**2
    assert (full - projections) / (windowed - projections) == 56 * 56 / 7**2 == 64


@pytest.mark.parametrize(("stage", "ratio"), [(1, 2.70), (2, 1.18), (3, 1.00)])
def test_windows_save_less_in_each_later_stage(stage, ratio):
    side, channels = 56 >> stage, 96 << stage
    full = global_attention_macs(side, side, channels)
    assert round(full / window_attention_macs(side, side, channels, 7), 2) == ratio


class Tokens(nn.Module):
    """Global attention over the positions of an image."""

    def __init__(self, dim, heads):
        super().__init__()
        self.attention = SelfAttention(dim, heads)

    def forward(self, images):
        return self.attention(images.flatten(2).mT)


def test_the_formula_is_what_torch_counts():
    assert multiply_adds(Tokens(96, 3), (96, 8, 4)) == global_attention_macs(8, 4, 96)


@pytest.mark.parametrize("p", [0, 1, 2, 3.5])
def test_a_power_law_gives_its_exponent(p):
    size = np.array([7, 14, 28, 56])
    np.testing.assert_allclose(exponent(size, 3 * size ** float(p)), p, atol=1e-12)


def test_an_exponent_is_the_least_squares_slope():
    rng = np.random.default_rng(0)
    size, cost = np.arange(1, 9), rng.uniform(1, 9, 8)
    expected = np.polyfit(np.log(size), np.log(cost), 1)[0]
    np.testing.assert_allclose(exponent(size, cost), expected, atol=1e-12)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: multiply_adds(nn.Identity(), (8, 8)), "channel, row, col"),
        (lambda: global_attention_macs(0, 8, 4), "rows must be at least 1"),
        (lambda: window_attention_macs(8, 8, 4, 3), "do not tile"),
        (lambda: window_attention_macs(8, 8, 4, 0), "window must be at least 1"),
        (lambda: exponent([1, 2], [1, 2, 3]), "one cost for each size"),
        (lambda: exponent([1, 1], [1, 2]), "two different sizes"),
        (lambda: exponent([1, 2], [0, 2]), "positive and finite"),
        (lambda: exponent([1, 2], [float("nan"), 2]), "positive and finite"),
    ],
)
def test_errors_say_the_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
