"""What the browser needs besides pages: colours, style, modules, fonts, Plotly."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from builder.freshness import hashed
from builder.maths import node
from builder.styles import prune
from vitexplain.experiments.fetched import fetched
from vitexplain.explorer import WEB
from vitexplain.explorer.page import properties
from vitexplain.figures import theme

# No italics: slanted letters of the same font cannot arrive late and move a line.
FONTS = ("figtree-latin-wght-normal", "source-code-pro-latin-wght-normal")
_THEME_SHEET = re.compile(r"assets/stylesheets/main\.[0-9a-f]+\.min\.css")
_SEARCH = re.compile(r"assets/javascripts/workers/search\.[0-9a-f]+\.min\.js")


class AssetError(Exception):
    """A file that the site needs is not there."""


def collect(root: Path, cache: Path) -> dict[str, bytes | Path]:
    """Return the files to add to the site: address to content, or to a path on disk.

    Raises `AssetError` when the packages of web/package.json are not installed.
    """
    packages = root / "web" / "node_modules"
    katex = packages / "katex" / "dist"
    files: dict[str, bytes | Path] = {
        "assets/theme.json": json.dumps(theme.twins()).encode(),
        "assets/mark.svg": mark(root).encode(),
        "assets/katex/katex.css": _only_woff2(_read(katex / "katex-swap.min.css")).encode(),
        "assets/plotly.js": _file(
            packages / "plotly.js-cartesian-dist-min" / "plotly-cartesian.min.js"
        ),
    }
    for font in sorted((katex / "fonts").glob("*.woff2")):
        files[f"assets/katex/fonts/{font.name}"] = font
    for name in FONTS:
        files[f"assets/fonts/{name}.woff2"] = _font(root, name)
    search = root / "docs" / "javascripts" / "lazy-search.js"
    files["javascripts/lazy-search.js"] = _file(search)
    files["stylesheets/explorer.css"] = _file(WEB / "explorer.css")
    for module in modules(root, cache):
        files[f"javascripts/{module.name}"] = module
    return files


def models() -> dict[str, bytes | Path]:
    """Return the fetched models' graphs and maps: address to a path on disk."""
    files = [path for one in fetched().values() for path in (one.graph, one.maps)]
    return {f"models/{path.name}": path for path in files}


def modules(root: Path, cache: Path) -> list[Path]:
    """Return the browser's modules, bundled; nothing is done when no source has changed."""
    web, sources = root / "web", root / "docs" / "javascripts"
    parts = ("docs/javascripts", "web/package-lock.json", "web/bundle.mjs")
    made = cache / "modules" / hashed(root, parts, [hashed(WEB)])[:16]
    if not (made / "site.js").exists():
        _file(web / "node_modules" / "esbuild" / "package.json")
        shutil.rmtree(made.parent, ignore_errors=True)
        command = [node(), str(_file(web / "bundle.mjs")), str(sources), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssetError(f"the browser's modules do not bundle:\n{done.stderr}")
    return sorted(path for path in made.iterdir() if path.suffix in (".js", ".gz"))


def unused(uri: str) -> bool:
    """Return whether this file, of the theme or a source of ours, is never asked for as it is."""
    return uri.endswith(".map") or uri.startswith(
        (
            "assets/javascripts/lunr/",
            "assets/stylesheets/palette.",
            "assets/images/favicon",
            "javascripts/",
            "stylesheets/site/",
        )
    )


def is_rewritten(uri: str) -> bool:
    """Return whether `rewrite` replaces this file of the theme."""
    return bool(_THEME_SHEET.fullmatch(uri) or _SEARCH.fullmatch(uri))


def rewrite(root: Path, uri: str, content: str) -> str:
    """Return what this site has in place of a file of the theme: its style sheet, its search."""
    return search_worker(content) if _SEARCH.fullmatch(uri) else style(root, content)


def search_worker(code: str) -> str:
    """Return the theme's search (lunr 2.3.9) with states of its dictionary that keep apart.

    lunr takes two states for one if the letters and the numbers of their successors, written
    without anything between, agree: "1" to 3 and "2" to 3 is "1323", and so is "1" to 323. Words
    that nobody wrote are then found, and the search stops at the first of them. A comma tells.
    Raises `AssetError` when the theme brings another search.
    """
    written = re.compile(r"TokenSet\.prototype\.toString=.{0,250}?(\w)=\1\+\w\+\w\.id(?=\})")
    mended, count = written.subn(r"\g<0>+','", code)
    if count != 1:
        raise AssetError("the theme's search is another one: see builder.assets")
    return mended


def style(root: Path, theme_sheet: str) -> str:
    """Return the one style sheet: the theme's, pruned, colours, stylesheets/site."""
    sheets = sorted((root / "docs" / "stylesheets" / "site").glob("*.css"))
    own = "".join(_read(sheet) for sheet in sheets)
    return prune(theme_sheet) + colours() + own


def colours() -> str:
    """Return the palette as CSS custom properties; `figures.theme` is its only source."""

    def block(selector: str, palette: dict[str, str], scale: list[str]) -> str:
        return f"{selector}{{{properties(palette, scale)}}}\n"

    light = block(":root,[data-md-color-scheme=default]", theme.LIGHT, theme.LIGHT_SCALE)
    dark = block("[data-md-color-scheme=slate]", theme.DARK, theme.DARK_SCALE)
    no_script = block(".no-js body", theme.DARK, theme.DARK_SCALE).strip()
    return (
        f"{light}@media screen{{{dark.strip()}}}\n"  # paper is always light
        f"@media screen and (prefers-color-scheme:dark){{{no_script}}}\n"
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


def _only_woff2(css: str) -> str:
    return re.sub(r',url\([^)]*\) format\("(?:woff|truetype)"\)', "", css)


def _font(root: Path, name: str) -> Path:
    package = root / "web" / "node_modules" / "@fontsource-variable" / name.partition("-latin")[0]
    return _file(package / "files" / f"{name}.woff2")


def _read(path: Path) -> str:
    return _file(path).read_text(encoding="utf-8")


def _file(path: Path) -> Path:
    if not path.is_file():
        raise AssetError(f"{path} is missing: `make site` installs it (npm ci in web/)")
    return path
