"""A picture as a PNG, written by hand: no image library is needed."""

import base64
import struct
import zlib
from typing import Any

import numpy as np


def picture_uri(image: Any) -> str:
    """Return a picture as a PNG data URI, pixel by pixel.

    `image` is (row, col) or (row, col, channel) with 1 or 3 channels: floats in [0, 1] or uint8.

    Raises:
        ValueError: another shape, or numbers outside the range.
    """
    return "data:image/png;base64," + base64.b64encode(_png(_pixels(image))).decode()


def _pixels(image: Any) -> np.ndarray:
    """Return a picture as uint8 (row, col, 3)."""
    array = np.asarray(image.detach().cpu() if hasattr(image, "detach") else image)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3) or 0 in array.shape:
        raise ValueError(
            f"image must be (row, col) or (row, col, channel of 1 or 3), got {array.shape}"
        )
    if array.dtype != np.uint8:
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise ValueError("image must be uint8, or floats in [0, 1]")
        array = np.round(array * 255).astype(np.uint8)
    return np.broadcast_to(array, (*array.shape[:2], 3))


def _png(pixels: np.ndarray) -> bytes:
    """Return uint8 pixels (row, col, 3) as a PNG (W3C recommendation, third edition).

    Up to 256 colours are written as a palette, which is a fraction of the size.
    """

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows, cols, _ = pixels.shape
    colours, places = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colours) <= 256:
        kind, palette = 3, chunk(b"PLTE", colours.tobytes())
        body = places.reshape(rows, cols).astype(np.uint8)
    else:
        kind, palette, body = 2, b"", pixels.reshape(rows, -1)
    body = body.reshape(rows, -1)
    above = np.vstack([np.zeros_like(body[:1]), body[:-1]])
    # Each row stands after the number of its filter: 0 for none, 2 for what differs from above.
    ways = [np.insert(body, 0, 0, axis=1), np.insert(body - above, 0, 2, axis=1)]
    packed = min((zlib.compress(lines.tobytes(), 9) for lines in ways), key=len)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, kind, 0, 0, 0))  # 8 bits
    data = chunk(b"IDAT", packed)
    return b"\x89PNG\r\n\x1a\n" + header + palette + data + chunk(b"IEND", b"")
