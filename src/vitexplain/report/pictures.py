"""The reading over the picture, as PNG and SVG."""

import base64
import json
from html import escape

import numpy as np
from jaxtyping import Float

from vitexplain.images import as_png
from vitexplain.report.explanation import Explanation

SHADE = (21, 22, 28)  # what covers a patch without weight; as in assets/draw.js
DARKEST = 0.85
LEAST_SIDE = 448  # pixels of a PNG, so that a small image is not a stamp


def lit(
    values: Float[np.ndarray, "row col"], *, stretch: bool = False
) -> Float[np.ndarray, "row col"]:
    """Return how bright each patch is, in [0, 1]: its share of the largest, negatives 0.

    Args:
        stretch: from the least to the largest instead of from 0.
    """
    low = float(values.min()) if stretch else 0.0
    high = float(values.max())
    high = high if high > low else low + 1
    return np.clip((values - low) / (high - low), 0, 1)


def shade(values: Float[np.ndarray, "row col"], *, stretch: bool = False) -> bytes:
    """Return a PNG of one pixel a patch that darkens what has little weight."""
    alpha = DARKEST * (1 - lit(values, stretch=stretch))
    cover = np.array(SHADE)[:, None, None] / 255
    return as_png(np.concatenate([np.broadcast_to(cover, (3, *alpha.shape)), alpha[None]]))


def png(explanation: Explanation, *, stretch: bool = False) -> bytes:
    """Return the picture, each patch as bright as its value; provenance is in its text."""
    values = lit(explanation.map, stretch=stretch)
    image = explanation.image
    times = max(1, -(-LEAST_SIDE // max(image.shape[1:])))
    image = image.repeat(times, 1).repeat(times, 2)
    height, width = (
        side // count for side, count in zip(image.shape[1:], explanation.grid, strict=True)
    )
    alpha = DARKEST * (1 - values.repeat(height, 0).repeat(width, 1))
    cover = np.array(SHADE, np.float32)[:, None, None] / 255
    return as_png(image * (1 - alpha) + cover * alpha, text=_provenance(explanation))


def svg(explanation: Explanation, *, stretch: bool = False) -> str:
    """Return the picture and a shade a patch as SVG; each patch tells its value."""
    from vitexplain.report.html import describe

    (rows, cols), values = explanation.grid, lit(explanation.map, stretch=stretch)
    image = base64.b64encode(as_png(explanation.image)).decode()
    height, width = explanation.image.shape[1:]
    y, x = height / rows, width / cols
    shades = "".join(
        f'<rect x="{col * x:g}" y="{row * y:g}" width="{x:g}" height="{y:g}" '
        f'fill-opacity="{DARKEST * (1 - values[row, col]):.3f}">'
        f"<title>row {row}, column {col}: {explanation.map[row, col]:.4g}</title></rect>"
        for row in range(rows)
        for col in range(cols)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="title">\n<title id="title">{escape(describe(explanation))}</title>\n'
        f"<metadata>{escape(json.dumps(explanation.made))}</metadata>\n"
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{image}"/>\n'
        f'<g fill="rgb{SHADE}" shape-rendering="crispEdges">{shades}</g>\n</svg>\n'
    )


def _provenance(explanation: Explanation) -> dict[str, str]:
    return {
        "Software": f"vitexplain {explanation.made['vitexplain']}",
        "Title": explanation.title(),
        "Comment": json.dumps(explanation.made),
    }
