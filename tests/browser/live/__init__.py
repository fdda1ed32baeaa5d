"""Pages of their own for live widgets, served with a strict policy: no site build is needed."""

import base64
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from playwright.sync_api import Page

from builder.assets import modules
from builder.maths import node
from tests.browser import serving
from tests.browser.firefox import Firefox, required_firefox
from tests.browser.pages import ROOT, page_of
from vitexplain.explorer import WEB

# No eval, no inline script, nobody else's server; WebAssembly alone may be compiled.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'"
)
SHEETS = (WEB / "explorer.css", ROOT / "docs" / "stylesheets" / "live.css")


def bundle(folder: Path, entry: Path) -> None:
    """Bundle the modules that `entry` imports into a folder."""
    command = [node(), "web/bundle.mjs", "docs/javascripts", str(folder), str(entry)]
    subprocess.run(command, cwd=ROOT, check=True)


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
    (folder / "index.html").write_text(widget_page(body, wide), encoding="utf-8")


def widget_page(body: str, wide: int = 690) -> str:
    return page_of(body, "js/site.js", sheets=[sheet.name for sheet in SHEETS], wide=wide)


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


def start(page: Page) -> Page:
    """Start the models by the keyboard, and wait until they are there.

    A pointer's first move may start them as well, and the button then goes away before a click.
    """
    page.locator(".vxl-start").focus()
    page.keyboard.press("Enter")
    page.locator(".vxl-loader.vxl-ready").wait_for(state="attached")
    return page


def packed(array: np.ndarray) -> dict[str, Any]:
    """Return an array as JSON that `unpack` of runtime.js reads."""
    if array.dtype == bool:
        return {"type": "bool", "dims": array.shape, "data": array.astype(int).ravel().tolist()}
    data = base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()
    return {"type": "float32", "dims": array.shape, "data": data}


def unpacked(tensor: dict[str, Any]) -> np.ndarray:
    """Return the array that `pack` of runtime.js wrote."""
    return np.frombuffer(base64.b64decode(tensor["data"]), "<f4").reshape(tensor["dims"])
