"""Square pictures and small maps side by side, each with its title above it."""

from typing import Any

import numpy as np

from vitexplain.figures.base import blank_axis, font, frame, note, over
from vitexplain.figures.marks import Place, box, heat, ink_on
from vitexplain.figures.pictures import channels_last
from vitexplain.figures.theme import LIGHT
from vitexplain.moved import tell
from vitexplain.pixels import png_uri

_PANEL, _HEAD, _GAP = 190, 42, 0.03  # pixels, pixels, share of the width


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
        width = (1 - _GAP * (self.columns - 1)) / self.columns
        left, top = col * (width + _GAP), 1 - row / self.rows
        head = _HEAD / (self.rows * self.pitch)
        x, y = self._axes
        across = blank_axis(
            domain=[left, left + width], anchor=y, constrain="domain", constraintoward="center",
            range=[0, shape[1]],
        )  # fmt: skip
        down = blank_axis(
            domain=[top - 1 / self.rows, top - head], anchor=x, constrain="domain",
            constraintoward="top", range=[shape[0], 0], scaleanchor=x,
        )  # fmt: skip
        self.figure.update_layout({f"xaxis{x[1:]}": across, f"yaxis{y[1:]}": down})
        text = f"<b>{title}</b>" + (f"<br>{caption}" if caption else "")
        self.figure.add_annotation(
            over(left + width / 2, top - head, text, xanchor="center", yanchor="bottom", yshift=2,
                 font=font(size=12))
        )  # fmt: skip
        return {"xaxis": x, "yaxis": y}

    @property
    def _axes(self) -> tuple[str, str]:
        """The names of the last panel's axes."""
        name = str(self.count) if self.count > 1 else ""
        return f"x{name}", f"y{name}"

    def _shape(self, corner: Place, opposite: Place, **look: Any) -> None:
        """Draw a rectangle in the last panel, from corner to corner (x, y)."""
        x, y = self._axes
        self.figure.add_shape(box(corner, opposite, xref=x, yref=y, **look))

    def picture(self, image: Any, title: str, caption: str = "") -> None:
        """Draw a picture, its pixels as units."""
        pixels = channels_last(image)
        axes = self._next(title, caption, pixels.shape)
        self.figure.add_image(
            source=png_uri(pixels), x0=0.5, y0=0.5, dx=1, dy=1, hoverinfo="skip", **axes
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
        place: dict[str, Any] = {"x0": cell / 2, "y0": cell / 2, "dx": cell, "dy": cell, **axes}
        heat(self.figure, shown, high=most, **place)
        for (i, j), value in np.ndenumerate([] if numbers is None else numbers):
            colour = ink_on(float(shown[i, j]), most)
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
        dashed = {"color": LIGHT["ink"], "width": 2, "dash": "dash"}
        self._shape((x0, y0), (x1, y1), line=dashed)

    def outline(
        self,
        place: tuple[int, int, int, int],
        unit: tuple[float, float] = (1, 1),
        width: float = 2,
    ) -> None:
        """Outline first row, first column, rows and columns of cells of this size."""
        top, left, rows, cols = place
        (height, across), end = unit, (left + cols, top + rows)
        corners = (left * across, top * height), (end[0] * across, end[1] * height)
        self._shape(*corners, colour="query", width=width)

    def dot(self, row: float, col: float) -> None:
        """Draw a dot that shows on every colour."""
        x, y = self._axes
        edge = {"color": LIGHT["paper"], "width": 1.5}
        self.figure.add_scatter(
            x=[col], y=[row], mode="markers", hoverinfo="skip", cliponaxis=False, xaxis=x, yaxis=y,
            marker={"color": LIGHT["ink"], "size": 7, "opacity": 1, "line": edge},
        )  # fmt: skip


tell(globals())
