"""What every figure shares: its frame, its alt text and table, and how numbers are written."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain import arrays, writing
from vitexplain.figures.theme import LIGHT, twins

FONT = '"Figtree Variable", Figtree, system-ui, -apple-system, "Segoe UI", sans-serif'
LINE = 18  # pixels, a line of text above a chart
ROLES = ("ink", "query", "key", "value", "weight")


def as_numpy(array: Any, *, name: str, rank: int) -> np.ndarray:
    """Return a float64 copy of a NumPy array, a torch tensor on any device, or nested lists.

    Raises ValueError if it is empty, not of the given rank, or holds NaN or infinity.
    """
    values = np.array(arrays.as_numpy(array), dtype=np.float64)
    if values.ndim != rank or 0 in values.shape:
        raise ValueError(f"{name} must have {rank} axes and not be empty, got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite, it holds NaN or infinity")
    return values


def names(given: Sequence[str], count: int, *, name: str) -> list[str]:
    """Return the labels as a list. Raises ValueError if there is not one for each of `count`."""
    if isinstance(given, str) or len(given) != count:
        raise ValueError(f"{name} must be {count} labels, got {given!r}")
    return [str(label) for label in given]


def require_index(index: int | None, count: int, *, name: str) -> None:
    """Raise IndexError unless the index is None or one of 0 … count - 1."""
    if index is not None and not 0 <= index < count:
        raise IndexError(f"{name} must be 0 to {count - 1}, got {index}")


def number(value: float, decimals: int = 4) -> str:
    """Return the number rounded, without trailing zeros, with a true minus sign."""
    text = writing.number(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def numbers(values: Iterable[float]) -> str:
    """Return the numbers rounded, one after the other."""
    return ", ".join(number(float(value)) for value in values)


def wrapped(label: str) -> str:
    """Return the label on two lines: a pair "a · b" always, other labels if they are long."""
    if " · " in label:
        return label.replace(" · ", "<br>")
    return label.replace(" ", "<br>", 1) if len(label) > 11 and "<" not in label else label


def frame(height: int, **axes: Any) -> go.Figure:
    """Return an empty figure: fixed height, free width, no legend, quiet axes."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        autosize=True,
        template=go.layout.Template(),
        paper_bgcolor=LIGHT["paper"],
        plot_bgcolor=LIGHT["paper"],
        font={"family": FONT, "size": 13, "color": LIGHT["ink"]},
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        dragmode=False,
        hoverlabel={
            "bgcolor": LIGHT["surface"],
            "bordercolor": LIGHT["line"],
            "font": {"family": FONT, "color": LIGHT["ink"]},
        },
        xaxis=quiet_axis(),
        yaxis=quiet_axis(),
    )
    return figure.update_layout(**axes)


def quiet_axis(**changes: Any) -> dict[str, Any]:
    """Return an axis without grid, zero line, title or zoom, its ticks in the muted colour."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": True,
        "tickfont": font("muted", 12),
        "gridcolor": LIGHT["line"],
        "zerolinecolor": LIGHT["line"],
        "linecolor": LIGHT["line"],
    }
    return axis | changes


def named_axis(places: Sequence[float], names: Sequence[Any], **changes: Any) -> dict[str, Any]:
    """Return an axis with a name at each place."""
    ticks = {"tickmode": "array", "tickvals": list(places), "ticktext": list(names)}
    return quiet_axis(**ticks | changes)


def titled(text: str, role: str, standoff: float) -> dict[str, Any]:
    """Return an axis' title in the colour of a role, that many pixels from its ticks."""
    return {"text": text, "font": font(role), "standoff": standoff}


def blank_axis(**changes: Any) -> dict[str, Any]:
    """Return an axis that shows nothing at all: for pictures and diagrams."""
    return quiet_axis(visible=False, **changes)


def font(role: str = "ink", size: float = 13) -> dict[str, Any]:
    """Return a font in the colour of a role, of that many pixels."""
    return {"color": LIGHT[role], "size": size}


def note(x: float, y: float, text: str, **changes: Any) -> dict[str, Any]:
    """Return a text at (x, y) in the coordinates of the first axes, without an arrow."""
    look = font("muted", 12)
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": look} | changes


def over(x: float, y: float, text: str, **changes: Any) -> dict[str, Any]:
    """Return a text at (x, y) in shares of the figure, over all axes."""
    return note(x, y, text, **{"xref": "paper", "yref": "paper"} | changes)


def heading(lines: Sequence[str], top: float) -> list[dict[str, Any]]:
    """Return lines of text above the axes, which begin `top` pixels below the figure's edge."""
    place = {"xanchor": "left", "yanchor": "top", "align": "left", "font": font()}
    return [
        over(0, 1, text, yshift=top - 4 - row * LINE, **place) for row, text in enumerate(lines)
    ]


def finish(
    figure: go.Figure, *, alt: str, header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> go.Figure:
    """Attach what the figure says in words (`alt`) and in numbers (`table`), and return it."""
    table = {"header": list(header), "rows": [list(row) for row in rows]}
    return figure.update_layout(meta={"alt": alt, "table": table})


def dark(figure: go.Figure) -> go.Figure:
    """Return the figure in the dark palette, each light colour replaced by its twin."""
    text = str(figure.to_json())
    for light, twin in twins().items():
        text = text.replace(light, twin)
    return go.Figure(json.loads(text))
