"""A picture on its grid of patches, and where one of them looks."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import (
    as_numpy,
    blank_axis,
    finish,
    font,
    frame,
    names,
    note,
    require_index,
)
from vitexplain.figures.marks import arrow, box, heat
from vitexplain.figures.pictures import channels_last
from vitexplain.figures.theme import LIGHT
from vitexplain.pixels import brightness, picture_uri, shaded

SIDE = 380  # pixels, where there is room


def patch_attention(
    weights: Any,
    *,
    image: Any,
    grid: tuple[int, int],
    query: int | None = None,
    labels: Sequence[str] | None = None,
    strongest: int = 3,
) -> go.Figure:
    """Return the picture, each patch as bright as its weight is large (`vitexplain.pixels`).

    With a query, its patch is outlined and arrows run from it to the `strongest` patches, as wide
    as their weights; a query that attends to itself has a ring. Without one: a map, e.g. rollout.

    Args:
        weights: (patch,), patches row by row, not negative.
        image: (row, col, 3) or (3, row, col), in [0, 1].
        grid: rows and columns of patches.
        labels: each patch's name; "patch 0" … without.

    Raises ValueError if shapes do not fit or a weight is negative, IndexError for no such query.
    """
    row = as_numpy(weights, name="weights", rank=1)
    rows, cols = grid
    pixels = _tiled(image, grid)
    if len(row) != rows * cols:
        raise ValueError(f"a {rows}×{cols} grid needs {rows * cols} weights, got {len(row)}")
    if row.min() < 0 or row.max() == 0:
        raise ValueError("weights must not be negative, and one must be positive")
    require_index(query, len(row), name="query")
    called = names(labels or [f"patch {i}" for i in range(len(row))], len(row), name="labels")
    numbered = [f"{name} ({i // cols}, {i % cols})" for i, name in enumerate(called)]

    figure = _picture(shaded(pixels, brightness(row).reshape(grid)), grid)
    text, hover = np.array(numbered).reshape(grid).tolist(), "%{text}: %{z:.4f}<extra></extra>"
    heat(figure, row.reshape(grid), high=float(row.max()), text=text, hover=hover, opacity=0)
    _lines(figure, grid)
    order = np.argsort(-row, kind="stable")[:strongest]
    if query is not None:
        _point(figure, row, query, order, cols)
    tops = ", ".join(f"{numbered[i]} {row[i]:.4f}" for i in order)
    asker = "Attention over the picture" if query is None else f"What {numbered[query]} looks at"
    alt = f"{asker}, brightness as weight on a grid of {rows} by {cols}. Largest: {tops}."
    return finish(figure, alt=alt, header=["patch", "weight"], rows=_rows(row, numbered))


def patch_grid(
    image: Any, *, grid: tuple[int, int], labels: Sequence[str] | None = None
) -> go.Figure:
    """Return the picture cut into its patches, each with its number, row by row from 0.

    More than 36 patches go without numbers.

    Args:
        image: (row, col, 3) or (3, row, col), in [0, 1].
        grid: rows and columns of patches.
        labels: what to print below each number.

    Raises ValueError if the grid does not divide the picture, or labels are missing.
    """
    rows, cols = grid
    pixels = _tiled(image, grid)
    height, width = pixels.shape[0] // rows, pixels.shape[1] // cols
    numbered = rows * cols <= 36
    beside = max(1, width // 10)
    below = max(1, height // 3) if numbered else beside  # room for the numbers
    step_y, step_x = height + below, width + beside
    opaque = np.pad(pixels, ((0, 0), (0, 0), (0, 1)), constant_values=1)
    patches = opaque.reshape(rows, height, cols, width, 4)
    room = np.pad(patches, ((0, 0), (0, below), (0, 0), (0, beside), (0, 0)))
    apart = room.reshape(rows * step_y, cols * step_x, 4)[:, :-beside]
    figure = _picture(apart, grid)
    count = rows * cols
    called = names(labels or [""] * count, count, name="labels")
    if numbered:
        for index, label in enumerate(called):
            i, j = divmod(index, cols)
            x = (j * step_x + width / 2) * cols / apart.shape[1] - 0.5
            y = (i * step_y + height) * rows / apart.shape[0] - 0.5
            text = f"<b>{index}</b> {label}".rstrip()
            figure.add_annotation(note(x, y, text, yanchor="top", font=font(size=10)))
    shown = f": {', '.join(called)}" if labels else ""
    alt = f"The picture cut into {rows} by {cols} patches of {height} by {width} pixels{shown}."
    if labels:
        header = ["patch", "row", "column", "shows"]
        table = [[i, *divmod(i, cols), name] for i, name in enumerate(called)]
    else:
        header = ["row", "patches"]
        table = [[i, f"{i * cols} to {(i + 1) * cols - 1}"] for i in range(rows)]
    return finish(figure, alt=alt, header=header, rows=table)


def _tiled(image: Any, grid: tuple[int, int]) -> np.ndarray:
    pixels = channels_last(image)
    rows, cols = grid
    if rows < 1 or cols < 1 or pixels.shape[0] % rows or pixels.shape[1] % cols:
        raise ValueError(f"a grid of {grid} patches does not divide an image of {pixels.shape}")
    return pixels


def _picture(pixels: np.ndarray, grid: tuple[int, int]) -> go.Figure:
    """Return the picture alone, in units of patches: patch (i, j) is centred on y = i, x = j."""
    rows, cols = grid
    figure = frame(round(SIDE * pixels.shape[0] / pixels.shape[1]) + 16)
    dy, dx = rows / pixels.shape[0], cols / pixels.shape[1]
    figure.update_layout(
        xaxis=blank_axis(range=[-0.5, cols - 0.5], constrain="domain"),
        yaxis=blank_axis(
            range=[rows - 0.5, -0.5], scaleanchor="x", scaleratio=dx / dy, constrain="domain"
        ),
    )
    figure.add_image(
        source=picture_uri(pixels), x0=dx / 2 - 0.5, y0=dy / 2 - 0.5, dx=dx, dy=dy, hoverinfo="skip"
    )
    return figure


def _lines(figure: go.Figure, grid: tuple[int, int]) -> None:
    rows, cols = grid
    across = [((-0.5, i - 0.5), (cols - 0.5, i - 0.5), (None, None)) for i in range(rows + 1)]
    down = [((j - 0.5, -0.5), (j - 0.5, rows - 0.5), (None, None)) for j in range(cols + 1)]
    x, y = zip(*chain.from_iterable(across + down), strict=True)
    figure.add_scatter(
        x=x, y=y, mode="lines", hoverinfo="skip",
        line={"color": LIGHT["muted"], "width": 1 if rows <= 8 else 0.4},
    )  # fmt: skip


def _point(figure: go.Figure, row: np.ndarray, query: int, order: np.ndarray, cols: int) -> None:
    """Outline the query and point from it to each patch of `order`, naming the weights."""
    y, x = divmod(query, cols)
    figure.add_shape(box((x - 0.5, y - 0.5), (x + 0.5, y + 0.5), "query", 4))
    for index in map(int, order[::-1]):
        to_y, to_x = divmod(index, cols)
        width = 1.5 + 5 * float(row[index] / row.max())
        if index == query:
            corners = (x + 0.02, y - 0.4), (x + 0.4, y - 0.02)
            figure.add_shape(box(*corners, "weight", width, type="circle"))
        else:
            apart = {"arrowsize": 0.6, "startstandoff": 12, "standoff": 8}
            figure.add_annotation(arrow((x, y), (to_x, to_y), LIGHT["weight"], width, **apart))
    if cols <= 8:
        for index in map(int, order):
            to_y, to_x = divmod(index, cols)
            away = 1 if to_x > x or (to_x == x and to_y < y) else -1  # from the arrow
            figure.add_annotation(
                note(to_x + 0.46 * away, to_y - 0.46, f"{row[index]:.3f}", yanchor="top",
                     xanchor="right" if away > 0 else "left", bgcolor=LIGHT["paper"], borderpad=2,
                     font=font("weight", 12))
            )  # fmt: skip


def _rows(row: np.ndarray, numbered: list[str]) -> list[list[Any]]:
    """Return every patch's weight, or the 20 largest where there are more than 64."""
    order = range(len(row)) if len(row) <= 64 else np.argsort(-row, kind="stable")[:20]
    return [[numbered[i], f"{row[i]:.4f}"] for i in order]
