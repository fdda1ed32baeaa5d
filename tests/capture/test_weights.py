"""Weights computed again, against torch's own kernels and its own documented formula."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.testing import assert_close

from vitexplain.capture.operators import FUSED, is_attention
from vitexplain.capture.weights import NATIVE, fused_weights

sizes = st.integers(1, 5)


@given(
    st.integers(0, 99), sizes, sizes, sizes, st.booleans(),
    st.sampled_from([None, "boolean", "added"]), st.sampled_from([None, 0.3]),
    st.sampled_from([1, 2, 4]),
)  # fmt: skip
def test_weights_times_values_are_the_kernel_s_output(
    seed, queries, keys, dim, causal, kind, scale, group
):
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(2, 4, queries, dim, generator=generator, dtype=torch.float64)
    key, value = torch.randn(2, 2, 4 // group, keys, dim, generator=generator, dtype=torch.float64)
    mask = None
    if kind == "boolean":
        mask = torch.rand(2, 1, queries, keys, generator=generator) < 0.6  # rows may be empty
    elif kind == "added":
        mask = torch.randn(queries, keys, generator=generator, dtype=torch.float64)
    causal = causal and mask is None  # torch takes one of them
    expected = F.scaled_dot_product_attention(
        query, key, value, mask, is_causal=causal, scale=scale, enable_gqa=True
    )
    weights = fused_weights(query, key, mask=mask, causal=causal, scale=scale)
    assert_close(weights @ value.repeat_interleave(group, 1), expected)
    full = weights.sum(-1) != 0
    assert_close(weights.sum(-1)[full], torch.ones_like(weights.sum(-1)[full]))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_rounded_once(dtype):
    query, key = torch.randn(2, 1, 3, 9, 16, generator=torch.Generator().manual_seed(0)).to(dtype)
    exact = (query.double() @ key.double().mT / 4).softmax(-1)
    weights = fused_weights(query, key)
    assert weights.dtype == dtype
    assert_close(weights.double(), exact, rtol=torch.finfo(dtype).eps, atol=1e-6)


def test_a_mask_of_minus_infinity_alone_gives_zeros():
    query = torch.ones(1, 1, 2, 4)
    mask = torch.tensor([[0.0, -math.inf], [-math.inf, -math.inf]])
    assert_close(fused_weights(query, query, mask=mask)[0, 0], torch.tensor([[1.0, 0], [0, 0]]))


def test_every_fused_kernel_of_torch_says_what_it_got():
    """Their arguments have the names that are read, so that none is left out in silence."""
    found = 0
    for full_name in torch._C._dispatch_get_all_op_names():
        name, _, overload = full_name.partition(".")
        if is_attention(name) and name.startswith(FUSED):
            kernel = getattr(torch.ops.aten, name.removeprefix("aten::"))
            schema = getattr(kernel, overload or "default")._schema
            given = {argument.name for argument in schema.arguments}
            assert {"query", "key", "is_causal", "scale"} <= given, schema
            others = {name for name in given if "mask" in name or "bias" in name}
            assert others <= {"attn_mask", "attn_bias", "dropout_mask", "return_debug_mask"}, schema
            found += 1
    assert found >= 6
    for name in NATIVE:
        schema = getattr(torch.ops.aten, name.removeprefix("aten::")).default._schema
        given = {argument.name for argument in schema.arguments}
        assert given >= {"qkv_weight", "qkv_bias", "mask", "mask_type"}, schema
