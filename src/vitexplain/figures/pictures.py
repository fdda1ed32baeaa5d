"""A picture as every figure takes it."""

from typing import Any

import numpy as np

from vitexplain.figures.base import as_numpy
from vitexplain.moved import tell


def channels_last(image: Any) -> np.ndarray:
    """Return an image as (row, col, channel) float64 in [0, 1], from that or channel-first.

    Greys (row, col) become three equal channels. NumPy or torch.
    Raises ValueError for any other shape and for values outside [0, 1].
    """
    rank = 2 if len(np.shape(image)) == 2 else 3
    pixels = as_numpy(image, name="image", rank=rank)
    if rank == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=-1)
    if pixels.shape[-1] != 3 and pixels.shape[0] == 3:
        pixels = np.moveaxis(pixels, 0, -1)
    if pixels.shape[-1] != 3:
        raise ValueError(f"an image must have 3 channels, first or last, got {pixels.shape}")
    if pixels.min() < -1e-6 or pixels.max() > 1 + 1e-6:
        raise ValueError("an image must have values in [0, 1]")
    return np.clip(pixels, 0, 1)


tell(globals())
