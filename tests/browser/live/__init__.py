"""Pages of their own for live widgets, served with a strict policy: no site build is needed."""

import base64
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser import serving
from tests.browser.conftest import AXE, ROOT, SETTLED, WATCH
from tests.browser.explorers import properties
from tests.browser.firefox import Firefox, required_firefox
from vitexplain.explorer import WEB
from vitexplain.figures import theme
from vitexplain.site.assets import modules
from vitexplain.site.maths import node

WIDE = {"width": 1280, "height": 1000}
TARGET = 44  # pixels, for a finger
# No eval, no inline script, nobody else's server; WebAssembly alone may be compiled.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'"
)
STYLE = (
    f":root{{{properties(theme.LIGHT, theme.LIGHT_SCALE)}}}"
    f"[data-md-color-scheme=slate]{{{properties(theme.DARK, theme.DARK_SCALE)}}}"
    "body{margin:0;background:var(--vx-paper);color:var(--vx-ink);font:16px/1.6 sans-serif}"
    "main{max-width:var(--wide);margin:auto;padding:0 16px}a{color:inherit}"
)
SHEETS = (WEB / "explorer.css", ROOT / "docs" / "stylesheets" / "live.css")


def bundle(folder: Path, entry: Path) -> None:
    """Bundle the modules that `entry` imports into a folder."""
    command = [node(), "web/bundle.mjs", "docs/javascripts", str(folder), str(entry)]
    subprocess.run(command, cwd=ROOT, check=True)


def page_of(body: str, script: str, wide: int = 690) -> str:
    """Return a page that holds a widget and nothing else, in the colours of the site."""
    sheets = "".join(f'<link rel="stylesheet" href="{sheet.name}">' for sheet in SHEETS)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Live</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">{sheets}<style>{STYLE}:root{{--wide:{wide}px}}</style>'
        f'<script type="module" src="{script}"></script>'
        f'<body data-md-color-scheme="default"><main><h1>Live</h1>{body}</main></body></html>'
    )


def publish(folder: Path, body: str, assets: Mapping[str, bytes], wide: int = 690) -> None:
    """Write a page with a widget, what it asks for, and the site's own scripts."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    (folder / "js").mkdir()
    with FileLock(ROOT / ".cache" / "site.lock"):  # as the site has them: bundled once
        for module in modules(ROOT, ROOT / ".cache"):
            (folder / "js" / module.name).write_bytes(module.read_bytes())
    for sheet in SHEETS:
        (folder / sheet.name).symlink_to(sheet)
    for path, content in assets.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "index.html").write_text(page_of(body, "js/site.js", wide), encoding="utf-8")


class Strict(serving.Quiet):
    """A file server whose pages may do nothing but what they need."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder under the policy; yield its address, which ends in a slash."""
    with serving.served(folder, Strict) as address:
        yield f"{address}/"


@contextmanager
def visits(address: str, browser: Browser, window: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a page of this address, in a window of its own if it has options.

    What a page complains of, or asks of anyone else, fails the test.
    """
    opened: list[Page | BrowserContext] = []
    wrong: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "404" not in message.text:
            wrong.append(message.text)

    def ask(request: Request) -> None:
        if not request.url.startswith((address, "data:", f"blob:{address}")):
            wrong.append(request.url)

    def open_page(path: str = "", *, script: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": WIDE, **options}) if options else window
        page = context.new_page()
        opened.append(context if options else page)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", hear)
        page.on("request", ask)
        page.add_init_script(WATCH + script)
        page.goto(address + path)
        return page

    yield open_page
    for one in opened:
        one.close()
    assert wrong == []


@contextmanager
def in_firefox(address: str) -> Iterator[Firefox]:
    """Open an address in Firefox; what it complains of or asks of others is an error."""
    window = Firefox(required_firefox())
    try:
        window.open(address)
        yield window
        assert window.complaints == []
        own = (address, "data:", f"blob:{address}")
        assert [url for url in window.requests if not url.startswith(own)] == []
    finally:
        window.close()


def check_axe(page: Page, where: str = "html") -> None:
    """Nothing that axe knows of keeps anyone out, in either theme."""
    assert AXE.is_file(), "axe-core is missing: run `make site`, or `npm ci` in web/"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("default", "slate"):
        page.evaluate("s => document.body.setAttribute('data-md-color-scheme', s)", scheme)
        page.evaluate(SETTLED)
        found = page.evaluate(
            """async (where) =>
            (await axe.run(where, {resultTypes: ['violations']})).violations
            .map(v => v.id + ': ' + v.nodes.map(n => n.target + n.failureSummary).join('; '))""",
            where,
        )
        assert found == [], scheme


def check_targets(page: Page, selector: str) -> None:
    """What a finger wants is as large as a fingertip, and nothing is wider than the page."""
    script = """([selector, least]) => [...document.querySelectorAll(selector)]
      .filter((one) => one.checkVisibility()).map((one) => {
        const {width, height} = (one.closest('label') ?? one).getBoundingClientRect();
        return [one.outerHTML.slice(0, 80), width, height];
      }).filter(([, width, height]) => Math.min(width, height) < least - 0.01)"""
    assert page.evaluate(script, [selector, TARGET]) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.evaluate("innerWidth")


def explored(page: Page, what: str) -> Any:
    """Return something of the explorer on a page: `explored(page, "state.query")`."""
    return page.evaluate(f"document.querySelector('attention-explorer').{what}")


def packed(array: np.ndarray) -> dict[str, Any]:
    """Return an array as JSON that `unpack` of runtime.js reads."""
    if array.dtype == bool:
        return {"type": "bool", "dims": array.shape, "data": array.astype(int).ravel().tolist()}
    data = base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()
    return {"type": "float32", "dims": array.shape, "data": data}


def unpacked(tensor: dict[str, Any]) -> np.ndarray:
    """Return the array that `pack` of runtime.js wrote."""
    return np.frombuffer(base64.b64decode(tensor["data"]), "<f4").reshape(tensor["dims"])
