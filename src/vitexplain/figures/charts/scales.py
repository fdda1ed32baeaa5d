"""What every chart shares: numbers as they are written, axes, ticks, and lines of reference."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import LINE, font, frame, heading, note, quiet_axis
from vitexplain.figures.marks import dotted
from vitexplain.figures.theme import LIGHT

FOOT = 54  # pixels, the ticks and the title of the x axis
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Reference:
    """A value to compare with: a dotted line across the chart, named at one end."""

    value: float
    name: str
    side: str = "right"


def written(value: float) -> str:
    """Return a number as a sentence writes it: 60,000, 97.43, 4.112 G, 1.2 × 10⁻⁷."""
    if not math.isfinite(value):
        raise ValueError(f"numbers in a chart must be finite, got {value}")
    size = abs(value)
    if size >= 1e6:
        unit, prefix = next(pair for pair in _PREFIXES if size >= pair[0])
        text = f"{value / unit:.4g} {prefix}"
    elif size >= 1000:
        text = f"{value:,.0f}"
    elif size == 0:
        return "0"
    elif size < 1e-4:
        digits, power = f"{value:.1e}".split("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{digits} × 10{raised}"
    else:
        text = f"{value:.{max(0, 3 - math.floor(math.log10(size)))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def short(value: float) -> str:
    """Return a number as an axis writes it: 60k, 4.5G, 0.1."""
    for unit, prefix in _PREFIXES:
        if abs(value) >= unit:
            return f"{value / unit:.3g}{prefix}".replace("-", "−")
    return written(value)


def plain(value: Any) -> Any:
    """Return a cell of a table: whole numbers without a point, nothing for None, words as is."""
    if value is None or isinstance(value, str):
        return value or ""
    return int(value) if float(value).is_integer() else float(value)


def tabulated(columns: Iterable[tuple[str, Sequence[Any]]]) -> dict[str, Any]:
    """Return header and rows for `finish`; a column that holds nothing is left out."""
    cells = [(title, [plain(value) for value in column]) for title, column in columns]
    kept = [(title, column) for title, column in cells if any(cell != "" for cell in column)]
    rows = zip(*(column for _, column in kept), strict=True)
    return {"header": [title for title, _ in kept], "rows": [list(row) for row in rows]}


def require_inside(name: str, low: float | None, value: float, high: float | None) -> None:
    """Raise ValueError unless an interval has two ends or none, and the value between them."""
    if (low is None) != (high is None):
        raise ValueError(f"{name}: low and high go together")
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(f"{name}: {value} is not in its interval {low} to {high}")


def with_interval(value: float, low: float | None, high: float | None) -> str:
    """Return the number, and its interval in brackets if there is one."""
    ends = "" if low is None or high is None else f" ({written(low)} to {written(high)})"
    return written(value) + ends


def extent(values: Sequence[float], *, log: bool, pad: float = 0.06) -> tuple[float, float]:
    """Return a range around the values, in the axis' own coordinates (log10 if logarithmic).

    Raises ValueError for numbers that are not finite, or not positive on a logarithmic axis.
    """
    places = np.asarray(values, dtype=float)
    if not np.isfinite(places).all():
        raise ValueError("numbers in a chart must be finite, they hold NaN or infinity")
    if log:
        if places.min() <= 0:
            raise ValueError(f"a logarithmic axis needs positive numbers, got {places.min():g}")
        places = np.log10(places)
    low, high = float(places.min()), float(places.max())
    room = pad * (high - low) if high > low else 0.5
    return low - room, high + room


def axis(
    limits: tuple[float, float], *, log: bool, at: Sequence[float] = (), letter: float = 0.032
) -> dict[str, Any]:
    """Return an axis over the limits with ticks `at` these values, or else at round ones.

    Ticks whose labels would touch are left out; `letter` is a letter's share of the axis.
    """
    changes: dict[str, Any] = {"range": list(limits), "automargin": False}
    if log:
        places = list(dict.fromkeys(at)) or _decades(limits)
        changes |= {"type": "log"}
    elif at:
        places = list(dict.fromkeys(at))
    else:
        return quiet_axis(**changes, tickformat="~g", nticks=6)
    kept: list[float] = []
    for value in sorted(places, reverse=True):
        if kept:
            space = (coordinate(kept[-1], log) - coordinate(value, log)) / (limits[1] - limits[0])
            letters = (len(short(kept[-1])) + len(short(value))) / 2
            if space < letter * (letters + 0.7):
                continue
        kept.append(value)
    kept.reverse()
    return quiet_axis(**changes, tickvals=kept, ticktext=[short(v) for v in kept], tickangle=0)


def coordinate(value: float, log: bool) -> float:
    """Return where a value is on an axis: Plotly wants the log10 on a logarithmic one."""
    return math.log10(value) if log else value


def _decades(limits: tuple[float, float]) -> list[float]:
    """Return 1, 10, 100 … in the limits, with 2 and 5 between them if they would be few."""
    first, last = math.floor(limits[0]), math.ceil(limits[1])
    steps = (1,) if limits[1] - limits[0] >= 2.5 else (1, 2, 5)
    ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    return [tick for tick in ticks if limits[0] <= math.log10(tick) <= limits[1]]


def chart(height: int, *, x: str, y: str, key: Sequence[str], right: int = 16) -> Any:
    """Return an empty chart: the y axis' name and the key above it, the x axis' name below."""
    top = 12 + LINE * (len(key) + bool(y))
    figure = frame(height)
    figure.update_layout(
        margin={"l": 8, "r": right, "t": top, "b": FOOT if x else 24},
        xaxis={"title": {"text": x, "standoff": 6, "font": font()}},
        bargap=0,
    )
    for text in heading([*key, *[f"<b>{y}</b>"] * bool(y)], top):
        figure.add_annotation(text)
    return figure


def mark_references(figure: go.Figure, references: Sequence[Reference], *, log: bool) -> None:
    """Rule the y axis; draw each reference as a dotted line, with its name above one end."""
    figure.update_yaxes(showgrid=True, automargin=True)
    for one in references:
        figure.add_shape(dotted((0, one.value), (1, one.value), xref="paper"))
        right = one.side == "right"
        figure.add_annotation(
            note(float(right), coordinate(one.value, log), f"{one.name} {written(one.value)}",
                 xref="paper", xanchor="right" if right else "left", yanchor="bottom",
                 bgcolor=LIGHT["paper"], borderpad=1)
        )  # fmt: skip


def capital(text: str) -> str:
    """Return the text as a sentence begins; letters after the first stay as they are."""
    return text[0].upper() + text[1:]


def explained(references: Sequence[Reference], interval: str = "") -> str:
    """Return the sentences that end a chart's alt text: its references, and its intervals."""
    text = "".join(f" The dotted line is {one.name}, {written(one.value)}." for one in references)
    return text + (f" Intervals are the {interval}." if interval else "")


def references_in(given: Reference | Sequence[Reference] | None) -> list[Reference]:
    """Return the references as a list: there may be none, one, or several."""
    if given is None:
        return []
    return [given] if isinstance(given, Reference) else list(given)
