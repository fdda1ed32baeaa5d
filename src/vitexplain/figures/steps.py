"""One query's way through attention: scores, scaled scores, weights, weighted values."""

from collections.abc import Sequence

import plotly.graph_objects as go

from vitexplain.attention import Attention
from vitexplain.figures.bar_panels import Column, bar_panels
from vitexplain.figures.base import as_numpy, finish, names, number, numbers, require_index

MOST_DIMS = 2  # of a value, to be printed in a column of a phone's width


def attention_steps(attention: Attention, *, query: int, words: Sequence[str]) -> go.Figure:
    """Return the row of one query, step by step: a bar and the exact number for every word.

    The last row sums the weights (to 1) and the weighted values (to the output). Values of
    more than two numbers are left to the table.

    Args:
        attention: one head's, each field (token, …).
        query: which token asks.

    Raises ValueError if the fields are not matrices, IndexError if there is no such query.
    """
    weights = as_numpy(attention.weights, name="weights", rank=2)
    labels = names(words, weights.shape[1], name="words")
    require_index(query, len(weights), name="query")
    scores = as_numpy(attention.scores, name="scores", rank=2)[query]
    scaled = as_numpy(attention.scaled, name="scaled", rank=2)[query]
    value = as_numpy(attention.value, name="value", rank=2)
    output = as_numpy(attention.output, name="output", rank=2)[query]
    row = weights[query]
    parts = row[:, None] * value

    total = len(labels)
    blank = [""]
    columns = [
        Column("score", [*scores, 0], [number(x) for x in scores] + blank, "ink"),
        Column("scaled", [*scaled, 0], [number(x) for x in scaled] + blank, "muted"),
        Column("weight", [*row, 0], [f"{x:.4f}" for x in row] + [f"{row.sum():.4f}"], "weight"),
    ]
    if value.shape[1] <= MOST_DIMS:
        printed = [numbers(part) for part in (*parts, output)]
        sizes = [float((part**2).sum() ** 0.5) for part in parts]
        columns.append(Column("× value", [*sizes, 0], printed, "value"))
    figure = bar_panels([*labels, "<b>sum</b>"], columns, chosen=total)

    asker = labels[query] if len(weights) == total else f"query {query}"
    best = int(row.argmax())
    alt = (
        f"How {asker} attends, step by step: scores, scaled scores, weights, weighted values. "
        f"The largest weight is {row[best]:.4f} on {labels[best]}; the output is {numbers(output)}."
    )
    table = [
        [label, number(s), number(z), f"{w:.4f}", numbers(part)]
        for label, s, z, w, part in zip(labels, scores, scaled, row, parts, strict=True)
    ]
    table.append(["sum", "", "", f"{row.sum():.4f}", numbers(output)])
    header = ["word", "score", "scaled", "weight", "weight × value"]
    return finish(figure, alt=alt, header=header, rows=table)
