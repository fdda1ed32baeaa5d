"""CoAtNet: both kinds of block step by step, and the costs that its paper counts."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from tests.compare.networks import NETWORKS, images_for, random_model
from vitexplain.compare import cost
from vitexplain.compare.coatnet import COATNETS, AttentionBlock, CoAtNet, ConvBlock
from vitexplain.compare.coatnet_block import MBConv, RelativeBlock, squeeze_excite

CASE = NETWORKS["coatnet"]["convolution, attention"]
TINY = CASE.config


@pytest.mark.parametrize("name", NETWORKS["coatnet"])
def test_each_stage_has_the_blocks_of_its_letter(name):
    case = NETWORKS["coatnet"][name]
    _, *blocks, readout = random_model(case).walk(images_for(case).double())
    kinds = {"C": ConvBlock, "T": AttentionBlock}
    expected = [kinds[kind] for kind in case.config.kinds for _ in "12"]
    assert [type(block) for block in blocks] == expected
    assert (readout.pre_logits is not None) == case.config.pre_logits


def test_attention_is_over_all_places_with_a_bias_for_each_offset():
    blocks = random_model(CASE).parts()
    block = next(part for part in blocks if isinstance(part, RelativeBlock))
    step = block.step(torch.randn(2, 8, 8, 8, dtype=torch.float64))
    attention = step.attention.attention
    assert attention.weights.shape == (2, 2, 16, 16)  # 4 × 4 places after the stride
    assert_close(attention.weights, (attention.scaled + step.bias).softmax(-1))
    by_place = step.bias.reshape(2, 4, 4, 4, 4)
    assert_close(by_place[:, :3, 1:, :3, 1:], by_place[:, 1:, :3, 1:, :3])  # a diagonal step
    assert step.bias.std() > 0.1
    assert_close(step.shortcut, block.shortcut.get_submodule("expand")(F.avg_pool2d(step.input, 2)))


def test_a_convolution_block_weighs_its_channels():
    blocks = [part for part in random_model(CASE).parts() if isinstance(part, MBConv)]
    first, second = blocks
    step = first.step(torch.randn(2, 8, 16, 16, dtype=torch.float64))
    assert step.expanded.shape == (2, 32, 16, 16)
    assert step.filtered.shape == (2, 32, 8, 8)
    assert step.gates.shape == (2, 32, 1, 1)
    assert (step.gates > 0).all()
    assert (step.gates < 1).all()
    assert_close(step.shortcut, F.avg_pool2d(step.input, 2))  # as many channels: no 1×1
    assert_close(step.projected, first.conv3_1x1(step.gates * step.filtered))
    same = second.step(step.output)
    assert same.shortcut is same.input
    early = MBConv(replace(TINY, stride_in="expand"), 8, 0, 0).double()
    assert early.step(step.input).expanded.shape == (2, 32, 8, 8)
    assert early.step(step.input).output.shape == step.output.shape


def test_gates_see_means_alone():
    gate = squeeze_excite(6, 3).double()
    x = torch.randn(2, 6, 4, 4, dtype=torch.float64)
    places = x.flatten(2)[:, :, torch.randperm(16)].reshape(x.shape)
    assert_close(gate(places), gate(x))
    p = dict(gate.named_parameters())
    hidden = F.silu(F.linear(x.mean((2, 3)), p["fc1.weight"][:, :, 0, 0], p["fc1.bias"]))
    expected = F.linear(hidden, p["fc2.weight"][:, :, 0, 0], p["fc2.bias"]).sigmoid()
    assert_close(gate(x)[:, :, 0, 0], expected)


@pytest.mark.parametrize(
    ("number", "stride_in", "billions"),
    [
        (0, "expand", 4.2), (1, "expand", 8.4), (2, "expand", 15.7), (3, "expand", 34.7),
        (0, "depthwise", 4.6), (1, "depthwise", 8.8), (2, "depthwise", 16.6),
    ],
)  # fmt: skip
def test_the_paper_counts_a_little_more(number, stride_in, billions):
    """Dai et al., Tables 4 and 9, with strides in the one convolution and in the other.

    The excess grows with the number of attention weights, which we do not count as multiply-adds.
    """
    with torch.device("meta"):
        model = CoAtNet(replace(COATNETS[f"coatnet_{number}"], stride_in=stride_in))
    assert 1 < billions / (cost.multiply_adds(model, (3, 224, 224)) / 1e9) < 1.02
