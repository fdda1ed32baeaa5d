"""The reading over the picture, as PNG and SVG."""

import json
from html import escape

import numpy as np
from jaxtyping import Float

from vitexplain.moved import tell
from vitexplain.pixels import GREY, brightness, cover, png_uri, shaded
from vitexplain.pixels import png as encoded
from vitexplain.report.explanation import Explanation

PICTURE = "picture"  # the id of what the model saw, in an SVG
LEAST_SIDE = 448  # pixels of a PNG, so that a small image is not a stamp


def lit(
    values: Float[np.ndarray, "row col"], *, stretch: bool = False
) -> Float[np.ndarray, "row col"]:
    """Return how bright each patch is, as everywhere (`vitexplain.pixels`); negatives count as 0.

    Args:
        stretch: from the least to the largest instead of from 0.
    """
    return brightness(values, low=float(values.min()) if stretch else 0.0)


def png(explanation: Explanation, *, stretch: bool = False) -> bytes:
    """Return the picture, each patch as bright as its value; provenance is in its text."""
    image = explanation.image.transpose(1, 2, 0)
    times = max(1, -(-LEAST_SIDE // max(image.shape)))
    image = image.repeat(times, 0).repeat(times, 1)
    seen = shaded(image, lit(explanation.map, stretch=stretch))
    return encoded(np.clip(seen, 0, 1), text=_provenance(explanation))


def svg(explanation: Explanation, *, stretch: bool = False) -> str:
    """Return the picture and a shade a patch as SVG; each patch tells its value."""
    (rows, cols), covered = explanation.grid, cover(lit(explanation.map, stretch=stretch))
    shades = "".join(
        f'<rect x="{col}" y="{row}" width="1" height="1" fill-opacity="{covered[row, col]:.3f}">'
        f"<title>row {row}, column {col}: {explanation.map[row, col]:.6g}</title></rect>"
        for row in range(rows)
        for col in range(cols)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {cols} {rows}" role="img" '
        f'aria-labelledby="title">\n<title id="title">{escape(describe(explanation))}</title>\n'
        f"<metadata>{escape(json.dumps(explanation.made))}</metadata>\n"
        f'<image id="{PICTURE}" width="{cols}" height="{rows}" preserveAspectRatio="none" '
        f'href="{png_uri(explanation.image.transpose(1, 2, 0))}"/>\n'
        f'<g fill="rgb({GREY},{GREY},{GREY})" shape-rendering="crispEdges">{shades}</g>\n</svg>\n'
    )


def describe(explanation: Explanation) -> str:
    """Return what the reading over the picture shows, in words."""
    rows, cols = explanation.grid
    order = np.argsort(-explanation.map, axis=None)[:3]
    places = ", ".join(f"row {i // cols} column {i % cols}" for i in map(int, order))
    return (
        f"{explanation.name}: {explanation.about()} on a grid of {rows} by {cols} patches. "
        f"Largest at {places}."
    )


def _provenance(explanation: Explanation) -> dict[str, str]:
    return {
        "Software": f"vitexplain {explanation.made['vitexplain']}",
        "Title": explanation.title(),
        "Comment": json.dumps(explanation.made),
    }


tell(globals())
