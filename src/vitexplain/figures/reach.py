"""Whom a token asks: all others, those of its window, and, a block later, those of theirs."""

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import finish
from vitexplain.figures.panels import Panels
from vitexplain.windows import window_regions


def window_reach(grid: tuple[int, int], window: int, query: tuple[int, int]) -> go.Figure:
    """Return three maps of the tokens that reach one query: all, a window, two blocks of windows.

    In the second block the windows are moved by ⌊M / 2⌋ down and to the right, those at the
    border cut off. Source: Liu et al., Swin, ICCV 2021, arXiv 2103.14030, section 3.2.

    Args:
        grid: rows and columns of tokens.
        window: side of a window in tokens, M.
        query: its row and column.

    Raises ValueError for a window that does not tile the grid, IndexError for no such token.
    """
    rows, cols = grid
    if window < 1 or rows % window or cols % window:
        raise ValueError(f"windows of side {window} do not tile {rows}×{cols} tokens")
    if not (0 <= query[0] < rows and 0 <= query[1] < cols):
        raise IndexError(f"query {query} is not a token of {rows}×{cols}")
    plain, moved = (
        window_regions(grid, (window, window), (shift, shift)) for shift in (0, window // 2)
    )
    # The second block comes last: whom the query asks there, and whom those asked before.
    asked = moved == moved[query]
    reached = {
        "all with all": np.ones(grid, dtype=bool),
        "one window": plain == plain[query],
        "after two blocks": np.isin(plain, plain[asked]),
    }
    panels = Panels(len(reached))
    counts = {name: int(map_.sum()) for name, map_ in reached.items()}
    for name, map_ in reached.items():
        levels = np.where(map_, 140, 0).astype(np.uint8)
        levels[query] = 255
        panels.heatmap(levels, name, f"{counts[name]:,} tokens", most=255)
    said = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return finish(
        panels.figure,
        alt=f"Which of {rows} by {cols} tokens reach the one in row {query[0]}, column {query[1]}, "
        f"with windows of {window} by {window}: {said}.",
        header=["attention", "tokens that reach the query", "share"],
        rows=[[name, n, f"{n / (rows * cols):.2%}"] for name, n in counts.items()],
    )
