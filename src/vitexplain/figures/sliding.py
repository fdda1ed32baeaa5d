"""A kernel that slides over a picture, with its nine products, and the map that it leaves."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.convolution import convolve
from vitexplain.figures.base import as_numpy, blank_axis, finish, font, frame, number, over
from vitexplain.figures.marks import heat, two_sided
from vitexplain.figures.slider import rail
from vitexplain.figures.theme import LIGHT
from vitexplain.pixels import png_uri

HEIGHT, HEAD = 530, 22  # pixels of all, and of a title
_ROWS = (160, 104, 150)  # pixels: the picture, the products, the map; what is left is between


def convolution_steps(
    image: Any, kernel: Any, *, every: int = 1, first: tuple[int, int] = (0, 0)
) -> go.Figure:
    """Return the picture, the products of one position, and the map up to it, with a slider.

    Args:
        image: greys (row, col) in [0, 1].
        kernel: (row, col), small.
        every: how many positions the slider takes at a step, across and down.
        first: the position (row, col) that is shown before anyone touches it, one of its stops.

    Raises ValueError for other shapes, as `convolve`, or a `first` that is no stop.
    """
    pixels = as_numpy(image, name="image", rank=2)
    walk = convolve(pixels, as_numpy(kernel, name="kernel", rank=2))
    (rows, cols), (high, wide) = walk.output.shape, np.shape(kernel)
    places = [(i, j) for i in range(0, rows, every) for j in range(0, cols, every)]
    if first not in places:
        raise ValueError(f"first must be a stop of the slider, got {first} with every={every}")
    figure: Any = frame(HEIGHT).update_layout(margin={"l": 4, "r": 4, "t": HEAD, "b": 4})
    inner, most = HEIGHT - HEAD - 4, float(np.abs(kernel).max())
    between = (inner - sum(_ROWS)) / 2
    ends = [inner - sum(_ROWS[:i]) - between * i for i in range(3)]
    third = [(0.02, 0.3), (0.36, 0.64), (0.7, 0.98)]
    panels = [(0, (0, 1), pixels.shape), *((1, x, (high, wide)) for x in third)]
    for index, (row, x, shape) in enumerate([*panels, (2, (0, 1), (rows, cols))]):
        y = [max(0.0, (ends[row] - _ROWS[row]) / inner), ends[row] / inner]
        name = str(index + 1) if index else ""
        look = {"constrain": "domain", "domain": list(x), "anchor": f"y{name}"}
        figure.update_layout({
            f"xaxis{name}": blank_axis(range=[-0.5, shape[1] - 0.5], **look),
            f"yaxis{name}": blank_axis(range=[shape[0] - 0.5, -0.5], scaleanchor=f"x{name}",
                                       constrain="domain", domain=y, anchor=f"x{name}"),
        })  # fmt: skip
    figure.add_image(source=png_uri(pixels), hoverinfo="skip")
    i, j = first
    shown: Any = {"texttemplate": "%{z:.2~f}", "textfont": {"size": 12}, "xgap": 1, "ygap": 1}
    greys = [(0.0, "#000000"), (1.0, "#ffffff")]
    for place, (values, top, scale) in enumerate([
        (walk.windows[i, j], 1.0, greys),
        (np.asarray(kernel, float), 2 * most, two_sided("weight")),
        (walk.products[i, j], 2 * most, two_sided("cnn")),
    ], start=2):  # fmt: skip
        low = 0.0 if scale is greys else -top
        heat(figure, values.round(2), low=low, high=top, scale=scale,
             xaxis=f"x{place}", yaxis=f"y{place}", **shown)  # fmt: skip
    top = float(np.abs(walk.output).max())
    hover = "row %{y}, column %{x}: %{z:.2f}<extra></extra>"
    heat(figure, walk.output.round(2), low=-top, high=top, scale=two_sided("cnn"), hover=hover,
         xaxis="x5", yaxis="y5")  # fmt: skip
    titles = ["the picture", "pixels", "the kernel", "products"]
    at = [(0.5, ends[0]), *((sum(x) / 2, ends[1]) for x in third)]
    middle = (ends[1] - _ROWS[1] / 2 - 10) / inner
    fixed = [_bold(0.33, middle, "×"), _bold(0.67, middle, "=")] + [
        _bold(x, y / inner, title) for title, (x, y) in zip(titles, at, strict=True)
    ]
    stops = []
    for i, j in places:
        moved = {
            "shapes[0].path": _rectangle(j, i, wide, high),
            "shapes[1].path": _rectangle(j + 1, i, cols - j - 1, 1)
            + _rectangle(0, i + 1, cols, rows - i - 1),
            "shapes[2].path": _rectangle(j, i, 1, 1),
            f"annotations[{len(fixed)}].text": f"<b>the map: {number(walk.output[i, j], 2)}</b>",
        }
        z = [[[*map(_short, line)] for line in x[i, j]] for x in (walk.windows, walk.products)]
        label = f"row {i}, column {j}"
        stops.append({"label": label, "method": "update", "args": [{"z": z}, moved, [1, 3]]})
    start = places.index(first)
    *paths, said = stops[start]["args"][1].values()
    sheet: dict[str, Any] = {"xref": "x5", "yref": "y5"}
    looks: list[dict[str, Any]] = [
        {"line": {"color": LIGHT["weight"], "width": 3}},
        {"line": {"color": LIGHT["paper"], "width": 2}, "fillcolor": LIGHT["paper"], **sheet},
        {"line": {"color": LIGHT["ink"], "width": 2}, **sheet},
    ]
    paths = [{"type": "path", "path": p} | look for p, look in zip(paths, looks, strict=True)]
    figure.update_layout(shapes=paths)
    figure.update_layout(annotations=[*fixed, _bold(0.5, ends[2] / inner, said)])
    rail(figure, stops, label="the kernel at", first=start, ticks=False)
    across = range(0, cols, every)
    return finish(
        figure,
        alt=f"A kernel of {high} by {wide} slides over a picture of {pixels.shape[0]} by "
        f"{pixels.shape[1]} pixels; each position's products add up to one number of a map.",
        header=["row", *(f"column {j}" for j in across)],
        rows=[[i, *(number(walk.output[i, j], 2) for j in across)] for i in range(0, rows, every)],
    )


def _bold(x: float, y: float, text: str) -> dict[str, Any]:
    """Return a title whose foot stands at (x, y), in shares of the figure."""
    place = {"xanchor": "center", "yanchor": "bottom", "font": font(size=12)}
    return over(x, y, text if text.startswith("<b>") else f"<b>{text}</b>", **place)


def _rectangle(left: int, top: int, width: int, height: int) -> str:
    """Return the path around cells, whose edges lie half a unit off their numbers."""
    x, y = left - 0.5, top - 0.5
    return f"M{x} {y}H{x + width}V{y + height}H{x}Z"


def _short(x: float) -> float:
    """Return the number with two digits after the point; no zero is negative."""
    return round(float(x), 2) + 0.0
