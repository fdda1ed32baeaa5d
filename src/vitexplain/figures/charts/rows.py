"""Horizontal bars in groups, with intervals; where the axis does not begin at 0, points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from vitexplain.figures.base import blank_axis, finish, font, note, quiet_axis, wrapped
from vitexplain.figures.charts.looks import FAMILIES, Look, key, look
from vitexplain.figures.charts.scales import (
    Reference,
    capital,
    chart,
    explained,
    references_in,
    require_inside,
    tabulated,
    with_interval,
    written,
)
from vitexplain.figures.marks import dotted, segment, texts
from vitexplain.figures.theme import LIGHT

_BESIDE = 16  # characters of a name that stands beside its bar; longer ones stand above
_HEADING = 30  # pixels
_LETTER = 7


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, its interval if there is one, its group and family.

    `note` is a column of the table and a line of the label under the mouse: a source, a setting.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    group: str = ""
    family: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        require_inside(self.name, self.low, self.value, self.high)

    @property
    def least(self) -> float:
        """The low end of the interval, or the value."""
        return self.value if self.low is None else self.low

    @property
    def most(self) -> float:
        """The high end of the interval, or the value."""
        return self.value if self.high is None else self.high


def bars(
    rows: Sequence[Bar],
    *,
    x: str,
    groups: Sequence[str] | None = None,
    start: float = 0.0,
    reference: Reference | Sequence[Reference] | None = None,
    interval: str = "",
    note_title: str = "note",
) -> go.Figure:
    """Return one bar a row, first row on top, under the heading of its group.

    Args:
        x: what the bars measure, with the unit.
        groups: the order of the groups; by default, as they come.
        start: where the axis begins; 0 leaves room for what is below it. A bar shows its value by
            its length, so that only bars from 0 are bars; from elsewhere, a point stands for it.
        interval: what low and high are.
        note_title: the header of the notes in the table.

    Raises ValueError for no rows, a value below `start`, or a row of an unknown group.
    """
    if not rows:
        raise ValueError("bars needs at least one row")
    lowest = min(row.least for row in rows)
    if start and lowest < start:
        raise ValueError(f"the axis begins at {start:g}, but a value or interval is {lowest:g}")
    order = list(dict.fromkeys(row.group for row in rows)) if groups is None else list(groups)
    unknown = sorted({row.group for row in rows} - set(order))
    if unknown:
        raise ValueError(f"groups {order} do not hold {unknown}")
    references = references_in(reference)

    beside = all(len(row.name) <= _BESIDE for row in rows)
    pitch = 28 if beside else 46
    used = [name for name in FAMILIES if any(row.family == name for row in rows)]
    named = all(row.name.startswith(row.family) for row in rows)
    legend = [] if named else key([(name, FAMILIES[name]) for name in used])
    places: list[tuple[float, Bar]] = []
    headings: list[tuple[float, str]] = []
    down = 0.0
    for group in order:
        inside = [row for row in rows if row.group == group]
        if group and inside:
            headings.append((down + _HEADING / 2 + 2, group))
            down += _HEADING
        for row in inside:
            places.append((down + pitch / 2, row))
            down += pitch
        down += 6 * bool(group)
    printed = [written(row.value) for row in rows]
    room = 14 + _LETTER * max(map(len, printed))
    foot = 18 * bool(references)
    highest = max([row.most for row in rows] + [one.value for one in references])
    figure: Any = chart(200, x="", y=x, key=legend, right=room)
    top = figure.layout.margin.t
    figure.update_layout(
        height=int(top + down + foot + 12),
        margin={"b": 12 + foot},
        xaxis=blank_axis(range=[min(start, lowest), highest]),
        yaxis=quiet_axis(
            range=[down, 0],
            tickvals=[place for place, _ in places] if beside else [],
            ticktext=[wrapped(row.name) for _, row in places] if beside else [],
            tickfont=font(),
            ticklabelstandoff=6,
            showticklabels=beside,
        ),
    )  # fmt: skip
    for place, text in headings:
        figure.add_annotation(
            note(0, place, f"<b>{text}</b>", xref="paper", xanchor="left", font=font())
        )
        under = (0, place + 13), (1, place + 13)
        figure.add_shape(segment(*under, xref="paper", layer="below"))
    for one in references:
        figure.add_shape(dotted((one.value, 0), (one.value, down)))
        figure.add_annotation(
            note(one.value, down, f"{one.name} {written(one.value)}", yanchor="top",
                 xanchor="right" if one.side == "right" else "left")
        )  # fmt: skip
    shift = 0 if beside else 10
    looks = [look(row.family, order=0) for _, row in places]
    _draw(figure, places, looks, start=start, shift=shift, name=x)
    if not beside:
        for place, row in places:
            figure.add_annotation(
                note(0, place - 9, row.name, xref="paper", xanchor="left", font=font())
            )

    drawn = [row for _, row in places]
    columns = [
        ("name", [row.name for row in drawn]), ("group", [row.group for row in drawn]),
        (x, [row.value for row in drawn]), ("low", [row.low for row in drawn]),
        ("high", [row.high for row in drawn]), (note_title, [row.note for row in drawn]),
    ]  # fmt: skip
    alt = _alt(drawn, order, references, x=x, interval=interval)
    return finish(figure, alt=alt, **tabulated(columns))


def _draw(
    figure: go.Figure,
    places: Sequence[tuple[float, Bar]],
    looks: Sequence[Look],
    *,
    start: float,
    shift: float,
    name: str,
) -> None:
    rows = [row for _, row in places]
    middle = [place + shift for place, _ in places]
    values, ends = [row.value for row in rows], [row.most for row in rows]
    colours = [one.colour for one in looks]
    shown = {
        "x": values, "y": middle, "name": name,
        "customdata": [[r.name, with_interval(r.value, r.low, r.high),
                        f"<br>{r.note}" if r.note else ""] for r in rows],
        "hovertemplate": "%{customdata[0]}: %{customdata[1]}%{customdata[2]}<extra></extra>",
    }  # fmt: skip
    if start == 0:
        figure.add_bar(
            orientation="h", width=12, marker={"color": colours, "line": {"width": 0}}, **shown
        )
    else:
        for place, colour, value in zip(middle, colours, values, strict=True):
            line = {"color": colour, "width": 1, "dash": "dot"}
            figure.add_shape(dotted((start, place), (value, place), line=line))
        symbols = [one.marker for one in looks]
        figure.add_scatter(
            mode="markers", marker={"color": colours, "symbol": symbols, "size": 11, "opacity": 1},
            cliponaxis=False, **shown,
        )  # fmt: skip
    for place, row in zip(middle, rows, strict=True):
        if row.low is not None:
            _whisker(figure, place, row)
    space = "\u00a0" * (1 if start == 0 else 3)  # clear of the marker
    texts(figure, ends, middle, [f"{space}{written(value)}" for value in values])


def _whisker(figure: go.Figure, place: float, row: Bar) -> None:
    line = {"color": LIGHT["ink"], "width": 1.5}
    for x0, x1, half in ((row.least, row.most, 0), (row.least,) * 2 + (4,), (row.most,) * 2 + (4,)):
        figure.add_shape(segment((x0, place - half), (x1, place + half), line=line))


def _alt(
    rows: Sequence[Bar],
    order: Sequence[str],
    references: Sequence[Reference],
    *,
    x: str,
    interval: str,
) -> str:
    said = []
    for group in order:
        inside = [row for row in rows if row.group == group]
        best, least = max(inside, key=lambda r: r.value), min(inside, key=lambda r: r.value)
        text = f"{best.name} {written(best.value)}"
        if len(inside) == 2:
            text += f", {least.name} {written(least.value)}"
        elif len(inside) > 2:
            text = f"highest of {len(inside)} {text}, lowest {least.name} {written(least.value)}"
        said.append(f"{group}: {text}" if group else text)
    colon = "." if any(order) else ":"
    shown = interval if any(row.low is not None for row in rows) else ""
    return f"{capital(x)}{colon} {'; '.join(said)}.{explained(references, shown)}"
