"""A grid of tokens cut into windows: which token stands where, and the way back to the grid.

Windows, shifts and merges: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using
Shifted Windows", ICCV 2021, arXiv 2103.14030, sections 3.1 and 3.2. Blocks and grids: Tu et al.,
"MaxViT: Multi-Axis Vision Transformer", ECCV 2022, arXiv 2204.01697. Tokens of a grid are counted
row by row. NumPy arrays or torch tensors, as everywhere.
"""

from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from vitexplain.arrays import Array, require

Grid = tuple[int, int]  # rows, columns
Places = Int[np.ndarray, "window place"]  # the token in each place of each window; -1: padding
PADDING = -1


def partition(
    x: Shaped[Array, "batch row col dim"], window: Grid
) -> Shaped[Array, "batch window token dim"]:
    """Return the map cut into windows, row by row; the tokens of each row by row too.

    Raises:
        ValueError: the windows do not tile the map.
    """
    batch, row, col, dim = x.shape
    height, width = window
    if row % height or col % width:
        raise ValueError(f"windows of {height}×{width} do not tile a map of {row}×{col}")
    grid = x.reshape(batch, row // height, height, col // width, width, dim)
    return grid.swapaxes(2, 3).reshape(batch, -1, height * width, dim)


def unpartition(
    windows: Shaped[Array, "batch window token dim"], grid: Grid, window: Grid
) -> Shaped[Array, "batch row col dim"]:
    """Return the map of `grid` (rows, columns) that `partition` cut, its inverse."""
    batch, dim = windows.shape[0], windows.shape[-1]
    (row, col), (height, width) = grid, window
    cells = windows.reshape(batch, row // height, col // width, height, width, dim)
    return cells.swapaxes(2, 3).reshape(batch, row, col, dim)


def comb(x: Shaped[Array, "batch row col dim"], by: Grid) -> Shaped[Array, "batch group token dim"]:
    """Return the map combed apart as `grid_places` says: a group takes each `by`-th row and column.

    Raises:
        ValueError: cells of that size do not tile the map.
    """
    return partition(x, by).swapaxes(1, 2)


def uncomb(
    groups: Shaped[Array, "batch group token dim"], grid: Grid, by: Grid
) -> Shaped[Array, "batch row col dim"]:
    """Return the map of `grid` (rows, columns) that `comb` took apart, its inverse."""
    return unpartition(groups.swapaxes(1, 2), grid, by)


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
    return partition(tokens[None, ..., None], window)[0, ..., 0]


def window_regions(grid: Grid, window: Grid, shift: Grid = (0, 0)) -> Int[np.ndarray, "row col"]:
    """Return the number of each token's window, for windows moved down and right by `shift`.

    The windows at the edge are cut off there, so that none holds tokens from opposite sides.
    """
    row, col = (
        (np.arange(side) + size - by) // size
        for side, size, by in zip(grid, window, shift, strict=True)
    )
    return row[:, None] * (col[-1] + 1) + col


def shifted_mask(grid: Grid, window: Grid, shift: Grid) -> Bool[np.ndarray, "window query key"]:
    """Return true where two places of `window_places` belong to one window of `window_regions`.

    Rolled windows at the lower and right edge hold tokens from opposite sides of the grid, which
    may not attend to each other. Source: Liu et al. 2021, section 3.2, Figure 4.
    """
    region = window_regions(grid, window, shift).reshape(-1)[window_places(grid, window, shift)]
    return region[:, :, None] == region[:, None, :]


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
    require_windows(weights, places)
    tokens = int(places.max()) + 1
    held = xp.asarray(np.where(places == PADDING, tokens, places), device=weights.device)
    batch = tuple(weights.shape[:-3])  # padding gets a row and a column that are cut off again
    full = xp.zeros((*batch, tokens + 1, tokens + 1), dtype=weights.dtype, device=weights.device)
    full[..., held[:, :, None], held[:, None, :]] = weights
    return full[..., :tokens, :tokens]


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


def require_windows(weights: Array, places: Places) -> None:
    """Raise ValueError unless there are weights for as many windows and places."""
    windows, place = places.shape
    if tuple(weights.shape[-3:]) != (windows, place, place):
        raise ValueError(
            f"weights must be (..., {windows}, {place}, {place}) for {windows} windows of "
            f"{place} places, got shape {tuple(weights.shape)}"
        )
