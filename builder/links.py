"""What must hold of a built site: figures are where they belong, and every link leads there."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mkdocs.exceptions import PluginError

_LINK = re.compile(r'<(?:a|link|script|img|source|iframe)\b[^>]*?\s(?:href|src)="([^"]*)"')
_SRC = re.compile(r'<(?:plotly-figure|attention-explorer|live-\w+)\b[^>]*?\ssrc="([^"]*)"')
_ANCHOR = re.compile(r'\s(?:id|name)="?([^"\s>]+)"?')


def figures_kept(where: str, html: str, assets: Mapping[str, bytes]) -> None:
    """Raise `PluginError` unless each figure of a lesson is on its page exactly once."""
    for path in assets:
        if path.endswith(".onnx"):  # a widget's data names it
            continue
        count = html.count(f'="vx:{path}"')
        if path.startswith("assets/pictures/"):  # as often as you like; an explorer's data name it
            named = path.rpartition("/")[2].encode()
            count = min(1, count + sum(named in content for content in assets.values()))
        if count != 1:
            raise PluginError(f"{where}: the figure {path} is on the page {count} times, not once")


def dead_links(site: Path) -> list[str]:
    """Return one line for each local address on a page that leads nowhere."""
    problems = []
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        base = "/" if page == site / "404.html" else None
        for link in dict.fromkeys(_LINK.findall(text) + _SRC.findall(text)):
            if why := _wrong(site, page, link, absolute=base is not None):
                problems.append(f"{page.relative_to(site)}: {link!r} {why}")
    return problems


def _wrong(site: Path, page: Path, link: str, *, absolute: bool) -> str | None:
    parts = urlsplit(link.replace("&amp;", "&"))
    if parts.scheme or parts.netloc:
        return None
    if parts.path.startswith("/"):
        return None if absolute else "is absolute: the site would break under a prefix"
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file() or not target.is_relative_to(site.resolve()):
        return "does not exist"
    if not parts.fragment or target.suffix != ".html":
        return None
    anchors = _anchors(target, target.stat().st_mtime_ns)
    return None if unquote(parts.fragment) in anchors else "names an anchor that does not exist"


@cache
def _anchors(page: Path, stamp: int) -> frozenset[str]:
    return frozenset(_ANCHOR.findall(page.read_text(encoding="utf-8")))
