"""Lines with intervals, named where they end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import finish
from vitexplain.figures.charts.looks import FAMILIES, Look, key, look
from vitexplain.figures.charts.scales import (
    FOOT,
    Reference,
    axis,
    capital,
    chart,
    coordinate,
    explained,
    extent,
    mark_references,
    references_in,
    require_inside,
    tabulated,
    with_interval,
    written,
)

_WORD = 12  # characters of a label at the end of a line, on a phone
_TEXT = 15  # pixels, the height of a line of such a label
_LETTER = 7  # pixels, its width


@dataclass(frozen=True)
class Series:
    """One line: y at each x, and the interval of each y, if there is one.

    `family` is a key of `FAMILIES` or a role of the palette; a series that bears the name of a
    family belongs to it. `variant` tells series of one family apart: 1 is dashed, 2 dotted.
    Without markers it is a plain line, such as a fit.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    family: str = ""
    variant: int = 0
    markers: bool = True

    def __post_init__(self) -> None:
        for field in ("x", "y", "low", "high"):
            given = getattr(self, field)
            if given is not None:  # arrays and tensors too
                object.__setattr__(self, field, tuple(float(v) for v in given))
        lengths = {len(v) for v in (self.x, self.y, self.low, self.high) if v is not None}
        if (self.low is None) != (self.high is None):
            raise ValueError(f"{self.name}: low and high go together")
        if len(lengths) > 1 or not self.x:
            raise ValueError(f"{self.name}: x, y, low and high must be equally many, at least one")
        for _, y, low, high in self.points():
            require_inside(self.name, low, y, high)

    def points(self) -> list[tuple[float, float, float | None, float | None]]:
        """Return x, y, low and high of each point, both None if there are no intervals."""
        none = [None] * len(self.y)
        return list(zip(self.x, self.y, self.low or none, self.high or none, strict=True))


def lines(
    series: Sequence[Series],
    *,
    x: str,
    y: str,
    log_x: bool = False,
    log_y: bool = False,
    reference: Reference | Sequence[Reference] | None = None,
    interval: str = "",
    y_range: tuple[float, float] | None = None,
    height: int = 360,
) -> go.Figure:
    """Return lines over one x axis, each named at its end; long names are in a key above.

    Args:
        x: what the x axis shows, with the unit.
        y: what the y axis shows, with the unit.
        interval: what low and high are, e.g. "95% interval over 5 seeds".
        y_range: the lowest and highest y shown; by default, what the data needs.

    Raises ValueError for no series, two of one name, numbers that are not finite, or not
    positive on a logarithmic axis.
    """
    names = [one.name for one in series]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"lines needs series of different names, got {names}")
    looks = [
        look(one.family or (one.name if one.name in FAMILIES else ""), variant=one.variant, order=i)
        for i, one in enumerate(series)
    ]
    references = references_in(reference)
    values = [v for one in series for v in (*one.y, *(one.low or ()), *(one.high or ()))]
    values += [one.value for one in references]
    low_high = extent(values if y_range is None else y_range, log=log_y, pad=0.06 * (not y_range))
    across = sorted({v for one in series for v in one.x})
    x_limits = extent(across, log=log_x, pad=0.04)

    labels = [_wrapped(name) for name in names]
    widest = max(len(part) for label in labels for part in label)
    at_ends = widest <= _WORD and sum(map(len, labels)) * _TEXT < 0.7 * (height - FOOT)
    figure = chart(
        height, x=x, y=y, key=[] if at_ends else key(list(zip(names, looks, strict=True))),
        right=24 + _LETTER * widest if at_ends else 16,
    )  # fmt: skip
    figure.update_xaxes(axis(x_limits, log=log_x, at=across if log_x and len(across) <= 9 else ()))
    figure.update_yaxes(axis(low_high, log=log_y))
    mark_references(figure, references, log=log_y)
    for one, style in zip(series, looks, strict=True):
        _line(figure, one, style, x=x, y=y)
    if at_ends:
        _name_ends(figure, series, looks, labels, limits=low_high, log=(log_x, log_y))

    points = [(one.name, *point) for one in series for point in one.points()]
    columns = zip(("series", x, y, "low", "high"), zip(*points, strict=True), strict=True)
    alt = _alt(series, references, x=x, y=y, interval=interval)
    return finish(figure, alt=alt, **tabulated(columns))


