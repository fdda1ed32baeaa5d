"""Scaled dot-product attention, one public function a step.

    Attention(Q, K, V) = softmax(Q Kᵀ / √d_k) V

Source: Vaswani et al., "Attention Is All You Need", 2017, arXiv 1706.03762, equation (1)
and section 3.2.2. The paper writes Q, K, V for the matrices whose rows we call `query`,
`key` and `value`. All functions take NumPy arrays or torch tensors and return the same.

One precision for all: scores and their softmax are taken in float32 at least, whatever the inputs'
precision, as fused kernels do inside; the weights are then rounded to the inputs' once, and mix the
values so. `vitexplain.vit.look` and `vitexplain.capture` hold to the same.
"""

import math
from dataclasses import dataclass
from typing import Any

from jaxtyping import Bool, Float

from vitexplain.arrays import (
    Array,
    as_precise,
    can_be_read,
    fitted,
    linear,
    namespace,
    require,
    single,
    torch_of,
)


@dataclass(frozen=True, eq=False)
class Attention:
    """Every quantity of one attention, in the order it is computed.

    `scaled` holds the scores before a bias is added or a mask applied; a masked pair has weight 0.
    """

    query: Float[Array, "*batch query dim"]
    key: Float[Array, "*batch key dim"]
    value: Float[Array, "*batch key dim_v"]
    scores: Float[Array, "*batch query key"]
    scaled: Float[Array, "*batch query key"]
    weights: Float[Array, "*batch query key"]
    output: Float[Array, "*batch query dim_v"]


@dataclass(frozen=True, eq=False)
class MultiHead:
    """Each head's attention, the heads side by side, and the projected output."""

    attention: Attention  # each field (..., head, token, dim / heads)
    merged: Float[Array, "*batch query dim"]
    output: Float[Array, "*batch query dim_out"]


def scores(
    query: Float[Array, "*batch query dim"], key: Float[Array, "*#batch key dim"]
) -> Float[Array, "*batch query key"]:
    """Return the dot product of every query with every key, Q Kᵀ, in float32 at least.

    Raises:
        TypeError: not floating arrays of one library and dtype.
        ValueError: wrong rank, empty or non-finite input, or dims that differ.
    """
    require(rank=2, query=query, key=key)
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            "query and key must have the same dim (last axis), "
            f"got {tuple(query.shape)} and {tuple(key.shape)}"
        )
    return single(query) @ single(key).mT


def scale(scores: Float[Array, "*any"], d_k: int) -> Float[Array, "*any"]:
    """Return the scores divided by √d_k, which keeps their spread at that of one product.

    If the entries of q and k are independent with mean 0 and variance 1, q·k has standard
    deviation √d_k (section 3.2.1, footnote 4).

    Raises:
        ValueError: d_k is less than 1.
    """
    require(scores=scores)
    if d_k < 1:
        raise ValueError(f"d_k, the dim of a query and a key, must be at least 1, got {d_k}")
    return scores / math.sqrt(d_k)


def softmax(x: Float[Array, "*batch n"]) -> Float[Array, "*batch n"]:
    """Return exp(x) / Σ exp(x) along the last axis, computed without overflow.

    The maximum of each row is taken off first, which changes nothing but the rounding.
    An entry of -∞ gets weight 0. Half precision is computed in float32, and rounded at the end.

    Raises:
        TypeError: not a floating array.
        ValueError: an empty array, NaN, +∞, or a row of -∞ alone.
    """
    xp = namespace(x)
    if not xp.isdtype(x.dtype, "real floating"):
        raise TypeError(f"x must have a floating dtype, got {x.dtype}")
    if x.ndim < 1 or 0 in x.shape:
        raise ValueError(f"softmax needs at least one number a row, got shape {tuple(x.shape)}")
    exact = single(x)
    if torch := torch_of(x):  # the same formula in one pass over memory
        weights = torch.softmax(exact, -1)
    else:
        exp = xp.exp(exact - _finite_maximum(xp, exact))
        weights = exp / xp.sum(exp, axis=-1, keepdims=True)
    if can_be_read(x) and bool(xp.any(xp.isnan(weights[..., :1]))):
        raise ValueError("a row of softmax must have a finite maximum and no NaN")
    return as_precise(weights, x)


def _finite_maximum(xp: Any, x: Array) -> Array:
    """Return each row's maximum; a row of -∞, +∞ or NaN is an error before NumPy warns of it."""
    maximum = xp.max(x, axis=-1, keepdims=True)
    if not bool(xp.all(xp.isfinite(maximum))):
        raise ValueError("a row of softmax must have a finite maximum and no NaN")
    return maximum


def mix(
    weights: Float[Array, "*batch query key"], value: Float[Array, "*#batch key dim_v"]
) -> Float[Array, "*batch query dim_v"]:
    """Return each query's weighted sum of the values, y_i = Σ_j a_ij v_j.

    Raises:
        TypeError: not floating arrays of one library and dtype.
        ValueError: wrong rank, empty or non-finite input, or not one weight a value.
    """
    require(rank=2, weights=weights, value=value)
    if weights.shape[-1] != value.shape[-2]:
        raise ValueError(
            "each query needs one weight for each value, "
            f"got weights {tuple(weights.shape)} and value {tuple(value.shape)}"
        )
    return weights @ value


