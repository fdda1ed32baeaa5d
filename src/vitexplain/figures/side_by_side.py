"""Maps of one image side by side: what each calls important, and where the answer is."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vitexplain.figures.base import as_numpy, finish, wrapped
from vitexplain.figures.panels import Panels
from vitexplain.figures.pictures import channels_last


def maps_side_by_side(
    maps: Mapping[str, Any], *, image: Any, inside: Any = None, called: str = "the box"
) -> Any:
    """Return the image and a panel for each map, a dot on the largest patch of each.

    Colour runs from 0 to each map's own largest value; what is negative has the colour of 0.

    Args:
        maps: for each name, (row, col), one number a patch, one positive at least.
        image: (row, col, 3) or (3, row, col), in [0, 1].
        inside: (row, col), true on the patches of a rectangle to outline, if there is one; or
            one such mask for each map by its name.
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
    masks = inside if isinstance(inside, Mapping) else dict.fromkeys(values, inside)
    masks = {name: np.asarray(mask) for name, mask in masks.items() if mask is not None}
    boxes = {name: _box(mask, grid) for name, mask in masks.items()}
    pixels = channels_last(image)
    panels = Panels(len(values) + 1, columns=3, side=124)
    panels.picture(pixels, "the image")
    for box in set(boxes.values()):
        panels.outline(box, (pixels.shape[0] / grid[0], pixels.shape[1] / grid[1]))
    rows, hits, misses = [], [], []
    for name, one in values.items():
        panels.heatmap(np.maximum(one, 0), wrapped(name), "", most=float(one.max()))
        row, col = (int(i) for i in np.unravel_index(int(one.argmax()), grid))
        panels.dot(row + 0.5, col + 0.5)
        cells: list[object] = [name, f"row {row}, column {col}"]
        if name in boxes:
            panels.outline(boxes[name])
            mask, positive = masks[name], np.maximum(one, 0)
            (hits if mask[row, col] else misses).append(name)
            cells += ["yes" if mask[row, col] else "no"]
            cells += [f"{positive[mask].sum() / positive.sum():.3f}"]
        rows.append(cells)
    alt = f"{len(values)} maps of one image on a grid of {grid[0]} by {grid[1]} patches."
    for names, where in ((hits, "inside"), (misses, "outside")):
        if names:
            alt += f" The largest value lies {where} {called} in: {', '.join(names)}."
    if not boxes:
        alt += f" The largest value: {'; '.join(f'{row[0]}, {row[1]}' for row in rows)}."
    header = ["map", "largest at"]
    header += [f"inside {called}", f"share of the map in {called}"] if boxes else []
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
