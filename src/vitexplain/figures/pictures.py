"""Pixels as a PNG data URI, so that a picture travels inside a figure's JSON."""

import base64
import struct
import zlib
from typing import Any

import numpy as np

from vitexplain.figures.base import as_numpy


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


def data_uri(pixels: np.ndarray) -> str:
    """Return (row, col, 3 or 4) pixels in [0, 1], the fourth channel opacity, as a PNG data URI."""
    levels = np.round(pixels * 255).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(_png(levels)).decode()


def _png(levels: np.ndarray) -> bytes:
    rows, cols, channels = levels.shape
    lines = np.zeros((rows, 1 + channels * cols), dtype=np.uint8)  # filter type 0, then pixels
    lines[:, 1:] = levels.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", cols, rows, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
