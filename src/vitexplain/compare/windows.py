"""A feature map cut into windows, and which places of a shifted window may attend to each other.

Source: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
ICCV 2021, arXiv 2103.14030, section 3.2. Maps are (batch, row, col, dim) here, the channels
last, as a window's places become the tokens of attention.
"""

import torch
from jaxtyping import Bool, Int, Shaped
from torch import Tensor

Grid = tuple[int, int]  # rows, columns


def partition(
    x: Shaped[Tensor, "batch row col dim"], window: Grid
) -> Shaped[Tensor, "batch window token dim"]:
    """Return the map cut into windows, row by row; the tokens of each row by row too.

    Raises:
        ValueError: the windows do not tile the map.
    """
    batch, row, col, dim = x.shape
    height, width = window
    if row % height or col % width:
        raise ValueError(f"windows of {height}×{width} do not tile a map of {row}×{col}")
    grid = x.reshape(batch, row // height, height, col // width, width, dim)
    return grid.transpose(2, 3).reshape(batch, -1, height * width, dim)


def unpartition(
    windows: Shaped[Tensor, "batch window token dim"], grid: Grid, window: Grid
) -> Shaped[Tensor, "batch row col dim"]:
    """Return the map of `grid` (rows, columns) that `partition` cut, its inverse."""
    batch, dim = windows.shape[0], windows.shape[-1]
    (row, col), (height, width) = grid, window
    cells = windows.reshape(batch, row // height, col // width, height, width, dim)
    return cells.transpose(2, 3).reshape(batch, row, col, dim)


def shift(x: Shaped[Tensor, "batch row col dim"], by: Grid) -> Shaped[Tensor, "batch row col dim"]:
    """Return the map rolled up and left: place (i, j) holds what was at (i, j) + by.

    What leaves at the top comes in at the bottom; negative numbers roll back.
    """
    return x.roll((-by[0], -by[1]), (1, 2)) if any(by) else x


def shifted_mask(grid: Grid, window: Grid, by: Grid) -> Bool[Tensor, "window query key"]:
    """Return true where two places of a window of the shifted map were neighbours before.

    After the shift, windows at the lower and right edge hold places from opposite sides of the
    map. Two places belong together if both came round the edge or neither did, in rows and in
    columns: with a shift of 0, all do. Source: section 3.2, Figure 4.
    """
    rows, cols = (_came_round(side, step) for side, step in zip(grid, by, strict=True))
    regions = 2 * rows[:, None] + cols[None, :]  # four of them, (row, col)
    labels = partition(regions[None, :, :, None], window)[0, :, :, 0]  # (window, token)
    return labels[:, :, None] == labels[:, None, :]


def _came_round(side: int, step: int) -> Int[Tensor, " place"]:
    return (torch.arange(side) >= side - step).long()
