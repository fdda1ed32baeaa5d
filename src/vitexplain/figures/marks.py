"""What every figure is drawn with: heat maps, boxes, lines, arrows, and labels under the mouse.

Places are in the units of the first axes unless `xref` and `yref` say otherwise. What is returned
as a dictionary goes to `add_shape` or `add_annotation`, or many at once to `update_layout`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import font
from vitexplain.figures.theme import LIGHT, colour_scale

DARK_CELL = 0.56  # share of the largest number from which a cell's number is printed in paper

Place = tuple[float, float]  # (x, y)


def heat(
    figure: go.Figure,
    values: np.ndarray,
    *,
    high: float,
    low: float = 0.0,
    scale: list[tuple[float, str]] | None = None,
    hover: str = "",
    **changes: Any,
) -> None:
    """Draw values as colours from `low` to `high`; `hover` is the template of their labels."""
    label = {"hovertemplate": hover} if hover else {"hoverinfo": "skip"}
    figure.add_heatmap(
        z=values, zmin=low, zmax=high, colorscale=scale or colour_scale(), showscale=False,
        **label, **changes,
    )  # fmt: skip


def two_sided(role: str) -> list[tuple[float, str]]:
    """Return a scale from grey through paper to the colour of the role, for numbers about 0."""
    return [(0.0, LIGHT["muted"]), (0.5, LIGHT["paper"]), (1.0, LIGHT[role])]


def ink_on(value: float, high: float) -> str:
    """Return the colour of a number that is printed in its cell of a heat map up to `high`."""
    return LIGHT["paper" if value > DARK_CELL * high else "ink"]


def box(
    corner: Place, opposite: Place, colour: str = "", width: float = 0, **changes: Any
) -> dict[str, Any]:
    """Return a rectangle, outlined in the colour of a role."""
    line: dict[str, Any] = {"color": LIGHT[colour]} if colour else {}
    return segment(corner, opposite, type="rect", line=line | {"width": width}) | changes


def segment(start: Place, stop: Place, **changes: Any) -> dict[str, Any]:
    """Return a straight line, by default the thin one between rows."""
    line = {"color": LIGHT["line"], "width": 1}
    (x0, y0), (x1, y1) = start, stop
    return {"type": "line", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "line": line} | changes


def dotted(start: Place, stop: Place, **changes: Any) -> dict[str, Any]:
    """Return the dotted line of a reference, below everything else."""
    line = {"color": LIGHT["muted"], "width": 1.5, "dash": "dot"}
    return segment(start, stop, line=line, layer="below") | changes


def arrow(start: Place, stop: Place, colour: str, width: float, **changes: Any) -> dict[str, Any]:
    """Return an arrow of that colour and width."""
    return {
        "ax": start[0], "ay": start[1], "x": stop[0], "y": stop[1], "xref": "x", "yref": "y",
        "axref": "x", "ayref": "y", "text": "", "showarrow": True, "arrowhead": 2,
        "arrowwidth": width, "arrowcolor": colour,
    } | changes  # fmt: skip


def labels(
    figure: go.Figure, places: Sequence[Place], shown: Sequence[Any], template: str, **changes: Any
) -> None:
    """Show the template, filled from `shown`, where the mouse is near a place; draw nothing."""
    x, y = zip(*places, strict=True)
    marker = {"size": 24, "opacity": 0, "color": LIGHT["paper"]} | changes.pop("marker", {})
    figure.add_scatter(
        x=x, y=y, mode="markers", marker=marker, customdata=shown,
        hovertemplate=f"{template}<extra></extra>", **changes,
    )  # fmt: skip


def texts(
    figure: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    printed: Sequence[str],
    **changes: Any,
) -> None:
    """Print a text to the right of each place."""
    look = {"textposition": "middle right", "cliponaxis": False, "textfont": font(size=12)}
    figure.add_scatter(
        x=x, y=y, text=list(printed), mode="text", hoverinfo="skip", **look | changes
    )
