"""Fonts with just the letters that the site has, inside its style sheets.

They are a quarter of the bytes of the whole ones. A page is not painted before its style is there,
so no letter is ever late, and none moves another on arrival.
"""

import base64
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


# KaTeX's fonts that formulas are set in; another one is asked for when a formula needs it.
FORMULAS = (
    "KaTeX_Main-Regular",
    "KaTeX_Math-Italic",
    *(f"KaTeX_Size{size}-Regular" for size in (1, 2, 3)),
)
FAMILIES = (
    *("Figtree Variable", "Source Code Pro Variable"),
    *(name.partition("-")[0] for name in FORMULAS),
)
"""The families inside the style sheets: a page waits until they are read."""


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
    """Trim the fonts of a built site, those of text to its text, KaTeX's to its formulas; embed."""
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    data = [path.read_text(encoding="utf-8") for path in (site / "assets").glob("*/*/*.json")]
    text = letters([*pages, *(re.sub(r'"(?:data:|bdata)[^"]*"', "", item) for item in data)])
    formulas = letters(
        formula for page in pages for formula in re.findall(r'class="katex-html".*', page)
    )
    texts = sorted((site / "assets" / "fonts").glob("*.woff2"))
    for font in texts:
        font.write_bytes(trim(font, text, cache=cache))
    for sheet in (site / "assets" / "stylesheets").glob("main.*.css"):
        embed(sheet, texts)
    katex = site / "assets" / "katex"
    for font in (katex / "fonts").glob("*.woff2"):
        font.write_bytes(trim(font, formulas, cache=cache))
    embed(katex / "katex.css", [katex / "fonts" / f"{name}.woff2" for name in FORMULAS])


def embed(sheet: Path, fonts: Iterable[Path]) -> None:
    """Put fonts into the style sheet that names their files, in place of these names."""
    css = sheet.read_text(encoding="utf-8")
    for font in fonts:
        data = base64.b64encode(font.read_bytes()).decode()
        address = rf"url\((?:[^()]*/)?{re.escape(font.name)}\)"
        css, count = re.subn(address, f"url(data:font/woff2;base64,{data})", css)
        if count != 1:
            raise ValueError(f"{sheet.name} names {font.name} {count} times, not once")
        font.unlink()
    sheet.write_text(css, encoding="utf-8")
