"""From a trace to maps: heads, layers, their means and rollout; windows put back on the grid."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np

from vitexplain.attention import Attention
from vitexplain.explorer.maps import Map
from vitexplain.reading.recursion import advanced
from vitexplain.reading.rollout import rollout as roll
from vitexplain.trace import Layer
from vitexplain.trace import layers as trace_layers
from vitexplain.windows import Grid

FEW = 64  # tokens up to which every head carries its steps unless you say otherwise
Kept = Literal["all", "none"] | Collection[int | tuple[int, int]]


@dataclass(frozen=True)
class Keep:
    """Which maps there are of a trace, and which of them carry their steps.

    Args:
        layers: which to take, counted from 0; by default all. Rollout goes through all the same.
        heads: which to take of each layer, from 0; by default all. Means are of all the same.
        steps: which heads carry query, key, value, scores and output: "all", "none", or layers
            and (layer, head)s; the others have weights alone. By default all of a trace of up
            to 64 tokens, and none of a longer one.
        mean: add the mean of each layer's heads, where they are several.
        rollout: add `vitexplain.reading.rollout` from the first layer to each, where there
            are several layers.
        dims: names of the columns of query and key, see `Map`.
        value_dims: names of the columns of value and output.
    """

    layers: Collection[int] | None = None
    heads: Collection[int] | None = None
    steps: Kept | None = None
    mean: bool = True
    rollout: bool = True
    dims: Sequence[str] = ()
    value_dims: Sequence[str] = ()


ALL = Keep()


def maps_of(trace: Any, keep: Keep = ALL, *, picture: int = 0) -> list[Map]:
    """Return the maps of a trace: each layer's heads, then their mean, and rollout up to it.

    Where tokens merge on the way, a layer is between those of its stage, and rollout begins anew.

    Args:
        trace: an `Attention` of one head (token, dim), which gives one map without a layer; one
            of many heads (head, token, dim) or a `MultiHead`, one layer; or many layers: the
            steps of `vit.walk` or `swin.walk` (an iterator is consumed layer by layer), what
            `vit.look` or `capture` returned, `in_windows` of it, or weights (layer, head,
            query, key). What attends to nothing (an embedding, a merge) is passed over.
            Windows are undone: scores are NaN and weights 0 between tokens of different ones.
        keep: which maps to take.
        picture: which one of the batch, where there is a batch axis.

    Raises:
        TypeError: something in the trace is no attention that is known.
        ValueError: no attention, or a layer, head or picture that there is not.
    """
    if isinstance(trace, Attention) and trace.weights.ndim == 2:
        return [Map("attention", trace, keep.dims, keep.value_dims)]
    if getattr(trace, "ndim", 0) == 2:
        return [Map("attention", trace)]
    stages: list[list[Map]] = []
    sizes: list[int] = []  # how many layers each has
    rolled, first, last, tokens = None, 0, -1, 0
    for last, layer in enumerate(one.picture(picture) for one in trace_layers(trace)):
        weights = layer.full
        if weights.shape[-1] != tokens:  # the first layer, or tokens have merged
            rolled, first, tokens = None, last, weights.shape[-1]
            stages.append([])
            sizes.append(0)
        sizes[-1] += 1
        if keep.rollout:
            # Rollout's product, taken one layer further. Rows of bfloat16, and of windows with
            # padding, do not quite sum to 1.
            rolled = advanced(rolled, roll([weights / weights.sum(-1, keepdims=True)]))
        if keep.layers is None or last in keep.layers:
            stages[-1] += _heads(layer, last, keep)
            if rolled is not None:
                stages[-1].append(_rolled(rolled, first, last, layer.grid))
    if last < 0:
        raise ValueError("the trace has no attention in it")
    _require_all(keep.layers, last + 1, "layer")
    # Rollout of one layer is that layer and its residual.
    several = [
        [one for one in stage if size > 1 or one.head != "rollout"]
        for stage, size in zip(stages, sizes, strict=True)
    ]
    found = _side_by_side([stage for stage in several if stage])
    _require_steps(keep.steps, found)
    names = {"dims": keep.dims, "value_dims": keep.value_dims}
    return [replace(one, **names) if one.has_steps else one for one in found]


def _side_by_side(stages: Sequence[Sequence[Map]]) -> list[Map]:
    """Return the maps of all stages; where they are several, each has tokens of its own."""
    found: list[Map] = []
    start = 0
    for stage in stages:
        own = range(start, start := start + len(stage[0].weights))
        found += stage if len(stages) == 1 else [replace(x, queries=own, keys=own) for x in stage]
    return found


def _heads(layer: Layer, number: int, keep: Keep) -> Iterator[Map]:
    weights, whole = layer.full, layer.attention
    count, tokens = weights.shape[:2]
    _require_all(keep.heads, count, f"layer {number}: head")
    note = f"{layer.note}." if layer.note else ""
    for head in range(count) if keep.heads is None else sorted(keep.heads):
        attention, bias = weights[head], None
        if whole is not None and _carries(keep.steps, number, head, tokens):
            attention = Attention(*(getattr(whole, f.name)[head] for f in fields(Attention)))
            bias = None if layer.bias is None else layer.bias[head]
        yield Map(f"layer {number}, head {head}", attention, note=note, layer=number, head=head,
                  bias=bias, grid=layer.grid)  # fmt: skip
    if keep.mean and count > 1:
        yield Map(
            f"layer {number}, mean of the heads",
            weights.mean(0),
            note=f"The mean of {count} heads.",
            layer=number,
            head="mean",
            grid=layer.grid,
        )


def _rolled(rolled: np.ndarray, first: int, number: int, grid: Grid | None) -> Map:
    upto = f"layers {first} to {number}" if number > first else f"layer {number}"
    return Map(
        f"rollout up to layer {number}",
        rolled,
        note=f"Rollout of {upto}: heads averaged, half a skip connection, layers multiplied.",
        layer=number,
        head="rollout",
        grid=grid,
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
