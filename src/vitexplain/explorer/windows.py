"""A block with windows as attention on its full grid."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from vitexplain.attention import Attention
from vitexplain.explorer.numbers import as_numpy
from vitexplain.reading.windows import full_map, window_places


def undone(
    block: Any, parts: Mapping[str, Float[np.ndarray, "window head place _"]]
) -> tuple[Attention, Float[np.ndarray, "head query key"] | None]:
    """Return a windowed block's attention between all tokens of its grid, and its bias.

    Between tokens of different windows the weights are 0; scores and bias are NaN, as none was
    ever computed. `parts` are the fields of the block's `Attention`, of one picture.
    """
    grid = tuple(block.input.shape[1:3])
    places = window_places(grid, block.window, block.shift)
    tokens, heads = grid[0] * grid[1], parts["query"].shape[1]
    window_of = np.empty(tokens, int)
    window_of[places] = np.arange(len(places))[:, None]
    together = window_of[:, None] == window_of

    def pairs(x: np.ndarray) -> np.ndarray:  # (window, head, query, key)
        return full_map(np.moveaxis(x, 1, 0), places)

    def vectors(x: np.ndarray) -> np.ndarray:  # (window, head, place, dim)
        full = np.empty((heads, tokens, x.shape[-1]), x.dtype)
        full[:, places] = np.moveaxis(x, 1, 0)
        return full

    def known(x: np.ndarray) -> np.ndarray:
        return np.where(together, pairs(x), np.nan)

    found = {name: vectors(parts[name]) for name in ("query", "key", "value", "output")}
    found |= {name: known(parts[name]) for name in ("scores", "scaled")}
    bias = None
    if block.bias is not None:
        bias = known(np.broadcast_to(as_numpy(block.bias), parts["scores"].shape))
    return Attention(**found, weights=pairs(parts["weights"])), bias


def windows_name(block: Any) -> str:
    """Return what a block's windows are, in words."""
    rows, cols = block.window
    down, right = block.shift
    shifted = f", shifted by {down}" if down == right else f", shifted by {down} and {right}"
    return f"Windows of {rows} × {cols}{shifted if any(block.shift) else ''}"
