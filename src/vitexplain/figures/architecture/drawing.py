"""Networks one below the other: each part a box, as tall as its map, as wide as its channels."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import log2, sqrt
from typing import Any

import plotly.graph_objects as go

from vitexplain.figures.architecture.parts import KINDS, Part
from vitexplain.figures.base import LINE, blank_axis, finish, font, frame, heading, note
from vitexplain.figures.charts.looks import key
from vitexplain.figures.marks import box, labels, segment
from vitexplain.figures.theme import LIGHT

_TALL = 76  # pixels, the tallest box
_TITLE, _LABELS, _SPACE = 24, 32, 12  # pixels above the boxes, below them, between networks
_GAP = 0.9  # between boxes; a box is as wide as the log2 of its channels
_ENDS = {"image": 5.0, "readout": 4.0}  # widths of boxes that are no feature maps


def architectures(
    models: Mapping[str, Sequence[Part]], *, notes: Mapping[str, str] | None = None
) -> go.Figure:
    """Return the networks one below the other, image on the left, logits on the right.

    A box is one part: its colour says what its blocks do, "×" how many they are. Its height is
    the logarithm of the side of its grid, its width that of its channels, on the same scales in
    all networks; both numbers stand below it.

    Args:
        models: the parts of each network, by its name: `stages_of(config)`.
        notes: a few words beside the name of a network, such as its size.

    Raises:
        ValueError: there is no network, one without parts, or a note on one that is not there.
    """
    if not models or not all(models.values()):
        raise ValueError("architectures needs at least one network, each with parts")
    notes = notes or {}
    unknown = [name for name in notes if name not in models]
    if unknown:
        raise ValueError(f"there are no networks {unknown} to note anything of")
    used = [kind for kind in KINDS if any(kind in p.kinds for ps in models.values() for p in ps)]
    legend = key([(kind, KINDS[kind]) for kind in used if kind not in _ENDS])
    pitch = _TITLE + _TALL + _LABELS + _SPACE
    height = pitch * len(models)
    top = 8 + LINE * len(legend)
    widest = max(sum(map(_width, parts)) + _GAP * (len(parts) - 1) for parts in models.values())
    tallest = max(_side(part) for parts in models.values() for part in parts)

    texts = heading(legend, top)
    shapes: list[dict[str, Any]] = []
    figure = frame(top + height)
    for row, (name, parts) in enumerate(models.items()):
        title = f"<b>{name}</b>" + (f"  {notes[name]}" if name in notes else "")
        texts.append(note(0, row * pitch + 4, title, xanchor="left", yanchor="top", font=font()))
        middle = row * pitch + _TITLE + _TALL / 2
        shapes += _boxes(parts, middle=middle, tallest=tallest)
        texts += _labels(parts, middle=middle)
        _hover(figure, name, parts, middle=middle)
    figure.update_layout(  # all at once: one by one takes time that grows as their square
        shapes=shapes,
        annotations=texts,
        margin={"l": 4, "r": 4, "t": top, "b": 0},
        xaxis=blank_axis(range=[0, widest]),
        yaxis=blank_axis(range=[height, 0]),
    )

    header = ["network", "part", "what it does", "rows × columns", "channels", "blocks", "note"]
    rows = [
        [name, p.name, " + ".join(p.kinds), f"{p.grid[0]} × {p.grid[1]}", p.dim, p.blocks, p.note]
        for name, parts in models.items()
        for p in parts
    ]
    return finish(figure, alt=_alt(models), header=header, rows=rows)


def _side(part: Part) -> float:
    return sqrt(part.grid[0] * part.grid[1])


def _width(part: Part) -> float:
    return _ENDS.get(part.kinds[0], max(3.0, log2(part.dim)))


def _lefts(parts: Sequence[Part]) -> list[float]:
    """Return where each box begins."""
    steps = [_width(part) + _GAP for part in parts[:-1]]
    return list(accumulate(steps, initial=0.0))


def _boxes(parts: Sequence[Part], *, middle: float, tallest: float) -> list[dict[str, Any]]:
    """Return the boxes, in as many stripes as their blocks do things, and what joins them."""
    shapes = []
    for left, part in zip(_lefts(parts), parts, strict=True):
        if left:
            line = {"color": LIGHT["muted"], "width": 1}
            shapes.append(segment((left - _GAP, middle), (left, middle), line=line))
        tall = max(16.0, _TALL * log2(_side(part)) / log2(max(tallest, 2)))
        stripe = tall / len(part.kinds)
        for i, kind in enumerate(part.kinds):
            top = middle - tall / 2 + i * stripe
            fill: dict[str, Any] = {"fillcolor": KINDS[kind].colour, "layer": "below"}
            shapes.append(box((left, top), (left + _width(part), top + stripe), **fill))
    return shapes


def _labels(parts: Sequence[Part], *, middle: float) -> list[dict[str, Any]]:
    """Return how many blocks a box has, in it, and its map's size, below it."""
    texts = []
    for left, part in zip(_lefts(parts), parts, strict=True):
        centre = left + _width(part) / 2
        if part.kinds[0] not in (*_ENDS, "patches"):
            inside = f"<b>×{part.blocks}</b>"
            texts.append(note(centre, middle, inside, font=font("paper", 12)))
        rows, cols = part.grid
        grid = f"{rows}²" if rows == cols else f"{rows}×{cols}"
        label = f"{'' if part.kinds[0] == 'readout' else grid}<br>{part.dim}"
        below = middle + _TALL / 2 + 2
        texts.append(note(centre, below, label, yanchor="top", font=font("muted", 11)))
    return texts


def _hover(figure: go.Figure, name: str, parts: Sequence[Part], *, middle: float) -> None:
    lefts = zip(_lefts(parts), parts, strict=True)
    labels(
        figure, [(left + _width(part) / 2, middle) for left, part in lefts],
        [[p.name, " + ".join(p.kinds), f"{p.grid[0]} × {p.grid[1]}", p.dim, p.blocks,
          f"<br>{p.note}" if p.note else ""] for p in parts],
        f"{name}, %{{customdata[0]}}: %{{customdata[1]}}<br>%{{customdata[2]}} places"
        " of %{customdata[3]}, × %{customdata[4]}%{customdata[5]}",
        name=name,
    )  # fmt: skip


def _alt(models: Mapping[str, Sequence[Part]]) -> str:
    said = []
    for name, parts in models.items():
        groups: dict[tuple[str, ...], list[Part]] = {}
        for part in parts:
            if part.kinds[0] not in (*_ENDS, "patches") and part.name != "stem":
                groups.setdefault(part.kinds, []).append(part)
        stems = [
            f"{p.blocks} of {p.kinds[0]} in the stem"
            for p in parts
            if p.name == "stem" and p.blocks > 1
        ]
        blocks = [
            f"{sum(p.blocks for p in group)} of {' + '.join(kinds)} on {_grids(group)}"
            for kinds, group in groups.items()
        ]
        text = ", ".join(stems + blocks)
        said.append(f"{name}: {text}")
    return (
        f"Blocks of {'; '.join(said)}. A box is taller with more places, wider with more channels, "
        "both on a logarithmic scale."
    )


def _grids(parts: Sequence[Part]) -> str:
    grids = list(dict.fromkeys(f"{p.grid[0]} × {p.grid[1]}" for p in parts))
    return grids[0] if len(grids) == 1 else f"{grids[0]} to {grids[-1]}"
