"""Where a unit looks: effective receptive fields side by side, and weights that stay or change."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import as_numpy, finish, require_index
from vitexplain.figures.panels import Panels
from vitexplain.figures.pictures import channels_last

CELLS = 56  # at most, along a side of a panel
SQUARES = (0.25, 0.5, 0.75)  # sides of the table's squares, as shares of the image's


@dataclass(frozen=True)
class Field:
    """An effective field to draw: its name, the map, the theoretical field, and a line below."""

    name: str
    shares: Any  # (row, col), not negative: pixels of the image
    theory: int | None = None  # side in pixels; None where every pixel can matter
    centre: tuple[float, float] | None = None  # (row, col) of the unit in pixels; None: the middle
    caption: str = ""


def effective_fields(fields: Sequence[Field], *, image: Any = None) -> go.Figure:
    """Return the fields side by side, with the theoretical field as a dashed square in each.

    Colour is the square root of a cell's share, relative to the panel's largest: tails show.
    The table gives the share inside squares around the unit, with sides of a quarter, a half
    and three quarters of the image's.

    Args:
        image: the picture that the fields were measured on, drawn first.

    Raises ValueError for no field, a field with negative entries or of zeros, or other sizes.
    """
    maps = [as_numpy(field.shares, name=field.name, rank=2) for field in fields]
    if not maps or any(shares.shape != maps[0].shape for shares in maps):
        raise ValueError("effective_fields needs fields of one size, at least one")
    if any(shares.min() < 0 or not shares.sum() > 0 for shares in maps):
        raise ValueError("a field must have no negative entries and not be all 0")
    maps = [shares / shares.sum() for shares in maps]
    size = maps[0].shape
    centres = [field.centre or (size[0] / 2, size[1] / 2) for field in fields]
    panels = Panels(len(maps) + (image is not None))
    if image is not None:
        panels.picture(image, "the image")
    for field, shares, centre in zip(fields, maps, centres, strict=True):
        coarse = coarsened(shares)
        levels = np.round(255 * np.sqrt(coarse / coarse.max())).astype(np.uint8)
        cell = size[0] // coarse.shape[0]
        panels.heatmap(levels, field.name, field.caption, cell=cell, most=255)
        if field.theory is not None:
            panels.square(centre, field.theory, size)
    squares = [round(share * min(size)) for share in SQUARES]
    within = [
        [inside(shares, centre, side) for side in squares]
        for shares, centre in zip(maps, centres, strict=True)
    ]
    theories = ["all" if field.theory is None else field.theory for field in fields]
    said = [
        f"{field.name}: {f'{theory} px' if field.theory else 'every pixel'} in theory, "
        f"{shares[1]:.0%} of the gradient within {squares[1]} px"
        + (f", {field.caption}" if field.caption else "")
        for field, theory, shares in zip(fields, theories, within, strict=True)
    ]
    return finish(
        panels.figure,
        alt=f"How much each pixel moves one unit of the last feature map. {'; '.join(said)}.",
        header=["model", "theoretical side, px", *(f"share in {side}²" for side in squares)],
        rows=[
            [field.name, theory, *(f"{share:.3f}" for share in shares)]
            for field, theory, shares in zip(fields, theories, within, strict=True)
        ],
    )


def static_and_dynamic_weights(
    static: Any, dynamic: Any, images: Any, *, names: Sequence[str], query: int
) -> go.Figure:
    """Return, a row for each image: the image, a kernel's weights, and one row of attention.

    Args:
        static: (image, row, col), all of a small kernel, as measured on each image.
        dynamic: (image, row, col), one patch's weights on its grid of patches.
        images: (image, row, col, 3) or (image, 3, row, col), in [0, 1].
        names: what to call each image.
        query: the patch whose weights they are, outlined.

    Raises ValueError if there is not one of each for each image, IndexError for no such patch.
    """
    kernels, rows = (
        as_numpy(x, name=name, rank=3) for x, name in ((static, "static"), (dynamic, "dynamic"))
    )
    pixels = [channels_last(image) for image in images]
    if not len(kernels) == len(rows) == len(pixels) == len(names) or not len(names):
        raise ValueError("there must be one kernel, one row of weights and one name an image")
    require_index(query, rows[0].size, name="query")
    panels = Panels(3 * len(names), columns=3)
    at = (*divmod(query, rows.shape[2]), 1, 1)
    for i, name in enumerate(names):
        grid = rows[i].shape
        panels.picture(pixels[i], name, f"patch {query}")
        size = pixels[i].shape[0] / grid[0], pixels[i].shape[1] / grid[1]
        panels.outline(at, size, 3)
        for x, title, caption in (
            (kernels, "convolution", "its kernel"),
            (rows, "attention", "its weights"),
        ):
            shown, most = np.abs(x[i]), float(np.abs(x).max())
            panels.heatmap(shown, title, caption, most=most, numbers=x[i])
            if x.shape[1:] == rows.shape[1:]:
                panels.outline(at, width=3)
    change = [float((x.max(axis=0) - x.min(axis=0)).max()) for x in (kernels, rows)]
    width = max(kernels.shape[2], rows.shape[2])
    table = [
        [name, kind, row, *(f"{value:.4f}" for value in line), *[""] * (width - len(line))]
        for i, name in enumerate(names)
        for kind, x in (("convolution", kernels[i]), ("attention", rows[i]))
        for row, line in enumerate(x)
    ]
    return finish(
        panels.figure,
        alt=f"With what weights patch {query} takes in its surroundings, on {' and '.join(names)}. "
        f"The convolution's differ by {change[0]:.4f}, the attention weights by up to "
        f"{change[1]:.4f}.",
        header=["image", "weights", "row", *(f"column {j}" for j in range(width))],
        rows=table,
    )


def inside(shares: np.ndarray, centre: tuple[float, float], side: float) -> float:
    """Return what share of a field lies in a square around the centre (row, col), in pixels."""
    place = np.indices(shares.shape) + 0.5
    near = np.maximum(abs(place[0] - centre[0]), abs(place[1] - centre[1])) <= side / 2
    return float(shares[near].sum() / shares.sum())


def coarsened(shares: np.ndarray) -> np.ndarray:
    """Return the sums over equal squares of pixels, at most `CELLS` along a side."""
    (rows, cols), common = shares.shape, gcd(*shares.shape)
    divisors = (n for n in range(1, common + 1) if common % n == 0)
    factor = next((n for n in divisors if max(rows, cols) <= CELLS * n), common)
    return shares.reshape(rows // factor, factor, cols // factor, factor).sum(axis=(1, 3))
