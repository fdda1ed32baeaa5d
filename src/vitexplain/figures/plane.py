"""Words as points on a plane whose axes have a meaning."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import as_numpy, finish, frame, names, number, numbers, titled
from vitexplain.figures.marks import arrow
from vitexplain.figures.theme import LIGHT

# Where a label may stand about its point, best first, as (right, up), each in -1, 0, 1.
_SIDES = ((1, 0), (0, 1), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
_ACROSS = {-1: "left", 0: "center", 1: "right"}
_UP = {-1: "bottom", 0: "middle", 1: "top"}


def embedding_plane(
    embeddings: Any,
    *,
    words: Sequence[str],
    axes: tuple[str, str],
    moves: Mapping[str, Any] | None = None,
    highlight: Sequence[str] = (),
    arrows: bool = False,
    height: int = 380,
) -> go.Figure:
    """Return the words at their two numbers, one unit as long across as up.

    Words at the same place share one label.

    Args:
        embeddings: (word, 2).
        axes: what each number means.
        moves: words and where each goes, e.g. attention's output: an arrow from old to new.
        highlight: words drawn in the query's colour; a word that moves always is.
        arrows: draw each word as a vector from the origin.

    Raises ValueError for other shapes, or a word in `moves` or `highlight` that is not there.
    """
    points = as_numpy(embeddings, name="embeddings", rank=2)
    labels = names(words, len(points), name="words")
    if points.shape[1] != 2:
        raise ValueError(f"embeddings must be (word, 2) to lie on a plane, got {points.shape}")
    targets = {
        word: as_numpy(place, name=f"moves[{word!r}]", rank=1)
        for word, place in (moves or {}).items()
    }
    unknown = [word for word in (*targets, *highlight) if word not in labels]
    if unknown:
        raise ValueError(f"{unknown} are not among the words {labels}")
    chosen = {*targets, *highlight}

    groups = _coincident(points, labels)
    # goat and goat ′ at one place are one word with two journeys, and share its name.
    twins = {w: w.rstrip(" ′") for _, group in groups for w in group if w.rstrip(" ′") in group}
    called = {word: _readable(twins.get(word, word)) for word in labels}
    shown = [(place, ", ".join(dict.fromkeys(called[w] for w in group))) for place, group in groups]
    shown += [(place, f"new {called[word]}") for word, place in targets.items()]
    everything = np.vstack([points, np.zeros((1, 2)), *(t[None] for t in targets.values())])
    unit = float(max(np.ptp(everything, axis=0))) / 13 or 1.0  # about the height of a label
    lines = [(points[labels.index(word)], target) for word, target in targets.items()]
    lines += [(np.zeros(2), place) for place, _ in groups] if arrows else []
    low, high = everything.min(axis=0) - 5 * unit, everything.max(axis=0) + 5 * unit
    lines += [(low * side, high * side) for side in np.eye(2)]  # the axes through zero
    sides, boxes = _place_labels(shown, lines, unit)

    figure = frame(height)
    corners = np.vstack([everything - 0.7 * unit, everything + 0.7 * unit, *boxes])
    for axis, title, col in zip("xy", axes, corners.T, strict=True):
        figure.update_layout({f"{axis}axis": _axis(title, float(col.min()), float(col.max()))})
    figure.update_yaxes(scaleanchor="x", scaleratio=1, constrain="domain")
    figure.update_xaxes(constrain="domain")

    figure.add_scatter(
        x=[place[0] for place, _ in groups],
        y=[place[1] for place, _ in groups],
        text=[text for _, text in shown[: len(groups)]],
        mode="markers+text",
        textposition=sides[: len(groups)],
        marker={"size": 10, "color": [_colour(group, chosen) for _, group in groups]},
        textfont={"color": [_colour(group, chosen) for _, group in groups], "size": 13},
        hovertemplate="%{text} (%{x}, %{y})<extra></extra>",
        cliponaxis=False,
    )
    if arrows:
        for place, group in groups:
            _arrow(figure, np.zeros(2), place, _colour(group, chosen), width=1.5)
    for word, side in zip(targets, sides[len(groups) :], strict=True):
        target = targets[word]
        _arrow(figure, points[labels.index(word)], target, LIGHT["value"], width=2.5)
        figure.add_scatter(
            x=[target[0]],
            y=[target[1]],
            text=[f"new {called[word]}"],
            mode="markers+text",
            textposition=side,
            textfont={"color": LIGHT["value"], "size": 13},
            marker={"size": 12, "color": LIGHT["value"], "symbol": "diamond"},
            hovertemplate="%{text} (%{x:.4f}, %{y:.4f})<extra></extra>",
            cliponaxis=False,
        )
    moved = [
        f"{word} moves from {_pair(points[labels.index(word)])} to {_pair(target)}"
        for word, target in targets.items()
    ]
    rows = [[label, *map(number, point)] for label, point in zip(labels, points, strict=True)]
    rows += [[f"{word}, new", *map(number, target)] for word, target in targets.items()]
    places = ", ".join(f"{t} at {_pair(p)}" for t, p in zip(labels, points, strict=True))
    alt = f"A plane with axes {axes[0]} and {axes[1]}: {places}."
    alt += f" {'; '.join(moved)}." if moved else ""
    return finish(figure, alt=alt, header=["word", *axes], rows=rows)


def _axis(title: str, start: float, stop: float) -> dict[str, Any]:
    return {
        "title": titled(title, "muted", 8),
        "range": [start, stop],
        "showgrid": True,
        "gridcolor": LIGHT["surface"],  # faint: labels stand on it
        "zeroline": True,
        "zerolinewidth": 1.5,
        "dtick": 1 if stop - start < 12 else None,
    }


def _colour(group: Sequence[str], chosen: set[str]) -> str:
    return LIGHT["query"] if chosen & set(group) else LIGHT["ink"]


def _pair(point: np.ndarray) -> str:
    return f"({numbers(point)})"


def _coincident(points: np.ndarray, labels: list[str]) -> list[tuple[np.ndarray, list[str]]]:
    groups: dict[tuple[float, ...], list[str]] = {}
    for point, label in zip(points, labels, strict=True):
        groups.setdefault(tuple(point), []).append(label)
    return [(np.array(place), group) for place, group in groups.items()]


def _readable(word: str) -> str:
    """Return the word, in quotation marks if it is a mere comma or the like."""
    return word if any(map(str.isalnum, word)) else f"“{word}”"


def _place_labels(
    labelled: list[tuple[np.ndarray, str]], lines: list[tuple[np.ndarray, np.ndarray]], unit: float
) -> tuple[list[str], list[np.ndarray]]:
    """Return each label's side, the first that covers no point, arrow or earlier label; its box."""
    marks = [place for place, _ in labelled]
    marks += [start + t * (stop - start) for start, stop in lines for t in np.linspace(0, 1, 40)]
    dots = [np.array([mark - unit / 4, mark + unit / 4]) for mark in marks]
    sides: list[str] = []
    boxes: list[np.ndarray] = []
    for place, text in labelled:
        options = [(_box(place, text, side, unit), side) for side in _SIDES]
        costs = [sum(_overlap(box, other) for other in dots + boxes) for box, _ in options]
        box, side = options[int(np.argmin(costs))]
        boxes.append(box)
        sides.append(f"{_UP[side[1]]} {_ACROSS[side[0]]}")
    return sides, boxes


def _box(place: np.ndarray, text: str, side: tuple[int, int], unit: float) -> np.ndarray:
    size = np.array([0.62 * unit * len(text), 1.1 * unit])
    centre = place + np.array(side) * (size / 2 + 0.45 * unit)
    return np.array([centre - size / 2, centre + size / 2])


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    sides = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    return float(np.prod(np.maximum(sides, 0)))


def _arrow(
    figure: go.Figure, start: np.ndarray, stop: np.ndarray, colour: str, *, width: float
) -> None:
    if not np.allclose(start, stop):
        ends = (float(start[0]), float(start[1])), (float(stop[0]), float(stop[1]))
        figure.add_annotation(arrow(*ends, colour, width, arrowsize=1, standoff=5))
