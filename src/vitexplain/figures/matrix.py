"""Matrices with their words: attention weights, and any small matrix of numbers."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import (
    ROLES,
    as_numpy,
    finish,
    font,
    frame,
    named_axis,
    names,
    number,
    require_index,
    titled,
)
from vitexplain.figures.marks import box, heat, ink_on, two_sided
from vitexplain.figures.theme import LIGHT

NUMBERED = 8  # rows and columns up to which cells carry their number
STRONGEST_TINT = 0.5  # share of the role's colour in the largest cell of a tinted matrix
NAMED = 24  # rows and columns up to which each has its name


def attention_matrix(
    weights: Any,
    *,
    words: Sequence[str],
    key_words: Sequence[str] | None = None,
    query: int | None = None,
    quantity: str = "weight",
) -> go.Figure:
    """Return every query's row of weights (or scores); the row of `query` is outlined.

    Args:
        weights: (query, key).
        words: the queries' names, and the keys' unless `key_words` are given.

    Raises ValueError for other shapes or numbers of words, IndexError for no such query.
    """
    values = as_numpy(weights, name="weights", rank=2)
    rows = names(words, values.shape[0], name="words")
    cols = names(words if key_words is None else key_words, values.shape[1], name="key_words")
    require_index(query, len(rows), name="query")
    high, signed = float(np.abs(values).max()) or 1.0, bool(values.min() < 0)
    texts = [[f"{x:.2f}" if quantity == "weight" else number(x, 2) for x in row] for row in values]
    low, scale = (-high, two_sided("weight")) if signed else (0.0, None)
    figure = _heatmap(values, rows, cols, texts, scale=scale, low=low, high=high)
    figure.update_traces(hovertemplate="%{y} → %{x}: %{z:.4f}<extra></extra>")
    figure.update_xaxes(title=titled("key", "key", 4))
    figure.update_yaxes(title=titled("query", "query", 4))
    if query is not None:
        right = len(cols) - 0.5
        figure.add_shape(box((-0.5, query - 0.5), (right, query + 0.5), "query", 3))
    chosen = range(len(rows)) if query is None else [query]
    strongest = [f"{rows[i]} → {_largest(values[i], cols)}" for i in chosen]
    alt = (
        f"Matrix of attention {quantity}s, {len(rows)} queries by {len(cols)} keys. "
        f"Largest in its row: {'; '.join(strongest[:7])}."
    )
    header, table = _table(values, rows, cols, query)
    return finish(figure, alt=alt, header=header, rows=table)


def number_matrix(
    values: Any,
    *,
    rows: Sequence[str],
    cols: Sequence[str],
    role: str = "ink",
    decimals: int = 2,
    title: str = "",
) -> go.Figure:
    """Return a matrix of numbers, positive ones in the role's colour, negative ones in grey.

    Args:
        values: (row, col).
        role: "ink", "query", "key", "value" or "weight".

    Raises ValueError for other shapes, numbers of labels, or an unknown role.
    """
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
    matrix = as_numpy(values, name="values", rank=2)
    row_names = names(rows, matrix.shape[0], name="rows")
    col_names = names(cols, matrix.shape[1], name="cols")
    tint = (float(np.abs(matrix).max()) or 1.0) / STRONGEST_TINT
    texts = [[number(x, decimals) for x in row] for row in matrix]
    figure = _heatmap(
        matrix, row_names, col_names, texts, scale=two_sided(role), low=-tint, high=tint,
        numbered=True,
    )  # fmt: skip
    where = np.unravel_index(np.abs(matrix).argmax(), matrix.shape)
    alt = (
        f"{title or 'Matrix'}: {len(row_names)} rows ({_few(row_names)}) by {len(col_names)} "
        f"columns ({_few(col_names)}), from {number(matrix.min(), decimals)} to "
        f"{number(matrix.max(), decimals)}; the largest entry is {row_names[where[0]]}, "
        f"{col_names[where[1]]}."
    )
    if title:
        look = {"text": f"<b>{title}</b>", "font": font(role, 14)}
        place = {"x": 0, "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 6, "l": 8}}
        figure.update_layout(title=look | place, height=figure.layout.height + 22)
        figure.update_layout(margin={"t": figure.layout.margin.t + 22})
    header, table = _table(matrix, row_names, col_names, None)
    return finish(figure, alt=alt, header=header, rows=table)


def _largest(line: np.ndarray, cols: list[str]) -> str:
    """Return which keys have the largest number of a row, and what it is; ties are said."""
    most = np.flatnonzero(np.isclose(line, line.max(), rtol=1e-9, atol=1e-12))
    if len(most) == len(line) > 1:
        return f"all alike {number(line.max())}"
    named = " and ".join(cols[j] for j in most) if len(most) <= 3 else f"{len(most)} keys alike"
    return f"{named} {number(line.max())}"


def _heatmap(
    values: np.ndarray,
    rows: list[str],
    cols: list[str],
    texts: list[list[str]],
    *,
    scale: list[tuple[float, str]] | None,
    low: float,
    high: float,
    numbered: bool = False,
) -> go.Figure:
    count = max(values.shape)
    small = count <= NUMBERED
    named = count <= NAMED
    # Names that fit a phone beside each other, in lines of whole words, are never turned.
    lines = [textwrap.wrap(col, 10, break_long_words=False) or [""] for col in cols]
    width = max(len(line) for col in lines for line in col)
    across = width * len(cols) <= 42
    if not across:
        lines, width = [[col] for col in cols], max(map(len, cols))
    inner = (32 if small else 26) * len(rows) if count <= 2 * NUMBERED else 340
    head = (
        (16 * max(map(len, lines)) + (8 if numbered else 34) if across else 7 * width + 34)
        if named
        else 30
    )
    figure = frame(inner + head + 12)
    figure.update_layout(margin={"l": 8, "r": 8, "t": head, "b": 12})
    gap = 1 if count <= 2 * NUMBERED else 0
    hover = "%{y}, %{x}: %{z:.4f}<extra></extra>"
    heat(figure, values, low=low, high=high, scale=scale, hover=hover, xgap=gap, ygap=gap)
    if numbered or small:
        printed = [text for line in texts for text in line]
        colours = [
            LIGHT["muted"] if text == "0" else ink_on(x, high)
            for x, text in zip(values.flat, printed, strict=True)
        ]
        figure.add_scatter(
            x=[col for _ in rows for col in range(len(cols))],
            y=[row for row in range(len(rows)) for _ in cols],
            text=printed, mode="text", hoverinfo="skip",
            textfont={"size": 12 if len(cols) <= NUMBERED else 10, "color": colours},
        )  # fmt: skip
    look = {"showticklabels": named, "tickfont": font(size=12 if small else 11)}
    figure.update_layout(
        xaxis=named_axis(
            range(len(cols)), ["<br>".join(col) for col in lines], side="top",
            range=[-0.5, len(cols) - 0.5], autotickangles=[0, -90], automargin=False, **look,
        ),
        yaxis=named_axis(range(len(rows)), rows, range=[len(rows) - 0.5, -0.5], **look),
    )  # fmt: skip
    return figure


def _table(
    values: np.ndarray, rows: list[str], cols: list[str], query: int | None
) -> tuple[list[str], list[list[str]]]:
    """Return all numbers; the query's row or each row's largest where they exceed 300 cells."""
    if values.size + len(rows) <= 300:
        body = [[r, *map(number, line)] for r, line in zip(rows, values, strict=True)]
        return ["", *cols], body
    if query is not None and len(cols) <= 150:
        line = values[query]
        return ["key", rows[query]], [[c, number(x)] for c, x in zip(cols, line, strict=True)]
    best = values.argmax(axis=1)[:100]
    body = [[rows[i], cols[j], number(values[i, j])] for i, j in enumerate(best)]
    return ["row", "column of its largest number", "largest number"], body


def _few(labels: list[str]) -> str:
    return ", ".join(labels) if len(labels) <= 4 else f"{labels[0]} … {labels[-1]}"
