"""Attention inside windows, put back on the image's grid, and rolled out across stages.

Windows, shifts and merges: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using
Shifted Windows", ICCV 2021, arXiv 2103.14030, sections 3.1 and 3.2. Blocks and grids: Tu et al.,
"MaxViT: Multi-Axis Vision Transformer", ECCV 2022, arXiv 2204.01697. Tokens of a grid are counted
row by row. NumPy arrays or torch tensors, as everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from vitexplain.arrays import Array, require
from vitexplain.reading.rollout import Fusion

Grid = tuple[int, int]  # rows, columns
Places = Int[np.ndarray, "window place"]  # the token in each place of each window; -1: padding
PADDING = -1


@dataclass(frozen=True, eq=False)
class Windowed:
    """The weights of one layer's windows, and which token stands where."""

    name: str
    grid: Grid  # of the layer's tokens
    weights: Float[Array, "*batch window head query key"]
    places: Places

    @cached_property
    def full(self) -> Float[Array, "*batch head token token"]:
        """Weights between all tokens of the grid, 0 outside the windows."""
        xp = require(rank=4, values=False, weights=self.weights)
        return full_map(xp.moveaxis(self.weights, -3, -4), self.places)


def window_places(
    grid: Grid, window: Grid, shift: Grid = (0, 0), *, pad: Literal["first", "last"] = "first"
) -> Places:
    """Return which token each place of each window holds, windows and places row by row.

    The grid is rolled up and to the left by `shift`, place (i, j) then holding token
    (i, j) + shift, and cut. Where windows do not tile it, padding is added below and to the right
    before the roll ("first": torchvision, transformers) or after it ("last": timm).

    Raises:
        ValueError: a side less than 1, or `pad` neither "first" nor "last".
    """
    if min(*grid, *window) < 1:
        raise ValueError(f"grid and window must be at least 1 × 1, got {grid} and {window}")
    if pad not in ("first", "last"):
        raise ValueError(f"pad must be 'first' or 'last', got {pad!r}")
    tokens = np.arange(grid[0] * grid[1]).reshape(grid)
    back = tuple(-side for side in shift)
    if pad == "last":
        tokens = np.roll(tokens, back, (0, 1))
    tokens = np.pad(
        tokens,
        [(0, -side % step) for side, step in zip(grid, window, strict=True)],
        constant_values=PADDING,
    )
    if pad == "first":
        tokens = np.roll(tokens, back, (0, 1))
    return _cut(tokens, window)


def grid_places(grid: Grid, size: Grid) -> Places:
    """Return which token each place holds in MaxViT's grid attention.

    A group takes one token from each cell of a `size` raster: place (i, j) of group (a, b) is
    token (i · rows / size_rows + a, j · columns / size_columns + b).

    Raises:
        ValueError: `size` does not divide the grid.
    """
    if grid[0] % size[0] or grid[1] % size[1]:
        raise ValueError(f"a raster of {size} does not divide a grid of {grid}")
    strides = grid[0] // size[0], grid[1] // size[1]
    tokens = np.arange(grid[0] * grid[1]).reshape(size[0], strides[0], size[1], strides[1])
    return tokens.transpose(1, 3, 0, 2).reshape(-1, size[0] * size[1])


def merge_places(grid: Grid, by: int = 2) -> Places:
    """Return which `by` × `by` tokens each merged token is made of; the last may lack some."""
    return window_places(grid, (by, by))


def full_map(
    weights: Float[Array, "*batch window query key"], places: Places
) -> Float[Array, "*batch token token"]:
    """Return the weights between all tokens of the grid, 0 where two are in no window together.

    Rows sum to what they summed to in their window, less what went to padding.

    Raises:
        TypeError, ValueError: not floating weights of as many windows and places.
    """
    xp = require(rank=3, weights=weights)
    _check(weights, places)
    tokens = int(places.max()) + 1
    held = xp.asarray(np.where(places == PADDING, tokens, places), device=weights.device)
    batch = tuple(weights.shape[:-3])  # padding gets a row and a column that are cut off again
    full = xp.zeros((*batch, tokens + 1, tokens + 1), dtype=weights.dtype, device=weights.device)
    full[..., held[:, :, None], held[:, None, :]] = weights
    return full[..., :tokens, :tokens]


def window_map(
    weights: Float[Array, "*batch window query key"],
    grid: Grid,
    window: Grid,
    shift: Grid = (0, 0),
    *,
    pad: Literal["first", "last"] = "first",
) -> Float[Array, "*batch token token"]:
    """Return shifted windows' weights between all tokens of the grid (`full_map`).

    Raises:
        TypeError, ValueError: as `window_places` and `full_map`.
    """
    return full_map(weights, window_places(grid, window, shift, pad=pad))


