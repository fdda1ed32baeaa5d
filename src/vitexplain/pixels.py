"""Pictures as numbers: how bright a weight makes its patch, and a PNG without an image library.

One rule of brightness for figures, explorers, live pages and reports. With w the weight of a
patch and m the largest of its row,

    lit = √(w / m),   pixel · (1 − a) + grey · a,   a = 0.6 (1 − lit)

The root keeps what has little weight legible: a quarter of the largest weight leaves 70 % of the
patch's own light. What covers the rest is a dark grey and not black, so that a photograph of the
night is still one where nothing looks. `explorer/web/bright.js` says the same for the browser.
"""

import base64
import io
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, UInt8

from vitexplain.arrays import Array, is_torch

GREY = 48  # of 255: what covers a patch
DEEPEST = 0.6  # how much of a patch of no weight is covered
COLOURS = 256  # that a palette holds
LARGE = 60_000  # characters of an address that holds a picture
QUALITY = 85  # of a WebP, of 100: no eye sees the difference


def brightness(
    weights: Float[np.ndarray, "*shape"], *, low: float = 0.0
) -> Float[np.ndarray, "*shape"]:
    """Return how bright each weight is, √ of its share of the largest; what is below `low` is 0."""
    span = float(weights.max()) - low
    return np.sqrt(np.clip((weights - low) / (span if span > 0 else 1), 0, 1))


def cover(lit: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Return how much of each patch the grey covers, from 0 to `DEEPEST`."""
    return DEEPEST * (1 - lit)


def shaded(
    pixels: Float[np.ndarray, "y x channel"], lit: Float[np.ndarray, "row col"]
) -> Float[np.ndarray, "y x channel"]:
    """Return a picture in [0, 1], each patch as bright as `lit` says; the grid divides it."""
    height, width = (side // count for side, count in zip(pixels.shape, lit.shape, strict=False))
    covered = np.kron(cover(lit), np.ones((height, width)))[..., None]
    return pixels * (1 - covered) + GREY / 255 * covered


def levels(pixels: Array) -> UInt8[np.ndarray, "row col channel"]:
    """Return a picture, (row, col) or (row, col, channel), floats in [0, 1] or uint8, as uint8.

    Grey becomes three equal channels.

    Raises:
        ValueError: another shape, or numbers outside the range.
    """
    array = np.asarray(pixels.detach().cpu() if is_torch(pixels) else pixels)
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[-1] not in (1, 3, 4) or 0 in array.shape:
        raise ValueError(
            f"image must be (row, col) or (row, col, channel of 1, 3 or 4), got {np.shape(pixels)}"
        )
    if array.dtype != np.uint8:
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise ValueError("image must be uint8, or floats in [0, 1]")
        array = np.round(array * 255).astype(np.uint8)
    return np.repeat(array, 3, axis=-1) if array.shape[-1] == 1 else array


def png(pixels: Array, *, text: Mapping[str, str] | None = None) -> bytes:
    """Return a picture as the bytes of a PNG (W3C recommendation, third edition).

    Up to 256 colours are written as a palette, which is a fraction of the size.

    Args:
        pixels: as `levels` takes them; the fourth channel is opacity.
        text: what to say in it, such as {"Title": …}.

    Raises:
        ValueError: as `levels`.
    """
    image = levels(pixels)
    rows, cols, channels = image.shape
    kind, palette, body = 6, b"", image.reshape(rows, -1)
    if channels == 3:
        colours, places = np.unique(image.reshape(-1, 3), axis=0, return_inverse=True)
        kind = 3 if len(colours) <= COLOURS else 2
        if kind == 3:
            palette, body = _chunk(b"PLTE", colours.tobytes()), places.reshape(rows, cols)
    body = body.astype(np.uint8)
    above = np.vstack([np.zeros_like(body[:1]), body[:-1]])
    # Each row stands after the number of its filter: 0 for none, 2 for what differs from above.
    ways = [np.insert(body, 0, 0, axis=1), np.insert(body - above, 0, 2, axis=1)]
    packed = min((zlib.compress(lines.tobytes(), 9) for lines in ways), key=len)
    header = struct.pack(">IIBBBBB", cols, rows, 8, kind, 0, 0, 0)  # 8 bits
    said = [
        _chunk(b"iTXt", key.encode("latin-1") + bytes(5) + line.encode())
        for key, line in (text or {}).items()
    ]
    chunks = [
        _chunk(b"IHDR", header),
        *said,
        palette,
        _chunk(b"IDAT", packed),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png_uri(pixels: Array) -> str:
    """Return a picture as a PNG data URI, for an address that needs no file."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def picture_uri(pixels: Array) -> str:
    """Return `png_uri`; of a photograph, where Pillow is there, a WebP of a tenth of the size."""
    uri = png_uri(pixels)
    if len(uri) <= LARGE:
        return uri
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return uri
    file = io.BytesIO()
    Image.fromarray(levels(pixels)).save(file, "WEBP", quality=QUALITY)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
