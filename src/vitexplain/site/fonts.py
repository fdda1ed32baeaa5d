"""Fonts with just the letters that the site has: a quarter of the bytes of the whole ones."""

import hashlib
import html
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0…–—‘’“”·×−→←↑↓′¶©"


def letters(texts: Iterable[str]) -> str:
    """Return each character of these pages and files once, with those that scripts may write."""
    found = set(ALWAYS)
    for text in texts:
        found.update(html.unescape(text))
    return "".join(sorted(found - set("\n\t\r")))


def trim(font: Path, characters: str, *, cache: Path) -> bytes:
    """Return the WOFF2 font in a file with only these characters; the result is cached."""
    content = font.read_bytes()
    key = hashlib.sha256(content + characters.encode()).hexdigest()[:16]
    kept = cache / f"{font.stem}.{key}.woff2"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{font.stem}.*.woff2"):
            old.unlink()
        kept.write_bytes(_subset(content, characters))
    return kept.read_bytes()


def _subset(content: bytes, characters: str) -> bytes:
    options: Any = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "liga", "calt", "mark", "mkmk", "ccmp", "tnum", "lnum"]
    options.notdef_outline = True
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = [0, 1, 2, 13, 14]  # copyright and licence stay
    font = TTFont(io.BytesIO(content))
    worker = subset.Subsetter(options)
    worker.populate(text=characters)
    worker.subset(font)
    out = io.BytesIO()
    font.flavor = "woff2"
    font.save(out)
    return out.getvalue()


def trim_site(site: Path, *, cache: Path) -> None:
    """Trim the fonts of a built site: those of text to its text, KaTeX's to its formulas."""
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    data = [path.read_text(encoding="utf-8") for path in (site / "assets").glob("*/*/*.json")]
    text = letters([*pages, *(re.sub(r'"(?:data:|bdata)[^"]*"', "", item) for item in data)])
    formulas = letters(
        formula for page in pages for formula in re.findall(r'class="katex-html".*', page)
    )
    for font in (site / "assets" / "fonts").glob("*.woff2"):
        font.write_bytes(trim(font, text, cache=cache))
    for font in (site / "assets" / "katex" / "fonts").glob("*.woff2"):
        font.write_bytes(trim(font, formulas, cache=cache))