def reduced_map(
    weights: Float[Array, "*batch query reduced"], grid: Grid, by: int
) -> Float[Array, "*batch query token"]:
    """Return attention to merged keys as attention to tokens: each of a key's gets an equal share.

    For keys that stand for `by` × `by` tokens each (Wang et al., "Pyramid Vision Transformer",
    ICCV 2021, arXiv 2102.12122). There a convolution merges them, so equal shares
    are a reading; row sums stay.

    Raises:
        TypeError, ValueError: not floating weights of as many keys.
    """
    xp = require(rank=2, weights=weights)
    rows, cols = (np.arange(side) // by for side in grid)
    key = (rows[:, None] * (cols[-1] + 1) + cols).reshape(-1)  # of each token
    count = np.bincount(key)
    if weights.shape[-1] != len(count):
        raise ValueError(f"{grid} by {by} gives {len(count)} keys, got {weights.shape[-1]}")
    share = weights / xp.asarray(count, dtype=weights.dtype, device=weights.device)
    return share[..., xp.asarray(key, device=weights.device)]


def stage_rollout(
    layers: Iterable[Windowed], *, fusion: Fusion = "mean", residual: float = 0.5
) -> Float[Array, "*batch last_token first_token"]:
    """Return how much of each token of the first stage is in each token of the last.

        R ← (r I + (1 - r) W_l) R   in a layer,   R ← M R   where tokens merge,   R = I at first

    W_l are the weights of a layer's windows with the heads fused and each row made to sum to 1
    again, which also shares out what went to padding; r is `residual`. M makes each merged token
    the mean of its tokens, four of them in Swin. Every row of the result sums to 1. What rollout
    leaves out (`vitexplain.reading.rollout`), this leaves out too, and also the matrix of a merge
    and any convolution between stages: MaxViT's mix more than the four tokens that M has.

    Args:
        layers: first layer first, an iterator if you like. Where a grid is smaller than the one
            before, tokens have merged.

    Raises:
        TypeError: not floating arrays.
        ValueError: no layer, an unknown fusion, a residual outside [0, 1), rows that do not sum
            to 1, or grids that do not follow from one another by merging squares.
    """
    if fusion not in ("mean", "max", "min"):
        raise ValueError(f"fusion must be 'mean', 'max' or 'min', got {fusion!r}")
    if not 0 <= residual < 1:
        raise ValueError(f"residual must be at least 0 and less than 1, got {residual}")
    rolled, grid = None, None
    for layer in layers:
        weights = _fused(layer, fusion)
        if rolled is None:
            rolled = _identity(weights, layer.grid)
        elif grid is not None and layer.grid != grid:
            rolled = _merged(rolled, grid, layer.grid)
        rolled = residual * rolled + (1 - residual) * _mixed(weights, layer.places, rolled)
        grid = layer.grid
    if rolled is None:
        raise ValueError("rollout needs the weights of at least one layer, got none")
    return rolled


def _cut(tokens: Int[np.ndarray, "row col"], window: Grid) -> Places:
    rows, cols = tokens.shape[0] // window[0], tokens.shape[1] // window[1]
    cells = tokens.reshape(rows, window[0], cols, window[1])
    return cells.transpose(0, 2, 1, 3).reshape(-1, window[0] * window[1])


def _check(weights: Array, places: Places) -> None:
    windows, place = places.shape
    if tuple(weights.shape[-3:]) != (windows, place, place):
        raise ValueError(
            f"weights must be (..., {windows}, {place}, {place}) for {windows} windows of "
            f"{place} places, got shape {tuple(weights.shape)}"
        )


def _fused(layer: Windowed, fusion: Fusion) -> Float[Array, "*batch window query key"]:
    """Return the heads as one, in float32 at least, no weight on padding, rows summing to 1."""
    xp = require(rank=4, weights=layer.weights)
    precision = xp.finfo(layer.weights.dtype)
    tolerance = 16 * precision.eps
    weights = xp.astype(layer.weights, xp.float32) if precision.bits < 32 else layer.weights
    held = layer.places != PADDING
    real = xp.asarray(held, device=weights.device)
    sums = xp.sum(weights, axis=-1)
    if bool(xp.any(xp.abs(sums - 1) > tolerance)):
        raise ValueError(f"each row of {layer.name}'s weights must sum to 1, these do not")
    fused = getattr(xp, fusion)(weights, axis=-3)
    _check(fused, layer.places)
    fused = xp.where(real[:, None, :], fused, xp.zeros_like(fused))
    total = xp.sum(fused, axis=-1, keepdims=True)
    if bool(xp.any((total[..., 0] == 0) & real)):
        raise ValueError("the fused weights of a row are all 0, fuse by 'mean' or 'max'")
    return fused / xp.where(total == 0, xp.ones_like(total), total)


def _identity(weights: Array, grid: Grid) -> Float[Array, "*batch token token"]:
    xp = require(weights=weights, values=False)
    tokens = grid[0] * grid[1]
    eye = xp.eye(tokens, dtype=weights.dtype, device=weights.device)
    return xp.broadcast_to(eye, (*weights.shape[:-3], tokens, tokens))


def _gathered(rolled: Array, places: Places) -> Float[Array, "*batch window place first"]:
    """Return the rows that stand in each place, zeros in padding."""
    xp = require(rank=2, values=False, rolled=rolled)
    nothing = xp.zeros_like(rolled[..., :1, :])
    rows = xp.asarray(np.where(places == PADDING, rolled.shape[-2], places), device=rolled.device)
    return xp.concat([rolled, nothing], axis=-2)[..., rows, :]


def _mixed(weights: Array, places: Places, rolled: Array) -> Float[Array, "*batch token first"]:
    """Return W R window by window, without W of the whole grid."""
    xp = require(rank=3, values=False, weights=weights)
    mixed = weights @ _gathered(rolled, places)
    held = places != PADDING
    order = xp.asarray(np.argsort(places[held]), device=rolled.device)
    return mixed[..., xp.asarray(held, device=rolled.device), :][..., order, :]


def _merged(rolled: Array, old: Grid, new: Grid) -> Float[Array, "*batch token first"]:
    """Return M R, the means over the tokens that merged."""
    xp = require(rank=2, values=False, rolled=rolled)
    by = max(-(-before // after) for before, after in zip(old, new, strict=True))
    if by < 2 or tuple(-(-side // by) for side in old) != tuple(new):
        raise ValueError(f"a grid of {new} does not follow from {old} by merging squares")
    places = merge_places(old, by)
    count = np.sum(places != PADDING, axis=1)[:, None]
    shares = xp.asarray(count, dtype=rolled.dtype, device=rolled.device)
    return xp.sum(_gathered(rolled, places), axis=-2) / shares
