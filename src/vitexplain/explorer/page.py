"""Explorers as one HTML document: script, style and data inside, so that it asks for nothing."""

import base64
import hashlib
import json
import zlib
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from vitexplain.explorer.fallback import fallback

BINARY = ("f4", "u1", "tops")  # what the JSON has in base64


def element(data: dict[str, Any], *, still: str | None = None, attributes: str = "") -> str:
    """Return `<attention-explorer>` with its data inside, and what is read without scripts.

    The data are JSON and, after a zero, the bytes that it speaks of by their places (in base64
    they would compress badly), all deflated.

    Args:
        still: HTML in place of the chosen row as picture and table.
    """
    binary = bytearray()
    image = data["examples"][0]["image"]
    if still is None:
        still = fallback(data)
        if image is not None and image in still:  # it is there once: the data name its element
            place = f"vx-{zlib.crc32(image.encode()):08x}"
            still = still.replace(f'src="{image}"', f'id="{place}" src="{image}"', 1)
            first, *others = data["examples"]
            data = {**data, "examples": [{**first, "image": f"#{place}"}, *others]}
    text = json.dumps(
        _apart(data, binary), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    packed = zlib.compress(text.encode() + (b"\0" + binary if binary else b""), 9)
    return (
        f"<attention-explorer{attributes}>{still}"
        f'<script type="text/plain">{base64.b64encode(packed).decode()}</script>'
        "</attention-explorer>"
    )


def _apart(data: Any, binary: bytearray) -> Any:
    """Return JSON with the places of bytes in place of their base64, which go to `binary`."""
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return [_apart(one, binary) for one in data]
    if not isinstance(data, dict):
        return data
    made = {}
    for name, one in data.items():
        if name in BINARY:
            start = len(binary)
            binary += base64.b64decode(one)
            made[name] = [start, len(binary)]
        else:
            made[name] = _apart(one, binary)
    return made


def document(body: str, *, title: str, about: str = "", style: str = "") -> str:
    """Return a whole HTML document around `body`, in which every explorer is alive.

    A policy in it forbids every request, and every script but the explorer's.

    Args:
        body: HTML, with what `element` returned in it.
        about: what the page shows, in a sentence.
        style: CSS beside the explorer's.
    """
    script = bundled("explorer.js")
    style = f"{colours()}{bundled('explorer.css')}{style}"
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"style-src-attr 'unsafe-inline'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    described = f'<meta name="description" content="{escape(about)}">\n' if about else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"{described}<title>{escape(title)}</title>\n"
        '<link rel="icon" href="data:,">\n'
        f"<style>{style}</style>\n</head>\n"
        f"<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def framed(data: dict[str, Any]) -> str:
    """Return the document in a frame, for the output of a notebook, whose style stays outside."""
    inside = document(f"<main>{element(data)}</main>", title=data["title"])
    return (
        f'<iframe title="{escape(data["title"])}" srcdoc="{escape(inside)}" '
        'style="width:100%;height:40rem;border:0"></iframe>'
    )


def colours() -> str:
    """Return the theme as CSS: light or dark by the reader's system, or as `data-theme` says."""
    from vitexplain.figures import theme  # loads Plotly, so not before

    light = properties(theme.LIGHT, theme.LIGHT_SCALE)
    dark = properties(theme.DARK, theme.DARK_SCALE) + "color-scheme:dark;"
    return (
        f":root{{{light}}}@media screen{{:root[data-theme=dark]{{{dark}}}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
    )


def properties(palette: dict[str, str], scale: list[str]) -> str:
    """Return a palette as the custom properties that explorers read."""
    named = {**palette, **{f"scale-{i}": colour for i, colour in enumerate(scale)}}
    return "".join(f"--vx-{name}:{colour};" for name, colour in named.items())


@cache
def bundled(name: str) -> str:
    """Return a file of the bundle that the package brings: explorer.js or explorer.css."""
    return (files("vitexplain.explorer") / "bundle" / name).read_text(encoding="utf-8")
