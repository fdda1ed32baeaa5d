"""CoAtNet: both kinds of block step by step, counts beside timm's, errors that say the rule."""

from dataclasses import replace

import pytest
import timm
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from vitexplain.compare import cost
from vitexplain.compare.coatnet import (
    COATNETS,
    AttentionBlock,
    CoAtNet,
    CoAtNetConfig,
    ConvBlock,
    Readout,
    Stem,
)
from vitexplain.compare.coatnet_block import RelativeBlock
from vitexplain.compare.mbconv import MBConv, SqueezeExcite
from vitexplain.patches import sides

TINY = CoAtNetConfig(
    image_size=16, stem=8, dims=(8, 16), depths=(2, 2), kinds="CT", head_dim=8,
    classes=5, strides=(2, 2), stem_stride=1, norm="group",
)  # fmt: skip
VARIANTS = {
    "convolution, attention": TINY,
    "batch norm": replace(TINY, norm="batch", dims=(12, 16)),
    "stride in the first 1×1": replace(TINY, stride_in="expand"),
    "no tanh layer": replace(TINY, pre_logits=False, channels=1),
    "attention alone": replace(TINY, kinds="TT", image_size=(8, 16)),
    "convolution alone": replace(TINY, kinds="CC", stem_stride=2),
    "no strides": replace(TINY, image_size=6, strides=(1, 1), dims=(8, 24)),
}


def random_coatnet(config: CoAtNetConfig, dtype: torch.dtype = torch.float64) -> CoAtNet:
    """A CoAtNet none of whose parameters is zero or one, so that each of them matters."""
    torch.manual_seed(0)
    model = CoAtNet(config).to(dtype).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + 0.1)
    return model


def random_images(config: CoAtNetConfig, batch: int = 2, dtype=torch.float64) -> torch.Tensor:
    return torch.randn(batch, config.channels, *sides(config.image_size), dtype=dtype)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_walk_gives_the_logits_of_forward(variant, dtype, atol):
    config = VARIANTS[variant]
    model = random_coatnet(config, dtype)
    images = random_images(config, dtype=dtype)
    stem, *blocks, readout = model.walk(images)
    assert isinstance(stem, Stem)
    assert isinstance(readout, Readout)
    kinds = {"C": ConvBlock, "T": AttentionBlock}
    assert [type(block) for block in blocks] == [kinds[kind] for kind in config.kinds for _ in "12"]
    names = [f"stage {stage} block {index}" for stage in range(2) for index in range(2)]
    assert [block.name for block in blocks] == names
    assert readout.logits.std() > 0.03
    assert_close(readout.logits, model(images), rtol=0, atol=atol)
    features = model.features(images)
    assert features.shape == (2, config.dims[-1], *config.grid(1))
    assert_close(features.mean((2, 3)), readout.pooled, rtol=0, atol=atol)
    assert (readout.pre_logits is not None) == config.pre_logits


def test_attention_is_over_all_places_with_a_bias_for_each_offset():
    blocks = random_coatnet(TINY).parts()
    block = next(part for part in blocks if isinstance(part, RelativeBlock))
    step = block.step(torch.randn(2, 8, 8, 8, dtype=torch.float64))
    attention = step.attention.attention
    assert attention.weights.shape == (2, 2, 16, 16)  # 4 × 4 places after the stride
    assert_close(attention.weights, (attention.scaled + step.bias).softmax(-1))
    by_place = step.bias.reshape(2, 4, 4, 4, 4)
    assert_close(by_place[:, :3, 1:, :3, 1:], by_place[:, 1:, :3, 1:, :3])  # a diagonal step
    assert step.bias.std() > 0.1
    assert_close(step.shortcut, block.shortcut.expand(F.avg_pool2d(step.input, 2)))
    assert_close(step.residual, step.shortcut + step.mixed)
    assert_close(step.output, step.residual + step.mlp)


def test_a_convolution_block_weighs_its_channels():
    blocks = [part for part in random_coatnet(TINY).parts() if isinstance(part, MBConv)]
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
    gate = SqueezeExcite(6, 3).double()
    x = torch.randn(2, 6, 4, 4, dtype=torch.float64)
    places = x.flatten(2)[:, :, torch.randperm(16)].reshape(x.shape)
    assert_close(gate(places), gate(x))
    hidden = F.silu(F.linear(x.mean((2, 3)), gate.fc1.weight[:, :, 0, 0], gate.fc1.bias))
    expected = F.linear(hidden, gate.fc2.weight[:, :, 0, 0], gate.fc2.bias).sigmoid()
    assert_close(gate(x)[:, :, 0, 0], expected)


@pytest.mark.parametrize(("norm", "alone"), [("group", True), ("batch", False)])
def test_group_norm_gives_an_image_the_same_answer_in_every_batch(norm, alone):
    torch.manual_seed(0)
    model = CoAtNet(replace(TINY, norm=norm)).train()
    images = random_images(TINY, batch=4, dtype=torch.float32)
    difference = (model(images)[:1] - model(images[:1])).abs().max()
    assert (difference < 1e-5) == alone


@pytest.mark.parametrize(
    ("number", "millions"),
    # The paper gives 168 M for CoAtNet-3; timm's and ours, which agree, have a million fewer.
    [(0, 25), (1, 42), (2, 75), (3, 167)],
)
def test_published_sizes(number, millions):
    with torch.device("meta"):
        model = CoAtNet(COATNETS[f"coatnet_{number}"])
        theirs = timm.create_model(f"coatnet_{number}_224")
    assert cost.parameters(model) == cost.parameters(theirs)
    assert round(cost.parameters(model) / 1e6) == millions
    shape = (3, 224, 224)
    assert cost.multiply_adds(model, shape) == cost.multiply_adds(theirs, shape)


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


def test_every_parameter_learns():
    model = CoAtNet(TINY)
    model(random_images(TINY, dtype=torch.float32)).logsumexp(-1).sum().backward()
    still = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert still == []


def test_initial_logits_are_about_one_at_small_dims():
    torch.manual_seed(0)
    logits = CoAtNet(TINY)(random_images(TINY, batch=64, dtype=torch.float32))
    assert 0.03 < logits.std(0).mean() < 3


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinds": "CX"}, "kinds must be made of 'C' and 'T', got 'CX'"),
        ({"kinds": "C"}, "dims must be a size of at least 1 for each stage of 'C'"),
        ({"depths": (2, 0)}, "depths must be a size of at least 1"),
        ({"strides": (2, 4)}, r"strides must be 1 or 2, got \(2, 4\)"),
        ({"head_dim": 5}, "got dim 16 and head_dim 5"),
        ({"image_size": 18}, "strides of 4 in all must divide the image, 18"),
        ({"stem": 0}, "stem must be at least 1, got 0"),
        ({"norm": "layer"}, "norm must be 'batch' or 'group', got 'layer'"),
        ({"stride_in": "pool"}, "stride_in must be 'depthwise' or 'expand', got 'pool'"),
    ],
)
def test_sizes_that_do_not_fit_are_errors(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


@pytest.mark.rejects
@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)])
def test_images_of_another_shape_are_an_error(shape):
    model = CoAtNet(TINY)
    for path in (model, model.features, lambda x: next(model.walk(x))):
        with pytest.raises(ValueError, match=r"images must be .* = \(batch, 3, 16, 16\)"):
            path(torch.zeros(shape))
