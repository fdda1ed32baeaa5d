"""How alike two vectors are, measured in three ways."""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.attention import scale, scores
from vitexplain.figures.bar_panels import Column, bar_panels
from vitexplain.figures.base import as_numpy, finish, names, number


def similarity_table(embeddings: Any, *, words: Sequence[str]) -> go.Figure:
    """Return every pair's dot product q·k, the same divided by √d, and the cosine.

    Pairs of a word with itself are there too: the dot product with itself need not be the
    largest, the cosine always is (1). The cosine with a vector of zeros is printed as "none".

    Args:
        embeddings: (word, dim).

    Raises ValueError for other shapes.
    """
    vectors = as_numpy(embeddings, name="embeddings", rank=2)
    labels = names(words, len(vectors), name="words")
    dot = scores(vectors, vectors)
    scaled = scale(dot, vectors.shape[1])
    lengths = np.sqrt(np.diag(dot))
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = dot / np.outer(lengths, lengths)

    pairs = list(combinations_with_replacement(range(len(labels)), 2))
    pairs.sort(key=lambda pair: -dot[pair])
    columns = [
        Column(title, np.nan_to_num([m[pair] for pair in pairs]).tolist(), texts, role)
        for title, m, role in (
            ("q·k", dot, "ink"),
            ("q·k / √d", scaled, "muted"),
            ("cosine", cosine, "weight"),
        )
        for texts in [[number(m[pair]) if np.isfinite(m[pair]) else "none" for pair in pairs]]
    ]
    rows = [f"{labels[i]} · {labels[j]}" for i, j in pairs]
    figure = bar_panels(rows, columns)
    table = [
        [labels[i], labels[j], *(column.texts[row] for column in columns)]
        for row, (i, j) in enumerate(pairs)
    ]
    first = pairs[0]
    alt = (
        f"Dot product, scaled dot product and cosine of {len(pairs)} pairs of {len(labels)} words, "
        f"largest dot product first. {labels[first[0]]} and {labels[first[1]]}: "
        f"{columns[0].texts[0]}, {columns[1].texts[0]} and {columns[2].texts[0]}."
    )
    return finish(figure, alt=alt, header=["word", "word", "q·k", "q·k / √d", "cosine"], rows=table)