def _line(figure: go.Figure, one: Series, style: Look, *, x: str, y: str) -> None:
    ends = [
        (y - low, high - y)
        for _, y, low, high in one.points()
        if low is not None and high is not None
    ]
    error = {
        "type": "data", "symmetric": False, "color": style.colour, "thickness": 1.5, "width": 4,
        "array": [above for _, above in ends], "arrayminus": [below for below, _ in ends],
    }  # fmt: skip
    figure.add_scatter(
        x=one.x, y=one.y, name=one.name,
        mode="lines+markers" if one.markers else "lines",
        line={"color": style.colour, "width": 2, "dash": style.dash},
        marker=style.marks(8),
        error_y=error if ends else None,
        customdata=[
            [one.name, written(a), with_interval(b, low, high)] for a, b, low, high in one.points()
        ],
        hovertemplate=f"%{{customdata[0]}}<br>{x}: %{{customdata[1]}}<br>"
        f"{y}: %{{customdata[2]}}<extra></extra>",
    )  # fmt: skip


def _wrapped(name: str) -> list[str]:
    """Return the name on one line, or on two if it is long and has a space."""
    if len(name) <= _WORD or " " not in name:
        return [name]
    cuts = [i for i, letter in enumerate(name) if letter == " "]
    cut = min(cuts, key=lambda i: max(i, len(name) - i - 1))
    return [name[:cut], name[cut + 1 :]]


def _name_ends(
    figure: Any,
    series: Sequence[Series],
    looks: Sequence[Look],
    labels: Sequence[Sequence[str]],
    *,
    limits: tuple[float, float],
    log: tuple[bool, bool],
) -> None:
    margin = figure.layout.margin
    pixels = (figure.layout.height - margin.t - margin.b) / (limits[1] - limits[0])
    ends = [max(zip(one.x, one.y, strict=True)) for one in series]
    places = [[coordinate(v, is_log) for v, is_log in zip(end, log, strict=True)] for end in ends]
    heights = [_TEXT * len(label) for label in labels]
    wanted = [-place[1] * pixels for place in places]
    for place, end, given, style, label in zip(
        places, wanted, spread(wanted, heights), looks, labels, strict=True
    ):
        figure.add_annotation(
            x=place[0], y=place[1], text="<br>".join(label), align="left", xanchor="left",
            ax=14, ay=given - end, showarrow=True, arrowhead=0, arrowwidth=1, standoff=6,
            arrowcolor=style.colour, font={"size": 13, "color": style.colour}, borderpad=0,
        )  # fmt: skip


def spread(places: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return the places moved as little as possible so that things of these heights do not touch.

    Least squares under an order: adjacent violators are pooled (isotonic regression).
    """
    order = np.argsort(places, kind="stable")
    sizes = np.asarray(heights, dtype=float)[order]
    offsets = np.concatenate([[0.0], np.cumsum((sizes[1:] + sizes[:-1]) / 2)])
    pools: list[list[float]] = []  # mean, count
    for want in np.asarray(places, dtype=float)[order] - offsets:
        pools.append([want, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2], pools.pop()
            pools[-1] = [(a * n + b * m) / (n + m), n + m]
    moved = np.repeat([mean for mean, _ in pools], [int(n) for _, n in pools]) + offsets
    result = np.empty(len(order))
    result[order] = moved
    return result.tolist()


def _alt(
    series: Sequence[Series], references: Sequence[Reference], *, x: str, y: str, interval: str
) -> str:
    said = []
    for one in series:
        end = f"{written(one.y[-1])} at {written(one.x[-1])}"
        start = f"from {written(one.y[0])} at {written(one.x[0])} to " if len(one.x) > 1 else ""
        said.append(f"{one.name} {start}{end}")
    shown = interval if any(one.low for one in series) else ""
    return f"{capital(y)} against {x}: {'; '.join(said)}.{explained(references, shown)}"
