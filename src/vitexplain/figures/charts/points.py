"""Dots: one for each head of each layer, and one for each model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import fmean
from typing import Any

import plotly.graph_objects as go

from vitexplain.figures.base import finish
from vitexplain.figures.charts.looks import FAMILIES, key, look
from vitexplain.figures.charts.scales import (
    Reference,
    axis,
    capital,
    chart,
    explained,
    extent,
    mark_references,
    references_in,
    tabulated,
    written,
)
from vitexplain.figures.theme import LIGHT


def dots(
    values: Mapping[str, Sequence[Any]] | Sequence[Any],
    *,
    y: str,
    x: str = "layer",
    each: str = "head",
    reference: Reference | Sequence[Reference] | None = None,
    families: Mapping[str, str] | None = None,
    height: int = 340,
) -> go.Figure:
    """Return one dot for each head of each layer, layers across.

    Args:
        values: for each layer, one number for each of its heads; or several such sets by name
            ("before training", "after training"), drawn side by side.
        y: what the numbers are, with the unit.
        reference: values to compare with, such as that of uniform attention.
        families: the family or role of a set, for its colour.

    Raises ValueError if there is nothing to draw, a layer has no heads, or a number is not finite.
    """
    sets: Mapping[str, Sequence[Any]] = values if isinstance(values, Mapping) else {"": values}
    layers = {name: [[float(v) for v in layer] for layer in given] for name, given in sets.items()}
    if not layers or not all(layers.values()) or not all(all(given) for given in layers.values()):
        raise ValueError("dots needs at least one layer, each with at least one head")
    depth = max(map(len, layers.values()))
    references = references_in(reference)
    everything = [v for given in layers.values() for layer in given for v in layer]
    limits = extent([*everything, *(one.value for one in references), 0.0], log=False)
    looks = {name: look((families or {}).get(name, ""), order=i) for i, name in enumerate(layers)}
    legend = key(list(looks.items())) if len(layers) > 1 else []
    figure = chart(height, x=x, y=y, key=legend)
    span = (-0.6, depth - 0.4)
    figure.update_xaxes(axis(span, log=False, at=range(0, depth, -(-depth // 14)), letter=0))
    figure.update_yaxes(axis(limits, log=False))
    mark_references(figure, references, log=False)
    width = 0.5 / len(layers)
    for i, (name, given) in enumerate(layers.items()):
        offset = (i - (len(layers) - 1) / 2) * width
        marks = [(layer, head, v) for layer, row in enumerate(given) for head, v in enumerate(row)]
        figure.add_scatter(
            x=[layer + offset for layer, _, _ in marks], y=[v for _, _, v in marks], mode="markers",
            name=name or y,
            marker=looks[name].marks(
                8, opacity=0.75, line={"color": LIGHT["paper"], "width": 0.5}
            ),
            customdata=[[f"{name}<br>" if name else "", layer, head, written(v)]
                        for layer, head, v in marks],
            hovertemplate=f"%{{customdata[0]}}{x} %{{customdata[1]}}, {each} %{{customdata[2]}}"
            ": %{customdata[3]}<extra></extra>",
        )  # fmt: skip
    rows = [(name, i, row) for name, given in layers.items() for i, row in enumerate(given)]
    columns: list[tuple[str, list[Any]]] = [(x, [i for _, i, _ in rows])]
    if len(layers) > 1:
        columns.insert(0, ("set", [name for name, _, _ in rows]))
    heads = zip_longest(*(row for _, _, row in rows))
    columns += [(f"{each} {i}", list(head)) for i, head in enumerate(heads)]
    alt = _dots_alt(layers, references, x=x, y=y, each=each)
    return finish(figure, alt=alt, **tabulated(columns))


def _dots_alt(
    layers: Mapping[str, list[list[float]]],
    references: Sequence[Reference],
    *,
    x: str,
    y: str,
    each: str,
) -> str:
    said = []
    for name, given in layers.items():
        first, last = fmean(given[0]), fmean(given[-1])
        low = min(v for row in given for v in row)
        high = max(v for row in given for v in row)
        text = f"from {written(low)} to {written(high)}"
        if len(given) > 1:
            text += f", mean {written(first)} in the first {x} and {written(last)} in the last"
        said.append(f"{name} {text}" if name else text)
    text = f"{capital(y)}, one dot for each {each} of each {x}: {'; '.join(said)}."
    return text + explained(references)


@dataclass(frozen=True)
class Point:
    """One model: where it is, its family, and what the reader should know of it (`note`)."""

    name: str
    x: float
    y: float
    family: str = ""
    note: str = ""


def scatter(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    log_x: bool = False,
    joined: bool = False,
    label: Mapping[str, str] | None = None,
    note_title: str = "note",
    height: int = 380,
) -> go.Figure:
    """Return one marker for each model in the look of its family, such as accuracy against cost.

    Args:
        x: what the x axis shows, with the unit.
        y: what the y axis shows, with the unit.
        joined: join the points of a family by a thin line, in the order of x.
        label: the points that bear their name in the figure, each with the side ("top left");
            the others show theirs under the mouse.
        note_title: the header of the notes in the table.

    Raises ValueError for no points, an unknown label, numbers that are not finite, or not
    positive on a logarithmic axis.
    """
    if not points:
        raise ValueError("scatter needs at least one point")
    label = label or {}
    unknown = [name for name in label if name not in [point.name for point in points]]
    if unknown:
        raise ValueError(f"there are no points {unknown} to label")
    sets = list(dict.fromkeys(point.family for point in points))
    sets.sort(key=lambda one: [*FAMILIES, one].index(one))
    looks = {one: look(one, order=i) for i, one in enumerate(sets)}
    families = [(family, looks[family]) for family in sets if family]
    figure = chart(height, x=x, y=y, key=key(families) if len(families) > 1 else [])
    across = extent([point.x for point in points], log=log_x)
    figure.update_xaxes(axis(across, log=log_x) | {"showgrid": True})
    up = extent([point.y for point in points], log=False)
    figure.update_yaxes(axis(up, log=False))
    mark_references(figure, (), log=False)
    for one in sets:
        inside = [point for point in points if point.family == one]
        inside.sort(key=lambda point: point.x)
        colour = looks[one].colour
        figure.add_scatter(
            x=[point.x for point in inside], y=[point.y for point in inside],
            name=one or "points",
            mode="lines+markers+text" if joined else "markers+text",
            line={"color": colour, "width": 1, "dash": looks[one].dash},
            marker=looks[one].marks(10),
            text=[point.name if point.name in label else "" for point in inside],
            textposition=[label.get(point.name, "top center") for point in inside],
            textfont={"color": colour, "size": 12}, cliponaxis=False,
            customdata=[[point.name, written(point.x), written(point.y),
                         f"<br>{point.note}" if point.note else ""] for point in inside],
            hovertemplate=f"%{{customdata[0]}}<br>{x}: %{{customdata[1]}}<br>"
            f"{y}: %{{customdata[2]}}%{{customdata[3]}}<extra></extra>",
        )  # fmt: skip
    best = max(points, key=lambda point: point.y)
    alt = f"{capital(y)} against {x}, {len(points)} points"
    if len(families) > 1:
        tops = [max((p for p in points if p.family == name), key=lambda p: p.y)
                for name, _ in families]  # fmt: skip
        alt += ". The highest of each family: " + "; ".join(
            f"{p.family} {p.name}, {written(p.y)} at {written(p.x)}" for p in tops
        )
    else:
        alt += f". The highest is {best.name}, {written(best.y)} at {written(best.x)}"
    columns = [
        ("name", [p.name for p in points]), ("family", [p.family for p in points]),
        (x, [p.x for p in points]), (y, [p.y for p in points]),
        (note_title, [p.note for p in points]),
    ]  # fmt: skip
    return finish(figure, alt=f"{alt}.", **tabulated(columns))
