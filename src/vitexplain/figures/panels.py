"""Square pictures and small maps side by side, each with its title above it."""

from typing import Any

import numpy as np

from vitexplain.figures.base import blank_axis, frame, note
from vitexplain.figures.marks import box, heat, ink_on
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
    def _last(self) -> dict[str, Any]:
        name = str(self.count) if self.count > 1 else ""
        return {"xref": f"x{name}", "yref": f"y{name}"}

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
        self.figure.add_shape(box((x0, y0), (x1, y1), line=dashed, **self._last))

    def outline(self, at: tuple[int, int], size: tuple[float, float]) -> None:
        """Outline cell (row, col) of a grid with cells of this size."""
        (row, col), (height, width) = at, size
        self.rectangle((row * height, col * width), (height, width), 3)

    def rectangle(
        self, corner: tuple[float, float], size: tuple[float, float], line: float = 2
    ) -> None:
        """Outline that many rows and columns from a corner (row, col), by a line so wide."""
        (top, left), (height, width) = corner, size
        end = left + width, top + height
        self.figure.add_shape(box((left, top), end, "query", line, **self._last))

    def dot(self, row: float, col: float) -> None:
        """Draw a dot that shows on every colour."""
        axes = {"xaxis": self._last["xref"], "yaxis": self._last["yref"]}
        self.figure.add_scatter(
            x=[col], y=[row], mode="markers", hoverinfo="skip", cliponaxis=False,
            marker={"color": LIGHT["ink"], "size": 7, "opacity": 1,
                    "line": {"color": LIGHT["paper"], "width": 1.5}},
            **axes,
        )  # fmt: skip


tell(globals())
