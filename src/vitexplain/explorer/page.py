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


def element(data: dict[str, Any]) -> str:
    """Return `<attention-explorer>` with its data inside, and what is read without scripts."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return (
        f"<attention-explorer>{fallback(data)}"
        f'<script type="text/plain">{packed}</script></attention-explorer>'
    )


def document(body: str, *, title: str, style: str = "") -> str:
    """Return a whole HTML document around `body`, in which every explorer is alive.

    A policy in it forbids every request, and every script but the explorer's.

    Args:
        body: HTML, with what `element` returned in it.
        style: CSS beside the explorer's.
    """
    script = bundled("explorer.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n"
        '<link rel="icon" href="data:,">\n'
        f"<style>{colours()}{bundled('explorer.css')}{style}</style>\n</head>\n"
        f"<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


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
