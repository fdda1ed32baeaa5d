"""What stands in an explorer's place without JavaScript: a picture and the table of weights."""

import base64
import struct
import zlib
from html import escape
from typing import Any

import numpy as np

from vitexplain.figures.theme import LIGHT

SHADE = 0.5  # of a patch of weight 0; the same as in explorer.css


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
    lines = b"".join(b"\x00" + row.tobytes() for row in body)  # each row after its filter, none
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, kind, 0, 0, 0))  # 8 bits
    data = chunk(b"IDAT", zlib.compress(lines, 9))
    return b"\x89PNG\r\n\x1a\n" + header + palette + data + chunk(b"IEND", b"")


def fallback(data: dict[str, Any]) -> str:
    """Return an explorer's data as static HTML: the chosen query's row, as picture and table."""
    chosen = data["maps"][data["map"]]
    query, names = data["query"], [token["label"] for token in data["tokens"]]
    weights = chosen["weights"][query]
    kind = "vx-words" if data["grid"] is None else "vx-picture"
    caption = f"{chosen['name']}: the weights of “{names[query]}”"
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Token", "Score", "Scaled", "Weight")
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f"<td>{score:.4f}</td><td>{scaled:.4f}</td><td>{weight:.4f}</td></tr>"
        for name, score, scaled, weight in zip(
            names, chosen["scores"][query], chosen["scaled"][query], weights, strict=True
        )
    )
    table = (
        f'<table class="vx-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
    size = " vx-compact" if data["compact"] else ""
    return (
        f'<div class="vx-fallback {kind}{size}" style="--tokens:{len(names)}">'
        f'<p class="vx-title">{escape(data["title"])}</p>'
        f"{_picture(data, query, weights)}"
        f'<details class="vx-more"><summary>{escape(caption)}</summary>'
        f'<div class="vx-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"{table}</div></details></div>"
    )


def _picture(data: dict[str, Any], query: int, weights: list[float]) -> str:
    """Return the picture, each patch as bright as its weight; a sentence's words with theirs."""
    names = [token["label"] for token in data["tokens"]]
    top = max(weights)
    strongest = sorted(range(len(weights)), key=lambda j: -weights[j])[:3]
    alt = f"{names[query]} gives most weight to " + ", ".join(
        f"{names[j]} ({weights[j]:.4f})" for j in strongest
    )
    if data["grid"] is None:
        words = "".join(
            f"<li{' class=vx-query' if j == query else ''}>{escape(name)} "
            f"<small>{weight:.4f}</small></li>"
            for j, (name, weight) in enumerate(zip(names, weights, strict=True))
        )
        return f'<ul class="vx-sentence">{words}</ul><p>{escape(alt)}.</p>'
    rows, cols = data["grid"]
    cells = list(enumerate(weights))[len(weights) - rows * cols :]
    shades = "".join(
        f'<rect x="{i % cols}" y="{i // cols}" width="1" height="1" '
        f'opacity="{SHADE * (1 - (weight / top) ** 0.5):.2f}"/>'
        for i, (_, weight) in enumerate(cells)
    )
    place = query - (len(weights) - rows * cols)
    ring = (
        f'<rect x="{place % cols + 0.03}" y="{place // cols + 0.03}" width=".94" height=".94" '
        f'fill="none" stroke="{LIGHT["query"]}" stroke-width=".06" class="vx-ring"/>'
    )
    return (
        '<div class="vx-still" style="position:relative;max-width:22rem">'
        f'<img src="{data["image"]}" alt="{escape(alt)}" width="{16 * cols}" height="{16 * rows}" '
        'style="display:block;width:100%;height:auto;image-rendering:pixelated">'
        f'<svg viewBox="0 0 {cols} {rows}" aria-hidden="true" '
        'style="position:absolute;inset:0;width:100%;height:100%">'
        f"{shades}{ring if place >= 0 else ''}</svg></div><p>{escape(alt)}.</p>"
    )
