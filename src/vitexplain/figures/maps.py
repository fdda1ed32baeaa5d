"""Maps of one image side by side: what each calls important, and where the answer is."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vitexplain.figures.base import as_numpy, finish
from vitexplain.figures.fields import Panels
from vitexplain.figures.panels import wrapped
from vitexplain.figures.pictures import channels_last
from vitexplain.figures.theme import LIGHT


def maps_side_by_side(
    maps: Mapping[str, Any], *, image: Any, inside: Any = None, called: str = "the box"
) -> Any:
    """Return the image and a panel for each map, a dot on the largest patch of each.

    Colour runs from 0 to each map's own largest value; what is negative has the colour of 0.

    Args:
        maps: for each name, (row, col), one number a patch, one positive at least.
        image: (row, col, 3) or (3, row, col), in [0, 1].
        inside: (row, col), true on the patches of a rectangle to outline, if there is one.
        called: what is inside.

    Raises ValueError for no map, maps of different sizes or without a positive number, or an
    `inside` that is no rectangle of the grid.
    """
    values = {name: as_numpy(one, name=name, rank=2) for name, one in maps.items()}
    shapes = {one.shape for one in values.values()}
    if len(shapes) != 1:
        raise ValueError(f"maps_side_by_side needs maps of one size, got {sorted(shapes)}")
    if any(one.max() <= 0 for one in values.values()):
        raise ValueError("each map must have a positive number")
    (grid,) = shapes
    box = None if inside is None else _box(np.asarray(inside), grid)
    pixels = channels_last(image)
    panels = Panels(len(values) + 1, columns=3, side=124)
    panels.picture(pixels, "the image")
    if box:
        scale = pixels.shape[0] / grid[0], pixels.shape[1] / grid[1]
        _outline(panels, box, scale)
    rows, said = [], []
    for name, one in values.items():
        panels.heatmap(np.maximum(one, 0), wrapped(name), "", most=float(one.max()))
        if box:
            _outline(panels, box, (1, 1))
        place = np.unravel_index(int(one.argmax()), grid)
        row, col = int(place[0]), int(place[1])
        panels.dot(row + 0.5, col + 0.5)
        cells: list[object] = [name, f"row {row}, column {col}"]
        if box:
            hit = bool(np.asarray(inside)[row, col])
            share = np.maximum(one, 0)[np.asarray(inside)].sum() / np.maximum(one, 0).sum()
            cells += ["yes" if hit else "no", f"{share:.3f}"]
            said.append((hit, name))
        rows.append(cells)
    alt = f"{len(values)} maps of one image on a grid of {grid[0]} by {grid[1]} patches."
    for hit, where in ((True, "inside"), (False, "outside")):
        names = [name for found, name in said if found is hit]
        if names:
            alt += f" The largest value lies {where} {called} in: {', '.join(names)}."
    header = ["map", "largest at"]
    header += [f"inside {called}", f"share of the map in {called}"] if box else []
    return finish(panels.figure, alt=alt, header=header, rows=rows)


def _box(inside: np.ndarray, grid: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return first row, first column, rows and columns of a rectangle of patches."""
    if inside.shape != grid or not inside.any():
        raise ValueError(f"inside must be {grid} with a true patch, got {inside.shape}")
    row, col = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    top, left, height, width = row[0], col[0], np.ptp(row) + 1, np.ptp(col) + 1
    if inside.sum() != height * width:
        raise ValueError("inside must be a rectangle of patches")
    return int(top), int(left), int(height), int(width)


def _outline(panels: Panels, box: tuple[int, int, int, int], scale: tuple[float, float]) -> None:
    """Outline the box in the last panel, whose units are `scale` to a patch."""
    top, left, height, width = box
    panels.rectangle(
        (top * scale[0], left * scale[1]), (height * scale[0], width * scale[1]),
        {"color": LIGHT["query"], "width": 2},
    )  # fmt: skip
