"""What the browser needs besides pages: colours, fonts, KaTeX's style, Plotly, our style."""

import json
import re
from pathlib import Path

from vitexplain.figures import theme


class AssetError(Exception):
    """A file that the site needs is not there."""


def collect(root: Path, cache: Path) -> dict[str, bytes | Path]:
    """Return the files to add to the site: address to content, or to a path on disk.

    Raises `AssetError` when the packages of web/package.json are not installed.
    """
    packages = root / "web" / "node_modules"
    files: dict[str, bytes | Path] = {
        "assets/theme.json": json.dumps(theme.twins()).encode(),
        "assets/vitexplain.css": style(root).encode(),
        "assets/mark.svg": mark(root).encode(),
    }
    katex = packages / "katex" / "dist"
    files["assets/katex/katex.css"] = _only_woff2(_read(katex / "katex-swap.min.css")).encode()
    for font in sorted((katex / "fonts").glob("*.woff2")):
        files[f"assets/katex/fonts/{font.name}"] = font
    for family in ("figtree", "source-code-pro"):
        name = f"{family}-latin-wght-normal.woff2"
        files[f"assets/fonts/{name}"] = _file(
            packages / "@fontsource-variable" / family / "files" / name
        )
    files["assets/plotly.js"] = _file(
        packages / "plotly.js-cartesian-dist-min" / "plotly-cartesian.min.js"
    )
    return files


def unused(uri: str) -> bool:
    """Return whether this file of the theme is one that an English site never asks for."""
    return uri.startswith("assets/javascripts/lunr/") or uri.endswith(".map")


def style(root: Path) -> str:
    """Return our style sheet: the colours of the figures first, then docs/stylesheets/site."""
    sheets = sorted((root / "docs" / "stylesheets" / "site").glob("*.css"))
    return colours() + "".join(_read(sheet) for sheet in sheets)


def colours() -> str:
    """Return the palette as CSS custom properties; `figures.theme` is its only source."""

    def block(selector: str, palette: dict[str, str], scale: list[str]) -> str:
        named = {**palette, **{f"scale-{i}": colour for i, colour in enumerate(scale)}}
        body = "".join(f"--vx-{name}:{colour};" for name, colour in named.items())
        return f"{selector}{{{body}}}\n"

    dark = block("[data-md-color-scheme=slate]", theme.DARK, theme.DARK_SCALE)
    dark_without_script = block(".no-js body", theme.DARK, theme.DARK_SCALE)
    return (
        block(":root,[data-md-color-scheme=default]", theme.LIGHT, theme.LIGHT_SCALE)
        + dark
        + "@media screen and (prefers-color-scheme:dark){"
        + dark_without_script.strip()
        + "}\n"
    )


def mark(root: Path) -> str:
    """Return the name mark as a file of its own (the icon of a browser tab)."""
    svg = _read(root / "overrides" / "partials" / "logo.html")

    def rules(palette: dict[str, str]) -> str:
        return (
            f".far{{fill:{palette['ink']};opacity:.16}}.ask{{fill:{palette['query']}}}"
            f".near,.lit{{fill:{palette['weight']}}}.near{{opacity:.4}}"
            f".arrow{{fill:none;stroke:{palette['ink']};stroke-width:1.7}}"
        )

    css = f"{rules(theme.LIGHT)}@media(prefers-color-scheme:dark){{{rules(theme.DARK)}}}"
    return svg.replace(">\n", f"><style>{css}</style>\n", 1)


def scrolling_tables(content: str) -> str:
    """Return the content with each plain table in a box that scrolls, on a phone, by itself."""
    return re.sub(
        r"<table>.*?</table>",
        lambda m: (
            '<div class="vx-scroll" tabindex="0" role="group" aria-label="Table">'
            f'<table class="vx-table">{m[0].removeprefix("<table>")}</div>'
        ),
        content,
        flags=re.DOTALL,
    )


# Pygments marks every token; the theme colours keywords, strings, numbers, comments and names
# that are being defined. The other marks are a third of a page's weight.
_PLAIN_TOKEN = re.compile(r'<span class="(?:n|nn|nb|na|nl|bp|p|o|w|fm|vm)">([^<]*)</span>')


def plain_code(content: str) -> str:
    """Return the content with no marks around tokens that look like the rest of the code."""
    return _PLAIN_TOKEN.sub(r"\1", content.replace("<pre><span></span>", "<pre>"))


def slim(page: str) -> str:
    """Return a page without what this theme does not use, and without idle white space."""
    page = re.sub(r'\s*<link rel="stylesheet" href="[^"]*/palette\.[0-9a-f]+\.min\.css">', "", page)
    if 'class="doc ' not in page:
        page = re.sub(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">', "", page)
    kept = re.split(r"(<(pre|script|textarea|style)\b.*?</\2>)", page, flags=re.DOTALL)
    for index in range(0, len(kept), 3):
        kept[index] = re.sub(r"\n\s*", "\n", kept[index])
    return "".join(part for index, part in enumerate(kept) if index % 3 != 2)


def _only_woff2(css: str) -> str:
    return re.sub(r',url\([^)]*\) format\("(?:woff|truetype)"\)', "", css)


def _read(path: Path) -> str:
    return _file(path).read_text(encoding="utf-8")


def _file(path: Path) -> Path:
    if not path.is_file():
        raise AssetError(f"{path} is missing: `make site` installs it (npm ci in web/)")
    return path
