"""What the explorer's tests share: pages of their own, served, and a browser that looks at them.

The pages are written to a temporary folder: no site build is needed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import serving
from tests.browser.pages import ROOT, SETTLED, page_of, visits
from vitexplain.explorer import Explorer

SHARED = {
    "explorer": "src/vitexplain/explorer/web",
    "explorer.css": "src/vitexplain/explorer/web/explorer.css",
    # The site's letters, so that no test depends on those of the machine.
    "letters.woff2": "web/node_modules/@fontsource-variable/figtree/files/"
    "figtree-latin-wght-normal.woff2",
}
EXPECTED = ("Failed to load resource", "willReadFrequently")  # of missing.json; of a test
READY = """async () => {
  await document.fonts.load('1em Letters');
  if (document.querySelector('attention-explorer'))
    await customElements.whenDefined('attention-explorer');
  for (const e of document.querySelectorAll('attention-explorer[src]')) await e.ready
}"""


def html(*bodies: str) -> str:
    return page_of(f"{''.join(bodies)}<p id=after>After.</p>", letters=True)


def write(folder: Path, name: str, one: Explorer, *, static: bool = True) -> None:
    """Write an explorer's data and its page."""
    one.save(folder / f"{name}.json")
    fallback = one.still if static else ""
    tag = f'<attention-explorer src="{name}.json">{fallback}</attention-explorer>'
    (folder / f"{name}.html").write_text(html(tag))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder with the explorer's modules and style; yield its address."""
    for name, place in SHARED.items():
        (folder / name).symlink_to(ROOT / place)
    with serving.served(folder) as address:
        yield address


@contextmanager
def opener(address: str, browser: Browser, window: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a page and waits for its explorers; errors fail the test."""
    with visits(f"{address}/", browser, window, expected=EXPECTED) as visit:

        def open_page(path: str, *, width: int = 1280, height: int = 900, **options) -> Page:
            page = visit(path, viewport={"width": width, "height": height}, **options)
            if options.get("java_script_enabled", True):
                page.evaluate(READY)
            return page

        yield open_page


def explored(page: Page, what: str) -> Any:
    """Return something of the explorer on a page: `explored(page, "state.query")`."""
    return page.evaluate(f"document.querySelector('attention-explorer').{what}")


def look(page: Page, **state: Any) -> None:
    """Set what the explorer shows."""
    page.evaluate("to => { document.querySelector('attention-explorer').state = to }", state)


def state(page: Page) -> dict:
    return explored(page, "state")


def covered(page: Page) -> list[int]:
    """Return how much of each patch the shade covers, of 255: the middle of each."""
    return page.evaluate(
        """() => {
          const [rows, cols] = document.querySelector('attention-explorer').data.examples[0].grid;
          const { width, height } = document.querySelector('.vx-dim');
          const all = document.querySelector('.vx-dim').getContext('2d')
            .getImageData(0, 0, width, height).data;
          return Array.from({ length: rows * cols }, (_, i) => {
            const y = Math.floor((Math.floor(i / cols) + .5) * height / rows);
            const x = Math.floor((i % cols + .5) * width / cols);
            return all[4 * (y * width + x) + 3];
          });
        }"""
    )


def weights(page: Page) -> list[float]:
    """Return the row of the query that the explorer shows."""
    return page.evaluate("[...document.querySelector('attention-explorer').weights]")


def cell_at(page: Page, query: int, key: int) -> tuple[float, float]:
    """The middle of a cell of the matrix, on the screen."""
    canvas = page.locator(".vx-matrix .vx-canvas")
    box = canvas.bounding_box()
    assert box
    margin, cell = (float(canvas.get_attribute(f"data-{name}") or 0) for name in ("margin", "cell"))
    return box["x"] + margin + (key + 0.5) * cell, box["y"] + margin + (query + 0.5) * cell


def check_heights(page: Page, selector: str) -> None:
    """What a finger wants is as high as a fingertip, and nothing is wider than the page."""
    script = """(selector) => [...document.querySelectorAll(selector)]
      .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44)
      .map((e) => `${e.className} ${e.getBoundingClientRect().height}`)"""
    assert page.evaluate(script, selector) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def check_room(page: Page, *, name: str = "") -> None:
    """What stands below an explorer stands where it stood before there was a script."""
    page.evaluate(SETTLED)
    place = page.locator("#after").bounding_box()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(page.url)
    before = page.locator("#after").bounding_box()
    assert place
    assert before
    np.testing.assert_allclose(place["y"], before["y"], atol=1, err_msg=name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def numbers(page: Page, selector: str) -> list[float]:
    """Return the exact values of the numbers that match."""
    found = page.locator(selector).evaluate_all("all => all.map(e => e.value)")
    return [float(value) for value in found]
