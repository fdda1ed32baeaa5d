"""Where a unit looks: effective receptive fields side by side, and weights that stay or change."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import as_numpy, blank_axis, finish, frame, note, require_index
from vitexplain.figures.pictures import channels_last, data_uri
from vitexplain.figures.theme import LIGHT, colour_scale

CELLS = 56  # at most, along a side of a panel
SQUARES = (0.25, 0.5, 0.75)  # sides of the table's squares, as shares of the image's
_PANEL, _HEAD, _GAP = 190, 42, 0.03  # pixels, pixels, share of the width


@dataclass(frozen=True)
class Field:
    """An effective field to draw: its name, the map, the theoretical field, and a line below."""

    name: str
    shares: Any  # (row, col), not negative: pixels of the image
    theory: int | None = None  # side in pixels; None where every pixel can matter
    centre: tuple[float, float] | None = None  # (row, col) of the unit in pixels; None: the middle
    caption: str = ""


def effective_fields(fields: Sequence[Field], *, image: Any = None) -> go.Figure:
    """Return the fields side by side, with the theoretical field as a dashed square in each.

    Colour is the square root of a cell's share, relative to the panel's largest: tails show.
    The table gives the share inside squares around the unit, with sides of a quarter, a half
    and three quarters of the image's.

    Args:
        image: the picture that the fields were measured on, drawn first.

    Raises ValueError for no field, a field with negative entries or of zeros, or other sizes.
    """
    maps = [as_numpy(field.shares, name=field.name, rank=2) for field in fields]
    if not maps or any(shares.shape != maps[0].shape for shares in maps):
        raise ValueError("effective_fields needs fields of one size, at least one")
    if any(shares.min() < 0 or not shares.sum() > 0 for shares in maps):
        raise ValueError("a field must have no negative entries and not be all 0")
    maps = [shares / shares.sum() for shares in maps]
    size = maps[0].shape
    centres = [field.centre or (size[0] / 2, size[1] / 2) for field in fields]
    panels = Panels(len(maps) + (image is not None))
    if image is not None:
        panels.picture(image, "the image")
    for field, shares, centre in zip(fields, maps, centres, strict=True):
        coarse = coarsened(shares)
        levels = np.round(255 * np.sqrt(coarse / coarse.max())).astype(np.uint8)
        cell = size[0] // coarse.shape[0]
        panels.heatmap(levels, field.name, field.caption, cell=cell, most=255)
        if field.theory is not None:
            panels.square(centre, field.theory, size)
    squares = [round(share * min(size)) for share in SQUARES]
    within = [
        [inside(shares, centre, side) for side in squares]
        for shares, centre in zip(maps, centres, strict=True)
    ]
    theories = ["all" if field.theory is None else field.theory for field in fields]
    said = [
        f"{field.name}: {f'{theory} px' if field.theory else 'every pixel'} in theory, "
        f"{shares[1]:.0%} of the gradient within {squares[1]} px"
        + (f", {field.caption}" if field.caption else "")
        for field, theory, shares in zip(fields, theories, within, strict=True)
    ]
    return finish(
        panels.figure,
        alt=f"How much each pixel moves one unit of the last feature map. {'; '.join(said)}.",
        header=["model", "theoretical side, px", *(f"share in {side}²" for side in squares)],
        rows=[
            [field.name, theory, *(f"{share:.3f}" for share in shares)]
            for field, theory, shares in zip(fields, theories, within, strict=True)
        ],
    )


def static_and_dynamic_weights(
    static: Any, dynamic: Any, images: Any, *, names: Sequence[str], query: int
) -> go.Figure:
    """Return, a row for each image: the image, a kernel's weights, and one row of attention.

    Args:
        static: (image, row, col), all of a small kernel, as measured on each image.
        dynamic: (image, row, col), one patch's weights on its grid of patches.
        images: (image, row, col, 3) or (image, 3, row, col), in [0, 1].
        names: what to call each image.
        query: the patch whose weights they are, outlined.

    Raises ValueError if there is not one of each for each image, IndexError for no such patch.
    """
    kernels, rows = (
        as_numpy(x, name=name, rank=3) for x, name in ((static, "static"), (dynamic, "dynamic"))
    )
    pixels = [channels_last(image) for image in images]
    if not len(kernels) == len(rows) == len(pixels) == len(names) or not len(names):
        raise ValueError("there must be one kernel, one row of weights and one name an image")
    require_index(query, rows[0].size, name="query")
    panels = Panels(3 * len(names), columns=3)
    at = divmod(query, rows.shape[2])
    for i, name in enumerate(names):
        grid = rows[i].shape
        panels.picture(pixels[i], name, f"patch {query}")
        size = pixels[i].shape[0] / grid[0], pixels[i].shape[1] / grid[1]
        panels.outline(at, size)
        for x, title, caption in (
            (kernels, "convolution", "its kernel"),
            (rows, "attention", "its weights"),
        ):
            shown, most = np.abs(x[i]), float(np.abs(x).max())
            panels.heatmap(shown, title, caption, most=most, numbers=x[i])
            if x.shape[1:] == rows.shape[1:]:
                panels.outline(at, (1, 1))
    change = [float((x.max(axis=0) - x.min(axis=0)).max()) for x in (kernels, rows)]
    width = max(kernels.shape[2], rows.shape[2])
    table = [
        [name, kind, row, *(f"{value:.4f}" for value in line), *[""] * (width - len(line))]
        for i, name in enumerate(names)
        for kind, x in (("convolution", kernels[i]), ("attention", rows[i]))
        for row, line in enumerate(x)
    ]
    return finish(
        panels.figure,
        alt=f"With what weights patch {query} takes in its surroundings, on {' and '.join(names)}. "
        f"The convolution's differ by {change[0]:.4f}, the attention weights by up to "
        f"{change[1]:.4f}.",
        header=["image", "weights", "row", *(f"column {j}" for j in range(width))],
        rows=table,
    )


def inside(shares: np.ndarray, centre: tuple[float, float], side: float) -> float:
    """Return what share of a field lies in a square around the centre (row, col), in pixels."""
    place = np.indices(shares.shape) + 0.5
    near = np.maximum(abs(place[0] - centre[0]), abs(place[1] - centre[1])) <= side / 2
    return float(shares[near].sum() / shares.sum())


def coarsened(shares: np.ndarray) -> np.ndarray:
    """Return the sums over equal squares of pixels, at most `CELLS` along a side."""
    (rows, cols), common = shares.shape, gcd(*shares.shape)
    divisors = (n for n in range(1, common + 1) if common % n == 0)
    factor = next((n for n in divisors if max(rows, cols) <= CELLS * n), common)
    return shares.reshape(rows // factor, factor, cols // factor, factor).sum(axis=(1, 3))


class Panels:
    """Square panels in rows, each with a title above it, filled from the top left."""

    def __init__(self, count: int, *, columns: int | None = None, side: int = _PANEL) -> None:
        self.pitch = side + _HEAD  # pixels
        self.columns = columns or (count if count <= 3 else 2 if count == 4 else 3)
        self.rows = -(-count // self.columns)
        self.count = 0
        self.figure: Any = frame(self.rows * self.pitch)
        self.figure.update_layout(margin={"l": 4, "r": 4, "t": 0, "b": 0})

    def _next(self, title: str, caption: str, shape: tuple[int, ...]) -> dict[str, str]:
        """Lay out the next panel for a picture of this shape, and return its axes' names."""
        row, col = divmod(self.count, self.columns)
        self.count += 1
        name = str(self.count) if self.count > 1 else ""
        width = (1 - _GAP * (self.columns - 1)) / self.columns
        left, top = col * (width + _GAP), 1 - row / self.rows
        head = _HEAD / (self.rows * self.pitch)
        self.figure.update_layout(
            {
                f"xaxis{name}": blank_axis(
                    domain=[left, left + width], anchor=f"y{name}", constrain="domain",
                    constraintoward="center", range=[0, shape[1]],
                ),
                f"yaxis{name}": blank_axis(
                    domain=[top - 1 / self.rows, top - head], anchor=f"x{name}",
                    constrain="domain", constraintoward="top", range=[shape[0], 0],
                    scaleanchor=f"x{name}",
                ),
            }
        )  # fmt: skip
        text = f"<b>{title}</b>" + (f"<br>{caption}" if caption else "")
        self.figure.add_annotation(
            note(left + width / 2, top - head, text, xref="paper", yref="paper",
                 xanchor="center", yanchor="bottom", yshift=2,
                 font={"size": 12, "color": LIGHT["ink"]})
        )  # fmt: skip
        return {"xaxis": f"x{name}", "yaxis": f"y{name}"}

    @property
    def _last(self) -> dict[str, str]:
        name = str(self.count) if self.count > 1 else ""
        return {"xref": f"x{name}", "yref": f"y{name}"}

    def picture(self, image: Any, title: str, caption: str = "") -> None:
        """Draw a picture, its pixels as units."""
        pixels = channels_last(image)
        axes = self._next(title, caption, pixels.shape)
        self.figure.add_image(
            source=data_uri(pixels), x0=0.5, y0=0.5, dx=1, dy=1, hoverinfo="skip", **axes
        )

    def heatmap(
        self,
        shown: np.ndarray,
        title: str,
        caption: str,
        *,
        most: float,
        cell: int = 1,
        numbers: np.ndarray | None = None,
    ) -> None:
        """Draw values from 0 to `most` as colours, each cell so many units wide and high."""
        rows, cols = shown.shape
        axes = self._next(title, caption, (rows * cell, cols * cell))
        self.figure.add_heatmap(
            z=shown, x0=cell / 2, y0=cell / 2, dx=cell, dy=cell, zmin=0, zmax=most,
            colorscale=colour_scale(), showscale=False, hoverinfo="skip", **axes,
        )  # fmt: skip
        if numbers is None:
            return
        for (i, j), value in np.ndenumerate(numbers):
            colour = LIGHT["paper" if shown[i, j] > 0.56 * most else "ink"]
            text = f"{abs(value):.2f}".lstrip("0")  # short, for a phone
            text = f"−{text}" if value <= -0.005 else text
            self.figure.add_annotation(
                note(cell * (j + 0.5), cell * (i + 0.5), text, xref=axes["xaxis"],
                     yref=axes["yaxis"], font={"size": 10, "color": colour})
            )  # fmt: skip

    def square(self, centre: tuple[float, float], side: float, size: tuple[int, int]) -> None:
        """Draw a dashed square around the centre (row, col), cut off where the image ends."""
        (y0, y1), (x0, x1) = (
            (max(0, middle - side / 2), min(end, middle + side / 2))
            for middle, end in zip(centre, size, strict=True)
        )
        self.figure.add_shape(
            type="rect", x0=x0, x1=x1, y0=y0, y1=y1, **self._last,
            line={"color": LIGHT["ink"], "width": 2, "dash": "dash"},
        )  # fmt: skip

    def outline(self, at: tuple[int, int], size: tuple[float, float]) -> None:
        """Outline cell (row, col) of a grid with cells of this size."""
        (row, col), (height, width) = at, size
        line = {"color": LIGHT["query"], "width": 3}
        self.rectangle((row * height, col * width), (height, width), line)

    def rectangle(
        self, corner: tuple[float, float], size: tuple[float, float], line: dict[str, Any]
    ) -> None:
        """Draw a rectangle from a corner (row, col) with that many rows and columns."""
        (top, left), (height, width) = corner, size
        self.figure.add_shape(
            type="rect", x0=left, x1=left + width, y0=top, y1=top + height, **self._last, line=line
        )

    def dot(self, row: float, col: float) -> None:
        """Draw a dot that shows on every colour."""
        axes = {"xaxis": self._last["xref"], "yaxis": self._last["yref"]}
        self.figure.add_scatter(
            x=[col], y=[row], mode="markers", hoverinfo="skip", cliponaxis=False,
            marker={"color": LIGHT["ink"], "size": 7, "opacity": 1,
                    "line": {"color": LIGHT["paper"], "width": 1.5}},
            **axes,
        )  # fmt: skip
