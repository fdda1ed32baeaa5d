"""Rows of things, columns of measures: a thin bar with its number above it in every cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from vitexplain.figures.base import font, frame, over, quiet_axis, wrapped
from vitexplain.figures.marks import box, segment, texts
from vitexplain.figures.theme import LIGHT

ROW = 42  # pixels
HEAD = 44


@dataclass(frozen=True)
class Column:
    """One measure: its title, a number for each row, the number as printed, and its role."""

    title: str
    values: Sequence[float]
    texts: Sequence[str]
    role: str
    hover: Sequence[str] = ()


def bar_panels(
    rows: Sequence[str], columns: Sequence[Column], *, chosen: int | None = None
) -> go.Figure:
    """Return one panel a column, side by side, over the same rows, first row on top."""
    count = len(rows)
    figure = frame(HEAD + ROW * count + 12)
    names: dict[str, Any] = {"tickvals": [*range(count)], "ticktext": [*map(wrapped, rows)]}
    figure.update_layout(
        margin={"l": 8, "r": 12, "t": HEAD, "b": 12},
        yaxis=quiet_axis(range=[count - 0.5, -0.5], tickfont=font(), ticklabelstandoff=8, **names),
        bargap=0,
    )
    gap = 0.04
    needs = [max(8, *map(len, column.texts)) for column in columns]
    room = (1 - gap * (len(columns) - 1)) / sum(needs)
    for index, column in enumerate(columns):
        name = str(index + 1) if index else ""
        start = room * sum(needs[:index]) + gap * index
        values = [float(value) for value in column.values]
        low, high = min(0.0, *values), max(0.0, *values)
        high = high if high > low else low + 1.0
        domain = [start, min(1.0, start + room * needs[index])]
        axis = quiet_axis(
            domain=domain, range=[low, high], showticklabels=False, zeroline=low < 0, anchor="y"
        )
        figure.update_layout({f"xaxis{name}": axis})
        figure.add_bar(
            x=values, y=[row + 0.22 for row in range(count)], width=0.24, orientation="h",
            marker={"color": LIGHT[column.role], "line": {"width": 0}}, xaxis=f"x{name}",
            name=column.title,
            customdata=list(zip(rows, column.hover or column.texts, strict=True)),
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
        )  # fmt: skip
        above = [row - 0.12 for row in range(count)]
        texts(figure, [low] * count, above, column.texts, xaxis=f"x{name}")
        figure.add_annotation(
            over(start, 1, f"<b>{column.title}</b>", yshift=6, xanchor="left", yanchor="bottom",
                 align="left", font=font(column.role))
        )  # fmt: skip
    across: dict[str, Any] = {"xref": "paper", "yref": "y", "layer": "below"}
    for row in range(1, count):
        figure.add_shape(segment((0, row - 0.5), (1, row - 0.5), **across))
    if chosen is not None:
        corners = (0, chosen - 0.5), (1, chosen + 0.5)
        figure.add_shape(box(*corners, fillcolor=LIGHT["surface"], **across))
    return figure
