"""Many small maps in one picture: a single heatmap with gaps, which stays light."""

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import frame, quiet_axis
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
    sheet = np.zeros(size, dtype=np.uint8)  # level 0 is the line between maps
    for i in range(tile_rows):
        for j in range(tile_cols):
            top, left = 1 + i * (rows + 1), 1 + j * (cols + 1)
            share = (tiles[i, j] - low) / (1 - low)
            sheet[top : top + rows, left : left + cols] = 1 + np.round(254 * share)
    edge = 0.5 / 255
    colours = [(0.0, LIGHT["line"]), (edge, LIGHT["line"])]
    colours += [(edge + (1 - edge) * place, colour) for place, colour in scale]

    height = round(min(460, max(120, 330 * sheet.shape[0] / sheet.shape[1])))
    figure = frame(height + 44)
    figure.update_layout(margin={"l": 30, "r": 8, "t": 34, "b": 10})
    heat(figure, sheet, low=0, high=255, scale=colours)
    middle_x = (cols + 1) / 2 + (cols + 1) * np.arange(tile_cols)
    middle_y = (rows + 1) / 2 + (rows + 1) * np.arange(tile_rows)
    common = {"tickmode": "array", "tickfont": {"size": 10, "color": LIGHT["muted"]}}
    figure.update_layout(
        xaxis=quiet_axis(
            side="top", range=[-0.5, sheet.shape[1] - 0.5], constrain="domain",
            tickvals=middle_x.tolist(), ticktext=list(range(tile_cols)), **common,
        ),
        yaxis=quiet_axis(
            range=[sheet.shape[0] - 0.5, -0.5], scaleanchor="x", constrain="domain",
            tickvals=middle_y.tolist(), ticktext=list(range(tile_rows)), **common,
        ),
    )  # fmt: skip
    title = {"color": LIGHT["muted"], "size": 13}
    figure.update_xaxes(title={"text": across, "standoff": 2, "font": title})
    figure.update_yaxes(title={"text": down, "standoff": 4, "font": title})
    return figure


def zoom(cells: int) -> int:
    """Return how many cells of the picture show one cell of a map with so many cells a side."""
    return max(1, FINEST // cells)
