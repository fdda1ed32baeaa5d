"""Several figures of one frame in one, of which a slider shows one at a time."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from vitexplain.figures.base import finish, font
from vitexplain.figures.theme import LIGHT

_ROOM = 86  # pixels above the figure
_MOVES = ("annotations", "shapes", "images")  # what a figure brings besides its traces


def slider(figures: Mapping[str, go.Figure], *, label: str, alt: str, first: int = 0) -> go.Figure:
    """Return the figures as the stops of a slider; their tables stand one below the other.

    Args:
        figures: by the name of the stop; all with the axes and the height of the first.
        label: what the slider moves along.
        alt: what there is to see, in words.
        first: which of them is shown before anyone touches it.

    Raises ValueError for fewer than two figures, or figures of two heights.
    """
    every: list[Any] = list(figures.values())
    heights = {one.layout.height for one in every}
    if len(every) < 2 or len(heights) != 1:
        raise ValueError(f"a slider needs two figures or more of one height, got {heights}")
    shown: Any = go.Figure(layout=every[first].layout)
    stops, rows = [], []
    for name, one in zip(figures, every, strict=True):
        shown.add_traces(one.data)
        visible = [other is one for other in every for _ in other.data]
        moved = {part: one.layout[part] for part in _MOVES}
        stops.append({"label": name, "method": "update", "args": [{"visible": visible}, moved]})
        rows += [[name, *row] for row in one.layout.meta["table"]["rows"]]
    for trace, on in zip(shown.data, stops[first]["args"][0]["visible"], strict=True):
        trace.visible = on
    rail(shown, stops, label=label, first=first)
    header = [label, *every[0].layout.meta["table"]["header"]]
    return finish(shown, alt=alt, header=header, rows=rows)


def rail(
    figure: go.Figure, stops: list[dict[str, Any]], *, label: str, first: int, ticks: bool = True
) -> None:
    """Put a slider with these stops above a figure, which grows by it; `ticks` names each."""
    layout: Any = figure.layout
    margin = layout.margin.t or 0
    figure.update_layout(
        height=layout.height + _ROOM,
        margin={"t": margin + _ROOM},
        sliders=[
            {
                "active": first, "steps": stops, "x": 0.02, "len": 0.96,
                "y": 1, "yanchor": "bottom", "pad": {"t": 0, "b": margin + 8},
                "ticklen": 4 if ticks else 0, "minorticklen": 0,
                "bgcolor": LIGHT["surface"], "activebgcolor": LIGHT["weight"],
                "bordercolor": LIGHT["muted"], "tickcolor": LIGHT["muted"], "borderwidth": 1,
                "font": font("muted", 12) if ticks else font("paper", 1),
                "transition": {"duration": 0},
                "currentvalue": {"prefix": f"{label}: ", "font": font(), "xanchor": "left"},
            }
        ],
    )  # fmt: skip
