"""What an image must be, and the one line that says so."""

import math
from typing import Any

import numpy as np

from vitexplain.extras import needed

LIMIT = 2**26
"""Most pixels of an image that is opened: 67 million, 8192 × 8192. As floats, 0.8 GB."""


class ImageError(ValueError):
    """An image cannot be used; one line says what was found and what is expected."""


def check_size(width: int, height: int, limit: int, name: str) -> None:
    """Raise ImageError unless there are pixels, and no more than `limit`."""
    if width < 1 or height < 1:
        raise ImageError(f"{name}: the image has no pixels, {width}×{height}")
    if width * height > limit:
        raise ImageError(
            f"{name}: {width}×{height} is {width * height:,} pixels, the limit is {limit:,}"
        )


def check_range(pixels: np.ndarray, name: str) -> None:
    """Raise ImageError unless all numbers lie in [0, 1]."""
    low, high = float(pixels.min()), float(pixels.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ImageError(f"{name}: the pixels hold NaN or infinity")
    if low < 0 or high > 1:
        raise ImageError(f"{name}: floats must lie in [0, 1], got {low:.4g} to {high:.4g}")


def printable(text: object) -> str:
    """Return `text` on one line, without the characters that would command a terminal."""
    line = " ".join(str(text).split())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def pillow() -> Any:
    """Return the module PIL.Image, or say which extra brings it."""
    with needed("vitexplain.images", "cli", ["PIL"], called="Pillow"):
        from PIL import Image
    return Image
