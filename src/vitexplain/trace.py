"""What attention did in a model, layer by layer, whoever recorded it.

    for layer in layers(vit.walk(images)):  # or vit.look(images), captured maps, windows, …
        layer.weights  # (batch, head, query, key)

A `Trace` has layers; so have the steps of a walk, taken one by one. Whatever reads attention
takes either by way of `layers`, and need not know which model or recorder it came from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from vitexplain.arrays import Array, as_numpy, namespace
from vitexplain.attention import Attention, MultiHead
from vitexplain.windows import PADDING, Grid, Places, full_map

VECTORS = ("query", "key", "value", "output")
PAIRS = ("scores", "scaled", "weights", "bias")


@dataclass(frozen=True, eq=False)
class Layer:
    """What one attention of a model did; a quantity that was not kept is None.

    The quantities are those of `Attention`, heads before tokens. Where tokens attend in windows,
    windows come before heads, and `places` says which token stands where.
    """

    name: str = ""
    weights: Float[Array, "*batch_head query key"] | None = None
    query: Float[Array, "*batch_head query dim"] | None = None
    key: Float[Array, "*batch_head key dim"] | None = None
    value: Float[Array, "*batch_head key dim_v"] | None = None
    scores: Float[Array, "*batch_head query key"] | None = None
    scaled: Float[Array, "*batch_head query key"] | None = None
    output: Float[Array, "*batch_head query dim_v"] | None = None
    bias: Float[Array, "... query key"] | None = None  # what was added to the scaled scores
    grid: Grid | None = None  # rows and columns of the tokens, where it is known
    places: Places | None = None
    note: str = ""  # what a reader should know of it, in words

    @classmethod
    def of(cls, attention: Attention | MultiHead, name: str = "", **more: Any) -> "Layer":
        """Return a layer of which everything was kept; `more` are fields that attention lacks."""
        steps = attention.attention if isinstance(attention, MultiHead) else attention
        return cls(name, **vars(steps), **more)

    @property
    def attention(self) -> Attention | None:
        """Every step, if all were kept."""
        steps = {one.name: getattr(self, one.name) for one in fields(Attention)}
        return None if any(x is None for x in steps.values()) else Attention(**steps)

    @property
    def full(self) -> Float[Array, "*batch_head token token"]:
        """The weights between all tokens, 0 between those of different windows."""
        if self.weights is None:
            raise ValueError(f"the weights of layer {self.name!r} were not kept")
        return self.weights if self.places is None else _pairs(self.weights, self.places)

    def picture(self, index: int = 0) -> "Layer":
        """Return one picture's part, (head, token, …) in NumPy, windows undone to the grid.

        Between tokens of different windows weights are 0; scores and bias are NaN, as none was
        ever computed.

        Raises:
            ValueError: there is no such picture, or an array has other axes.
        """
        names = (*VECTORS, *(name for name in PAIRS if name != "bias"))
        kept = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        rank = 3 if self.places is None else 4
        found = {name: _one(x, index, rank) for name, x in kept.items()}
        if self.bias is not None and "scores" in found:
            found["bias"] = np.broadcast_to(as_numpy(self.bias), found["scores"].shape)
        if self.places is not None:
            found = {name: _undone(name, x, self.places) for name, x in found.items()}
        nothing = dict.fromkeys((*VECTORS, *PAIRS))
        return replace(self, **(nothing | found), places=None)


@runtime_checkable
class Trace(Protocol):
    """What a model did with its input: what `look`, `capture` and an exported graph give."""

    @property
    def layers(self) -> Iterable[Layer]:
        """What attended, first layer first."""
        ...


@runtime_checkable
class Attends(Protocol):
    """A step of a walk, or a captured map, in which tokens attended."""

    @property
    def layer(self) -> Layer:
        """What attention did in it."""
        ...


@runtime_checkable
class Model(Protocol):
    """A model of this package: its walk through a batch of images is a trace."""

    config: Any

    def walk(self, images: Any) -> Iterator[Any]:
        """Yield what it does with them, step by step."""
        ...


def layers(trace: Any) -> Iterator[Layer]:
    """Yield what attended in a trace, first layer first; nothing else of it is held.

    Args:
        trace: a `Trace`; one `Layer`, `Attention`, `MultiHead` or array of weights (head, query,
            key); or several of them, or of what `Attends`, in order: the steps of a walk, of
            which those that attend to nothing (an embedding, a merge) are passed over.

    Raises:
        TypeError: something in it is no attention that is known.
    """
    if isinstance(trace, Trace):
        yield from trace.layers
        return
    alone = isinstance(trace, Layer | Attention | MultiHead | Attends)
    if not alone and not hasattr(trace, "__iter__"):
        raise TypeError(
            f"a trace must hold attention, got {type(trace).__name__}: capture another model's "
            "attention (vitexplain.capture)"
        )
    steps: Iterable[Any] = [trace] if alone or getattr(trace, "ndim", 0) in (2, 3) else trace
    for step in steps:
        if isinstance(step, Layer):
            yield step
        elif isinstance(step, Attends):
            yield step.layer
        elif isinstance(step, Attention | MultiHead):
            yield Layer.of(step)
        elif hasattr(step, "ndim"):
            yield Layer(weights=step)
        elif not is_dataclass(step):
            raise TypeError(
                "a trace must hold Attention, MultiHead, layers, the steps of a walk, or weights "
                f"(head, query, key), got {type(step).__name__}"
            )
        del step  # before the next is computed


def _one(x: Array, index: int, rank: int) -> np.ndarray:
    """Return one picture's part of an array that may have a batch axis, and may lack the heads'."""
    array = as_numpy(x)
    if array.ndim == rank - 1:
        return array[None]
    if array.ndim == rank:
        return array
    if array.ndim != rank + 1 or not 0 <= index < len(array):
        raise ValueError(
            "attention must be (head, token, …) or (batch, head, token, …) with a picture "
            f"{index} in the batch, got shape {array.shape}"
        )
    return array[index]


def _pairs(x: Float[Array, "*batch window head query key"], places: Places) -> Array:
    return full_map(namespace(x).moveaxis(x, -4, -3), places)


def _undone(name: str, x: Float[np.ndarray, "window head place _"], places: Places) -> np.ndarray:
    """Return one quantity of windows over the whole grid, (head, token, …)."""
    tokens = int(places.max()) + 1
    if name in VECTORS:
        full = np.empty((x.shape[1], tokens + 1, x.shape[-1]), x.dtype)  # padding comes last
        full[:, np.where(places == PADDING, tokens, places)] = np.moveaxis(x, 1, 0)
        return full[:, :tokens]
    full = _pairs(x, places)
    if name == "weights":
        return full
    window_of = np.empty(tokens + 1, int)
    window_of[places] = np.arange(len(places))[:, None]  # that of padding, -1, is cut off
    window_of = window_of[:tokens]
    return np.where(window_of[:, None] == window_of, full, np.nan)
