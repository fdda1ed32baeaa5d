"""Attention weights computed again, eagerly, from what a fused kernel got.

    softmax(Q Kᵀ · scale + mask)

as `torch.nn.functional.scaled_dot_product_attention` documents it, in the precision that
`vitexplain.attention` states.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.arrays import single


def fused_weights(
    query: Float[Tensor, "*batch query dim"],
    key: Float[Tensor, "*fewer_heads key dim"],
    *,
    mask: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
) -> Float[Tensor, "*batch query key"]:
    """Return softmax(Q Kᵀ · scale + mask); a row whose mask leaves no key is 0.

    Args:
        mask: boolean (true = may attend) or added to the scaled scores; broadcasts.
        causal: query i attends to keys 0 to i, also where there are more keys than queries.
        scale: 1 / √dim unless given.

    Where keys have fewer heads than queries, each serves a group of neighbouring query heads.
    """
    dtype = query.dtype
    query, key = single(query), single(key)
    if query.ndim > 2 and query.shape[-3] != key.shape[-3]:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
    scores = (query @ key.mT) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if causal:
        allowed = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
        scores = scores.masked_fill(~allowed, -math.inf)
    if mask is not None:
        forbids = mask.dtype == torch.bool
        scores = scores.masked_fill(~mask, -math.inf) if forbids else scores + mask
    return safe_softmax(scores).to(dtype)


def safe_softmax(scores: Float[Tensor, "*batch key"]) -> Float[Tensor, "*batch key"]:
    """Return the softmax of the last axis, 0 where a row is -∞ alone, as the kernels have it."""
    nothing = (scores == -math.inf).all(-1, keepdim=True)
    return scores.softmax(-1).masked_fill(nothing, 0)


def projected_weights(
    x: Tensor,  # (batch, token, dim), or nested
    weight: Float[Tensor, "three_dims dim"],
    bias: Float[Tensor, " three_dims"] | None,
    heads: int,
    mask: Tensor | None,
) -> Float[Tensor, "batch head token token"]:
    """Return the weights of self-attention from tokens and the stacked matrices of Q, K, V.

    Args:
        mask: true where a query may attend to a key; broadcasts to the weights.

    Nested tokens are sequences of different lengths: the weights of what they lack are 0.
    """
    if x.is_nested:
        alone = [projected_weights(one[None], weight, bias, heads, None)[0] for one in x.unbind()]
        most = max(one.shape[-1] for one in alone)
        return torch.stack([F.pad(one, (0, most - one.shape[-1]) * 2) for one in alone])
    both = 2 * weight.shape[1]  # rows of Q and K; the values are not needed
    projected = F.linear(x, weight[:both], None if bias is None else bias[:both])
    query, key = projected.unflatten(-1, (2, heads, -1)).unbind(-3)
    return fused_weights(query.transpose(1, 2), key.transpose(1, 2), mask=mask)


def native_weights(given: dict[str, Any]) -> Float[Tensor, "batch head token token"]:
    """Return the weights inside an operator of `NATIVE`, from its arguments."""
    x = given["src"] if "src" in given else given["query"]
    if given.get("norm_first"):
        norm = given["norm_weight_1"], given["norm_bias_1"], given["eps"]
        x = F.layer_norm(x, (given["embed_dim"],), *norm)
    mask = given["mask"]
    if mask is not None:
        mask = ~mask.bool()  # -∞ and true forbid
        if given["mask_type"] == 1:  # padding: (batch, key)
            mask = mask[:, None, None, :]
    heads = given["num_heads"] if "num_heads" in given else given["num_head"]
    return projected_weights(x, given["qkv_weight"], given["qkv_bias"], heads, mask)


NATIVE = ("aten::_transformer_encoder_layer_fwd", "aten::_native_multi_head_attention")
"""torch's inference paths, of an encoder's layer and of its attention."""


def with_heads(
    weights: Float[Tensor, "*batch_head query key"],
    module: nn.Module,
    shape: tuple[int, ...] | None,
) -> Float[Tensor, "*batch_and_head query key"]:
    """Return weights with an axis of their own for heads that were computed as a larger batch.

    Args:
        module: where they were computed; its attribute `num_heads` or the like is the number.
        shape: of the first tensor that the module was given, whose batch decides.
    """
    names = ("num_heads", "num_attention_heads", "n_heads", "n_head", "heads")
    heads = next((getattr(module, name) for name in names if hasattr(module, name)), None)
    if weights.ndim != 3 or not isinstance(heads, int):
        return weights
    if isinstance(module, nn.MultiheadAttention):  # of keyword arguments the shape is not known
        return weights.unflatten(0, (-1, heads))
    if shape is None or len(shape) < 2 or len(weights) != shape[0] * heads:
        return weights
    return weights.unflatten(0, (shape[0], heads))
