"""Pixels as a PNG data URI, so that a picture travels inside a figure's JSON."""

import base64
import struct
import zlib
from typing import Any

import numpy as np

from vitexplain.figures.theme import as_numpy


def data_uri(image: Any) -> str:
    """Return an image as "data:image/png;base64,…".

    `image` is (row, col, 3) in [0, 1], or (row, col) for greys; NumPy or torch.
    Raises ValueError for any other shape and for values outside [0, 1].
    """
    pixels = as_numpy(image)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=-1)
    if pixels.ndim != 3 or pixels.shape[-1] != 3:
        raise ValueError(f"an image must be (row, col, 3) or (row, col), not {pixels.shape}")
    if not (pixels.min() >= -1e-6 and pixels.max() <= 1 + 1e-6):
        raise ValueError("an image must have values in [0, 1]")
    levels = np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(_png(levels)).decode()


def _png(levels: np.ndarray) -> bytes:
    rows, cols, _ = levels.shape
    lines = np.zeros((rows, 1 + 3 * cols), dtype=np.uint8)  # each line starts with filter type 0
    lines[:, 1:] = levels.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", cols, rows, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
