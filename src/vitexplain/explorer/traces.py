"""From a trace to maps: heads, layers, their means and rollout; windows put back on the grid."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np

from vitexplain.attention import Attention
from vitexplain.explorer.maps import Map
from vitexplain.reading.recursion import advanced
from vitexplain.reading.rollout import rollout as roll
from vitexplain.trace import Layer
from vitexplain.trace import layers as trace_layers

FEW = 64  # tokens up to which every head carries its steps unless you say otherwise
Kept = Literal["all", "none"] | Collection[int | tuple[int, int]]


def maps_of(
    trace: Any,
    *,
    layers: Collection[int] | None = None,
    heads: Collection[int] | None = None,
    steps: Kept | None = None,
    mean: bool = True,
    rollout: bool = True,
    picture: int = 0,
    dims: Sequence[str] = (),
    value_dims: Sequence[str] = (),
) -> list[Map]:
    """Return the maps of a trace: each layer's heads, then their mean, and rollout up to it.

    Args:
        trace: an `Attention` of one head (token, dim), which gives one map without a layer; one
            of many heads (head, token, dim) or a `MultiHead`, one layer; or many layers: the
            steps of `vit.walk` or `swin.walk` (an iterator is consumed layer by layer), what
            `vit.look` or `capture` returned, `in_windows` of it, or weights (layer, head,
            query, key). What attends to nothing (an embedding, a merge) is passed over.
            Windows are undone: scores are NaN and weights 0 between tokens of different ones.
        layers: which to take, counted from 0; by default all. Rollout goes through all the same.
        heads: which to take of each layer, from 0; by default all. Means are of all the same.
        steps: which heads carry query, key, value, scores and output: "all", "none", or layers
            and (layer, head)s; the others have weights alone. By default all of a trace of up
            to 64 tokens, and none of a longer one.
        mean: add the mean of each layer's heads, where they are several.
        rollout: add `vitexplain.reading.rollout` from the first layer to each, where there
            are several layers.
        picture: which one of the batch, where there is a batch axis.

    Raises:
        TypeError: something in the trace is no attention that is known.
        ValueError: no attention, layers of different numbers of tokens, or a layer, head or
            picture that there is not.
    """
    if isinstance(trace, Attention) and trace.weights.ndim == 2:
        return [Map("attention", trace, dims, value_dims)]
    if getattr(trace, "ndim", 0) == 2:
        return [Map("attention", trace)]
    found: list[Map] = []
    rolled = None
    last = -1
    for last, layer in enumerate(one.picture(picture) for one in trace_layers(trace)):
        weights = layer.full
        if found and weights.shape[-1] != len(found[0].weights):
            raise ValueError(
                f"all layers must have one number of tokens, layer {last} has "
                f"{weights.shape[-1]} and those before it {len(found[0].weights)}: of a model "
                "whose tokens merge, take one stage"
            )
        if rollout:
            # Rollout's product, taken one layer further. Rows of bfloat16, and of windows with
            # padding, do not quite sum to 1.
            rolled = advanced(rolled, roll([weights / weights.sum(-1, keepdims=True)]))
        if layers is None or last in layers:
            found += _heads(layer, last, heads, steps, mean)
            if rolled is not None:
                found.append(_rolled(rolled, last))
    if last < 0:
        raise ValueError("the trace has no attention in it")
    _require_all(layers, last + 1, "layer")
    _require_steps(steps, found)
    if last == 0:  # rollout of one layer is that layer and its residual
        found = [one for one in found if one.head != "rollout"]
    return [
        replace(one, dims=dims, value_dims=value_dims) if one.has_steps else one for one in found
    ]


def _heads(
    layer: Layer, number: int, heads: Collection[int] | None, steps: Kept | None, mean: bool
) -> Iterator[Map]:
    weights, whole = layer.full, layer.attention
    count, tokens = weights.shape[:2]
    _require_all(heads, count, f"layer {number}: head")
    note = f"{layer.note}." if layer.note else ""
    for head in range(count) if heads is None else sorted(heads):
        attention, bias = weights[head], None
        if whole is not None and _carries(steps, number, head, tokens):
            attention = Attention(*(getattr(whole, f.name)[head] for f in fields(Attention)))
            bias = None if layer.bias is None else layer.bias[head]
        yield Map(f"layer {number}, head {head}", attention, note=note, layer=number, head=head,
                  bias=bias)  # fmt: skip
    if mean and count > 1:
        yield Map(
            f"layer {number}, mean of the heads",
            weights.mean(0),
            note=f"The mean of {count} heads.",
            layer=number,
            head="mean",
        )


def _rolled(rolled: np.ndarray, number: int) -> Map:
    upto = f"layers 0 to {number}" if number else "layer 0"
    return Map(
        f"rollout up to layer {number}",
        rolled,
        note=f"Rollout of {upto}: heads averaged, half a skip connection, layers multiplied.",
        layer=number,
        head="rollout",
    )


def _carries(steps: Kept | None, layer: int, head: int, tokens: int) -> bool:
    if steps is None:
        return tokens <= FEW
    if isinstance(steps, str):
        if steps not in ("all", "none"):
            raise ValueError(
                f"steps must be 'all', 'none', layers or (layer, head)s, got {steps!r}"
            )
        return steps == "all"
    return layer in steps or (layer, head) in steps


def _require_steps(steps: Kept | None, found: Sequence[Map]) -> None:
    have = {place for one in found if one.has_steps for place in (one.place, one.layer)}
    for one in () if steps is None or isinstance(steps, str) else steps:
        if one not in have:
            raise ValueError(
                f"steps names {one}, which is no layer or (layer, head) among those taken, or "
                "of which the trace has weights alone"
            )


def _require_all(wanted: Collection[int] | None, count: int, what: str) -> None:
    for one in wanted or ():
        if not 0 <= one < count:
            raise ValueError(f"{what} must be 0 to {count - 1}, got {one}")
