"""Which softmax is attention, however it is written."""

import pytest
import torch
from torch.testing import assert_close

from tests.capture import toys
from tests.capture.beside import CONTEXTS, maps_of
from vitexplain.capture import CaptureError, capture

ATTENTION = [
    toys.Attention, toys.Biased, toys.Einsum, toys.EinsumValuesFirst, toys.KeysFirst, toys.Baddbmm,
    toys.Dropped, toys.DroppedInPlace, toys.TalkingHeads, toys.MathKernel, toys.Grouped, toys.Sink,
]  # fmt: skip
ONE_BY_ONE = [toys.OneImage, toys.LinearOfActivations]
NONE = {
    toys.Classifier: "its input is no product",
    toys.Router: "its input is no product",
    toys.Contrast: "no product sums over",
    toys.WrongAxis: "no product sums over",
    toys.LinearAttention: "its input is no product",
}


def built(kind, tokens: int = 5, batch: int = 3):
    torch.manual_seed(0)
    return kind().eval(), torch.randn(batch, tokens, toys.DIM)


def expected_of(model, x):
    """The weights of the plain formula, (batch, head, query, key)."""
    q, k, _ = model.parts(x)
    scores = q @ k.mT
    match type(model):
        case toys.Biased:
            scores = scores / 2 + torch.arange(scores.shape[-1]) * 0.1
            scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), -1e9)
        case toys.TalkingHeads:
            scores = model.mixing(scores.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        case toys.MathKernel:
            scores = scores / 2
        case toys.Grouped:
            scores = q @ k[:, :1].mT / 2
        case toys.Sink:
            scores = torch.cat([scores, torch.ones_like(scores[..., :1])], -1)
    return scores.softmax(-1)


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", ATTENTION)
def test_attention_is_found_however_it_is_written(kind, context):
    model, x = built(kind)
    with context():
        plain = model(x)
        with capture(model, applied=False) as maps:
            watched = model(x)
        assert torch.equal(plain, watched)
    assert maps.names == ("",)
    assert maps.ignored == ()
    with torch.no_grad():
        found = maps[0].weights.reshape(expected_of(model, x).shape)
        assert_close(found, expected_of(model, x))


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_heads_one_by_one_are_maps_one_by_one(kind, context):
    model, x = built(kind, batch=1)
    with context(), capture(model) as maps:
        model(x)
    assert len(maps) == toys.HEADS
    with torch.no_grad():
        assert_close(torch.stack(maps.weights)[None], expected_of(model, x))


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", NONE)
def test_what_only_looks_like_attention_is_none(kind, context):
    model, x = built(kind)
    with context(), pytest.raises(CaptureError, match=NONE[kind]), capture(model) as maps:
        model(x)
    assert len(maps) == 0
    assert {ignored.name for ignored in maps.ignored} == {""}


def test_both_axes_of_one_size_are_told_apart():
    """Keys and queries are as many, so only the memory's order tells which axis is summed over."""
    model, x = built(toys.KeysFirst)
    maps = maps_of(model, x)
    assert_close(maps[0].weights.sum(-1), torch.ones(3, toys.HEADS, 5))


@pytest.mark.parametrize("context", CONTEXTS)
def test_dropout_is_after_the_weights_unless_asked_for(context):
    model, x = built(toys.Dropped)
    model.train()
    outputs, found = [], []
    for applied in ("plain", None, True):
        with context():
            torch.manual_seed(7)
            if applied == "plain":
                outputs.append(model(x))
                continue
            with capture(model, applied=applied) as maps:
                outputs.append(model(x))
        found.append(maps[0])
    assert torch.equal(outputs[0], outputs[1])  # nothing else drew random numbers
    assert torch.equal(outputs[0], outputs[2])
    assert_close(found[0].weights, expected_of(model, x).detach())
    kept = found[1].weights != 0
    assert 0.2 < kept.float().mean() < 0.8
    assert_close(found[1].weights[kept], 2 * found[0].weights[kept])
    assert found[0].between == ("aten::dropout",)
    with torch.no_grad():
        mixed = found[1].weights @ model.parts(x)[2]
        assert_close(model.proj(mixed.transpose(1, 2).flatten(2)), outputs[0].detach())


MIXED = {
    toys.TalkingHeads: "aten::mm aten::add",
    toys.MixedByEinsum: "aten::bmm",
    toys.MixedFromTheLeft: "aten::bmm",
    toys.NormOverHeads: "aten::native_layer_norm",
    toys.InstanceNorm: "aten::native_batch_norm",
    toys.DroppedInPlace: "aten::mul_",
}


@pytest.mark.parametrize("kind", [*MIXED, toys.Attention])
def test_a_map_is_what_meets_the_values(kind):
    model, x = built(kind)
    with torch.no_grad(), capture(model) as maps:
        output = model(x)
        mixed = maps[0].weights.reshape(3, toys.HEADS, 5, 5) @ model.parts(x)[2]
        assert_close(model.proj(mixed.transpose(1, 2).flatten(2)), output)
    between = f", between {MIXED[kind]}" if kind in MIXED else ""
    assert repr(maps[0]).endswith(f"float32{between})")


def test_what_was_cut_off_is_in_the_map_unless_only_the_applied_is_asked_for():
    model, x = built(toys.Sink)
    with torch.no_grad(), capture(model) as whole, capture(model, applied=True) as applied:
        output = model(x)
        assert whole[0].weights.shape[-1] == 6
        assert_close(whole[0].weights[..., :-1], applied[0].weights.reshape(3, toys.HEADS, 5, 5))
        mixed = whole[0].weights[..., :-1] @ model.parts(x)[2]
        assert_close(model.proj(mixed.transpose(1, 2).flatten(2)), output)


def test_a_softmax_by_hand_is_an_error_that_says_so():
    model, x = built(toys.ByHand)
    with pytest.raises(CaptureError, match="a softmax by exp and sum"), capture(model):
        model(x)


def test_what_is_ignored_beside_attention_is_listed():
    model, x = built(toys.Attention)
    both = torch.nn.Sequential(model, toys.Classifier())
    maps = maps_of(both, x)
    assert maps.names == ("0",)
    assert [(one.name, one.reason) for one in maps.ignored] == [
        ("1", "its input is no product of queries and keys")
    ]
    assert repr(maps).endswith("ignored=[Ignored(name='1', reason='its input is no product of "
                               "queries and keys')])")  # fmt: skip
