"""Where a token is: position codes that are added to the tokens."""

import math

import numpy as np
from jaxtyping import Float

from vitexplain.arrays import Array, require


def sinusoidal_1d(tokens: int, dim: int) -> Float[np.ndarray, "token dim"]:
    """Return sines and cosines of the position, one frequency for each pair of dims.

        PE(p, 2i) = sin(p / 10000^(2i / dim)),   PE(p, 2i+1) = cos(p / 10000^(2i / dim))

    The frequency varies from dim to dim and is the same for every position p = 0, 1, ….
    Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.5.

    Raises:
        ValueError: fewer than one token, or a dim that is not a positive multiple of 2.
    """
    if tokens < 1:
        raise ValueError(f"tokens must be at least 1, got {tokens}")
    if dim < 2 or dim % 2:
        raise ValueError(f"dim must be a positive multiple of 2 (sine and cosine), got {dim}")
    frequencies = 10000.0 ** (-np.arange(0, dim, 2) / dim)
    angles = np.arange(tokens)[:, None] * frequencies
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(tokens, dim)


def sinusoidal_2d(rows: int, cols: int, dim: int) -> Float[np.ndarray, "patch dim"]:
    """Return `sinusoidal_1d` of the row in the first half of dims, of the column in the second.

    Patches come row by row: patch r · cols + c is at row r, column c. Other codes order the
    dims otherwise (all sines first, or the column first); that is a permutation of dims.

    Raises:
        ValueError: fewer than one row or column, or a dim that is not a positive multiple of 4.
    """
    if dim < 4 or dim % 4:
        raise ValueError(f"dim must be a positive multiple of 4 (two axes), got {dim}")
    row = np.repeat(sinusoidal_1d(rows, dim // 2), cols, axis=0)
    col = np.tile(sinusoidal_1d(cols, dim // 2), (rows, 1))
    return np.concatenate([row, col], axis=1)


def interpolate(
    table: Float[Array, "*batch token dim"],
    old_grid: tuple[int, int],
    new_grid: tuple[int, int],
    *,
    antialias: bool = True,
) -> Float[Array, "*batch new_token dim"]:
    """Return a position table resized from one grid of patches to another, bicubically.

    Rows before the patches (class token, registers) are kept as they are; there are as many
    as the table has rows more than `old_grid` has patches. The resizing is separable: it is
    R T Cᵀ for the table as an image T, with the matrices of `cubic_matrix`.

    Args:
        antialias: widen the kernel when the grid shrinks, as timm does; off, as in
            Hugging Face's models. Equal to `torch.nn.functional.interpolate` either way.

    Raises:
        TypeError: not a floating array.
        ValueError: fewer rows than `old_grid` has patches, or a grid without patches.
    """
    xp = require(rank=2, table=table)
    *batch, tokens, dim = table.shape
    for name, grid in {"old_grid": old_grid, "new_grid": new_grid}.items():
        if min(grid) < 1:
            raise ValueError(f"{name} must have at least one row and column, got {grid}")
    prefix = tokens - old_grid[0] * old_grid[1]
    if prefix < 0:
        raise ValueError(
            f"a grid of {old_grid} needs {old_grid[0] * old_grid[1]} rows, "
            f"the table has {tokens}, shape {tuple(table.shape)}"
        )
    image = xp.reshape(table[..., prefix:, :], (*batch, *old_grid, dim))
    like = {"dtype": table.dtype, "device": table.device}
    rows, cols = (
        xp.asarray(cubic_matrix(old, new, antialias=antialias), **like)
        for old, new in zip(old_grid, new_grid, strict=True)
    )
    image = cols @ image  # (..., old row, new col, dim)
    image = xp.moveaxis(rows @ xp.moveaxis(image, -3, -2), -2, -3)
    patches = xp.reshape(image, (*batch, new_grid[0] * new_grid[1], dim))
    return xp.concat([table[..., :prefix, :], patches], axis=-2)


def cubic_matrix(old: int, new: int, *, antialias: bool) -> Float[np.ndarray, "new old"]:
    """Return the matrix that resizes a line of `old` samples to `new` by cubic convolution.

    Source: Keys, "Cubic convolution interpolation for digital image processing", 1981, with
    his a = -1/2 when antialiased and a = -3/4 when not, as torch has it. Pixel centres are
    at half-integers. Past the border, the kernel is cut off and renormalised when
    antialiased; otherwise the border sample is repeated.
    """
    stretch = old / new
    width = max(stretch, 1.0) if antialias else 1.0
    centres = (np.arange(new) + 0.5) * stretch - 0.5
    reach = math.ceil(2 * width)
    taps = np.floor(centres)[:, None].astype(int) + np.arange(-reach, reach + 1)
    kernel = _keys((taps - centres[:, None]) / width, a=-0.5 if antialias else -0.75)
    if antialias:
        kernel = np.where((taps >= 0) & (taps < old), kernel, 0.0)
        kernel /= kernel.sum(axis=1, keepdims=True)
    matrix = np.zeros((new, old))
    np.add.at(matrix, (np.arange(new)[:, None], np.clip(taps, 0, old - 1)), kernel)
    return matrix


def _keys(x: np.ndarray, *, a: float) -> np.ndarray:
    """Return Keys' cubic kernel, which is 1 at 0, 0 at every other integer and beyond ±2."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x**2 + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))
