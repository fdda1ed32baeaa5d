"""How alike the codes of positions are."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import as_numpy, finish, number, over
from vitexplain.figures.mosaic import mosaic, zoom
from vitexplain.figures.theme import LIGHT, colour_scale


def position_similarity(codes: Any, *, grid: tuple[int, int] | None = None) -> go.Figure:
    """Return the cosine similarity of each position's code with all others.

    On a grid there is one small map for each position, at its place, as in figure 7 of the ViT
    paper (Dosovitskiy et al. 2021); without, one position × position matrix. The faintest colour
    is the smallest cosine; if some are negative it is 0, and they are grey.

    Args:
        codes: (token, dim), patches row by row if there is a grid.

    Raises ValueError for other shapes, a zero code, or a grid that does not fit.
    """
    table = as_numpy(codes, name="codes", rank=2)
    lengths = np.linalg.norm(table, axis=1)
    if not lengths.all():
        raise ValueError("a code of zeros has no direction, so no cosine")
    unit = table / lengths[:, None]
    cosine = np.clip(unit @ unit.T, -1, 1)
    count = len(cosine)
    low, scale = float(cosine.min()), colour_scale()
    if low < 0:
        scale = [(0.5 + place / 2, colour) for place, colour in scale]
        low, scale = -1.0, [(0.0, LIGHT["muted"]), *scale]
    if grid is None:
        figure = mosaic(
            cosine[None, None], low=low, scale=scale, across="position", down="position"
        )
        ticks = list(range(0, count, max(1, count // 8)))
        places = [0.5 + zoom(count) * (tick + 0.5) for tick in ticks]
        figure.update_xaxes(tickvals=places, ticktext=ticks)
        figure.update_yaxes(tickvals=places, ticktext=ticks)
        _legend(figure, low)
        near = [float(np.diag(cosine, step).mean()) for step in range(min(count, 20))]
        header = ["positions apart", "mean cosine"]
        rows = [[step, number(value)] for step, value in enumerate(near)]
        shape = f"{count} positions in a line"
        words = f"{number(near[1])} one step apart" if count > 1 else "only itself"
        return finish(
            figure, alt=f"Cosine similarity of the codes of {shape}: 1 with itself, mean {words}.",
            header=header, rows=rows,
        )  # fmt: skip
    if grid[0] * grid[1] != count:
        raise ValueError(f"a grid of {grid} needs {grid[0] * grid[1]} codes, got {count}")
    figure = mosaic(cosine.reshape(*grid, *grid), low=low, scale=scale, across="column", down="row")
    _legend(figure, low)
    rows_of, cols_of = np.divmod(np.arange(count), grid[1])
    header, rows = ["rows apart", "columns apart", "mean cosine"], []
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, grid[1] - 1)):
        apart = (np.abs(rows_of - rows_of[:, None]) == down) & (
            np.abs(cols_of - cols_of[:, None]) == right
        )
        if apart.any() and [down, right] not in [line[:2] for line in rows]:
            rows.append([down, right, number(float(cosine[apart].mean()))])
    beside = next((line[2] for line in rows if line[:2] == [0, 1]), "1")
    alt = (
        f"{grid[0]} by {grid[1]} small maps, one for each position: the cosine similarity of its "
        f"code with every other's. Neighbours in a row have a mean of {beside}."
    )
    return finish(figure, alt=alt, header=header, rows=rows)


def _legend(figure: go.Figure, low: float) -> None:
    text = f"faintest {number(low, 2)}" if low >= 0 else "negative grey, faintest 0"
    figure.add_annotation(over(0.5, 0, f"{text}, strongest 1", yanchor="top", yshift=-4))
    figure.update_layout(height=figure.layout.height + 18, margin={"b": 28})
