"""How far attention looks: the distance from a patch to what it attends to, in pixels.

    D = mean over queries i of  Σ_j a_ij d_ij / Σ_j a_ij

d_ij is the distance between the centres of patches i and j, a_ij the weight; i and j run over
patches. The patch itself is among the keys, at distance 0. Source: Dosovitskiy et al.,
ICLR 2021, arXiv 2010.11929, Figure 11 and section D.7, who average over 128 images.
"""

import math

import numpy as np
from jaxtyping import Float, Float64

from vitexplain.arrays import Array, require
from vitexplain.patches import sides


def distances(
    grid: tuple[int, int], patch: int | tuple[int, int]
) -> Float64[np.ndarray, "query key"]:
    """Return the distance between the centres of every two patches, in pixels.

    Args:
        grid: patches in a column and in a row, numbered row by row.
        patch: side in pixels, or (rows, columns); any unit of length will do.

    Raises:
        ValueError: a side is less than 1.
    """
    size = sides(patch)
    if min(*grid, *size) < 1:
        raise ValueError(f"grid and patch must be at least 1, got {grid} and {patch}")
    place = np.indices(grid).reshape(2, -1).T * size  # (patch, 2)
    return np.linalg.norm(place[:, None] - place[None], axis=-1)


def attention_distance(
    weights: Float[Array, "*batch head token token"],
    grid: tuple[int, int],
    patch: int | tuple[int, int],
    *,
    prefix: int = 0,
) -> Float[Array, " head"]:
    """Return each head's mean attention distance in pixels, over all queries and images.

    Args:
        grid: patches in a column and in a row. Of windowed attention: those of a window.
        patch: side of a patch in pixels, or (rows, columns).
        prefix: tokens before the patches, as the class token. They have no place: their rows
            are dropped, and so is what patches attend to them. What is left is shared among
            the patches: uniform attention has `uniform_distance` with or without a class token.

    Raises:
        TypeError: not a floating array.
        ValueError: the tokens are not prefix + patches, or a query leaves nothing to patches.
    """
    xp = require(rank=3, weights=weights)
    far = distances(grid, patch)
    tokens = prefix + len(far)
    if prefix < 0 or tuple(weights.shape[-2:]) != (tokens, tokens):
        raise ValueError(
            f"{grid[0]}×{grid[1]} patches after {prefix} other tokens need weights "
            f"(…, head, {tokens}, {tokens}), got {tuple(weights.shape)}"
        )
    weights = weights[..., prefix:, prefix:]
    far = xp.asarray(far, dtype=weights.dtype, device=weights.device)
    left = xp.sum(weights, axis=-1)
    if bool(xp.any(left <= 0)):
        raise ValueError("a query attends to no patch at all, its distance is undefined")
    distance = xp.sum(weights * far, axis=-1) / left  # (..., head, query)
    *batch, _head, _query = distance.shape
    return xp.mean(distance, axis=(*range(len(batch)), -1))


def uniform_distance(grid: tuple[int, int], patch: int | tuple[int, int]) -> float:
    """Return the attention distance of equal weights: the line to compare heads with.

    Raises:
        ValueError: a side is less than 1.
    """
    far = distances(grid, patch)
    return float(far.sum(1).mean() / len(far))


def farthest_distance(grid: tuple[int, int], patch: int | tuple[int, int]) -> float:
    """Return the distance from corner to corner, the most that one weight can have."""
    rows, cols = sides(patch)
    return math.hypot((grid[0] - 1) * rows, (grid[1] - 1) * cols)