def attend(
    query: Float[Array, "*batch query dim"],
    key: Float[Array, "*#batch key dim"],
    value: Float[Array, "*#batch key dim_v"],
    *,
    mask: Bool[Array, "*#batch #query #key"] | None = None,
    bias: Float[Array, "*#batch #query #key"] | None = None,
) -> Attention:
    """Return softmax(Q Kᵀ / √d_k + B) V with every step on the way (equation 1).

    Args:
        mask: true where a query may attend to a key, as in
            `torch.nn.functional.scaled_dot_product_attention`.
        bias: B, added to the scaled scores: what the places of query and key alone say
            (Shaw et al. 2018, arXiv 1803.02155; in this form Liu et al. 2021, equation 4).

    Raises:
        TypeError: not floating arrays of one library and dtype, or a mask that is not boolean.
        ValueError: shapes that do not fit, empty or non-finite input, or a query
            that the mask lets attend to nothing.
    """
    raw = scores(query, key)
    scaled = scale(raw, query.shape[-1])
    logits = scaled if bias is None else biased(scaled, single(bias))
    weights = as_precise(softmax(logits if mask is None else masked(logits, mask)), value)
    return Attention(query, key, value, raw, scaled, weights, mix(weights, value))


def biased(
    scaled: Float[Array, "*batch query key"], bias: Float[Array, "*#batch #query #key"]
) -> Float[Array, "*batch query key"]:
    """Return the scaled scores with a bias added to each pair of query and key.

    Raises:
        TypeError: not floating arrays of one library and dtype.
        ValueError: the bias does not fit, is empty or not finite.
    """
    require(rank=2, scaled=scaled, bias=bias)
    return scaled + fitted("bias", bias, scaled, "(..., query, key)")


def masked(
    scaled: Float[Array, "*batch query key"], mask: Bool[Array, "*#batch #query #key"]
) -> Float[Array, "*batch query key"]:
    """Return the scaled scores with -∞ where the mask is false.

    Raises:
        TypeError: the mask is not boolean or of another library.
        ValueError: the mask does not fit, or a row of it allows nothing.
    """
    xp = namespace(scaled, mask)
    if not xp.isdtype(mask.dtype, "bool"):
        raise TypeError(f"mask must be boolean (true = may attend), got {mask.dtype}")
    mask = fitted("mask", mask, scaled, "(..., query, key)")
    if can_be_read(mask) and not bool(xp.all(xp.any(mask, axis=-1))):
        raise ValueError("every query must be allowed at least one key, a row of the mask is empty")
    return xp.where(mask, scaled, xp.asarray(-math.inf, dtype=scaled.dtype, device=scaled.device))


def split_heads(
    x: Float[Array, "*batch token dim"], heads: int
) -> Float[Array, "*batch {heads} token {x.shape[-1]//heads}"]:
    """Return the channels of each token cut into `heads` equal parts.

    Raises:
        TypeError, ValueError: not a floating array of two axes or more, or a dim that
            `heads` does not divide.
    """
    xp = require(rank=2, values=False, x=x)
    *batch, token, dim = x.shape
    if heads < 1 or dim % heads:
        raise ValueError(f"dim must be a multiple of heads, got dim {dim} and {heads} heads")
    parts = xp.reshape(x, (*batch, token, heads, dim // heads))
    return xp.moveaxis(parts, -2, -3)


def merge_heads(x: Float[Array, "*batch head token dim"]) -> Float[Array, "*batch token _"]:
    """Return the heads' channels side by side again, the inverse of `split_heads`.

    Raises:
        TypeError, ValueError: not a floating array of three axes or more.
    """
    xp = require(rank=3, values=False, x=x)
    *batch, head, token, dim = x.shape
    return xp.reshape(xp.moveaxis(x, -3, -2), (*batch, token, head * dim))


def multi_head(
    x: Float[Array, "*batch token dim"],
    w_q: Float[Array, "dim dim_k"],
    w_k: Float[Array, "dim_c dim_k"],
    w_v: Float[Array, "dim_c dim_v"],
    w_o: Float[Array, "dim_v dim_out"],
    *,
    heads: int,
    b_q: Float[Array, " dim_k"] | None = None,
    b_k: Float[Array, " dim_k"] | None = None,
    b_v: Float[Array, " dim_v"] | None = None,
    b_o: Float[Array, " dim_out"] | None = None,
    context: Float[Array, "*batch source dim_c"] | None = None,
    mask: Bool[Array, "..."] | None = None,
    bias: Float[Array, "..."] | None = None,
) -> MultiHead:
    """Return multi-head attention with every intermediate.

        MultiHead(X) = Concat(head_1, …, head_h) W_O,
        head_i = attend(X W_Qⁱ, C W_Kⁱ, C W_Vⁱ),   C = X unless a context is given

    Head i's matrix is the i-th block of columns: W_Q = [W_Q¹ … W_Qʰ] (section 3.2.2).
    With `context`, queries come from x, keys and values from the context: cross-attention.

    Args:
        mask: true where a query may attend to a key, broadcast to (..., head, query, key).
        bias: added to the scaled scores, broadcast likewise.

    Raises:
        TypeError, ValueError: as `attend` and `split_heads`.
    """
    source = x if context is None else context
    require(rank=2, values=False, x=x, context=source, w_q=w_q, w_k=w_k, w_v=w_v, w_o=w_o)
    attention = attend(
        split_heads(linear(x, w_q, b_q), heads),
        split_heads(linear(source, w_k, b_k), heads),
        split_heads(linear(source, w_v, b_v), heads),
        mask=mask,
        bias=bias,
    )
    merged = merge_heads(attention.output)
    output = linear(merged, w_o, b_o)
    require(output=output)  # x and the other matrices have shown in query, key and value
    return MultiHead(attention, merged, output)
