"""Rollout of attention inside windows, across stages whose tokens merge.

Windows, shifts and merges: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using
Shifted Windows", ICCV 2021, arXiv 2103.14030, sections 3.1 and 3.2.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from vitexplain.arrays import Array, require
from vitexplain.reading.rollout import Fusion, fused, require_choices
from vitexplain.trace import Layer
from vitexplain.windows import PADDING, Grid, Places, merge_places, require_windows, window_places


def stage_rollout(
    layers: Iterable[Layer], *, fusion: Fusion = "mean", residual: float = 0.5
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
            before, tokens have merged. A layer without places is one window, all its grid.

    Raises:
        TypeError: not floating arrays.
        ValueError: no layer, an unknown fusion, a residual outside [0, 1), rows that do not sum
            to 1, or grids that are not known or do not follow from one another by merging
            squares.
    """
    require_choices(fusion, residual)
    rolled, grid = None, None
    for layer in layers:
        if layer.grid is None:
            raise ValueError(f"the grid of {layer.name}'s tokens is not known")
        places = window_places(layer.grid, layer.grid) if layer.places is None else layer.places
        weights = _in_windows(layer, fusion, places)
        if rolled is None:
            rolled = _identity(weights, layer.grid)
        elif grid is not None and layer.grid != grid:
            rolled = _merged(rolled, grid, layer.grid)
        rolled = residual * rolled + (1 - residual) * _mixed(weights, places, rolled)
        grid = layer.grid
    if rolled is None:
        raise ValueError("rollout needs the weights of at least one layer, got none")
    return rolled


def _in_windows(
    layer: Layer, fusion: Fusion, places: Places
) -> Float[Array, "*batch window query key"]:
    """Return the heads as one, no weight on padding, rows summing to 1."""
    given = layer.weights if layer.places is not None else layer.full[..., None, :, :, :]
    xp = require(rank=4, weights=given)
    weights = fused(given, fusion, layer.name)
    require_windows(weights, places)
    real = xp.asarray(places != PADDING, device=weights.device)
    weights = xp.where(real[:, None, :], weights, xp.zeros_like(weights))
    total = xp.sum(weights, axis=-1, keepdims=True)
    if bool(xp.any((total[..., 0] == 0) & real)):
        raise ValueError("the fused weights of a row are all 0, fuse by 'mean' or 'max'")
    return weights / xp.where(total == 0, xp.ones_like(total), total)


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
