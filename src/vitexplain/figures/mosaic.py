"""Many small maps in one picture: a single heatmap with gaps, which stays light."""

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import font, frame, named_axis, titled
from vitexplain.figures.marks import heat
from vitexplain.figures.theme import LIGHT

MOST_CELLS = 70_000
FINEST = 12  # a map has at least about so many cells a side, so that the lines between are thin


def mosaic(
    tiles: np.ndarray,
    *,
    low: float,
    scale: list[tuple[float, str]],
    across: str,
    down: str,
) -> go.Figure:
    """Return tiles (tile row, tile col, row, col) with values from `low` to 1, side by side.

    Values are kept in steps of 1/254 of the range: one byte a cell.
    """
    factor = zoom(max(tiles.shape[2:]))
    tiles = tiles.repeat(factor, axis=2).repeat(factor, axis=3)
    tile_rows, tile_cols, rows, cols = tiles.shape
    size = tile_rows * (rows + 1) + 1, tile_cols * (cols + 1) + 1
    if size[0] * size[1] > MOST_CELLS:
        raise ValueError(
            f"{tile_rows * tile_cols} maps of {rows}×{cols} are too many cells for one figure; "
            "choose a query, fewer layers or fewer positions"
        )
    levels = (1 + np.round(254 * ((tiles - low) / (1 - low)))).astype(np.uint8)
    ruled = np.pad(levels, ((0, 0), (0, 0), (1, 0), (1, 0)))  # level 0 is the line between maps
    sheet = np.pad(ruled.swapaxes(1, 2).reshape(size[0] - 1, size[1] - 1), (0, 1))
    edge = 0.5 / 255
    colours = [(0.0, LIGHT["line"]), (edge, LIGHT["line"])]
    colours += [(edge + (1 - edge) * place, colour) for place, colour in scale]

    height = round(min(460, max(120, 330 * sheet.shape[0] / sheet.shape[1])))
    figure = frame(height + 44)
    figure.update_layout(margin={"l": 30, "r": 8, "t": 34, "b": 10})
    heat(figure, sheet, low=0, high=255, scale=colours)
    middle_x = (cols + 1) / 2 + (cols + 1) * np.arange(tile_cols)
    middle_y = (rows + 1) / 2 + (rows + 1) * np.arange(tile_rows)
    common = {"constrain": "domain", "tickfont": font("muted", 10)}
    figure.update_layout(
        xaxis=named_axis(
            middle_x.tolist(), range(tile_cols), side="top", range=[-0.5, sheet.shape[1] - 0.5],
            title=titled(across, "muted", 2), **common,
        ),
        yaxis=named_axis(
            middle_y.tolist(), range(tile_rows), range=[sheet.shape[0] - 0.5, -0.5],
            title=titled(down, "muted", 4), scaleanchor="x", **common,
        ),
    )  # fmt: skip
    return figure


def zoom(cells: int) -> int:
    """Return how many cells of the picture show one cell of a map with so many cells a side."""
    return max(1, FINEST // cells)
