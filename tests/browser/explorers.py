"""What the explorer's tests share: pages of their own, served, and a browser that looks at them.

The pages are written to a temporary folder: no site build is needed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser import serving
from tests.browser.conftest import ROOT
from vitexplain.explorer import Explorer
from vitexplain.figures import theme

SHARED = {
    "explorer": "src/vitexplain/explorer/web",
    "explorer.css": "src/vitexplain/explorer/web/explorer.css",
    # The site's letters, so that no test depends on those of the machine.
    "letters.woff2": "web/node_modules/@fontsource-variable/figtree/files/"
    "figtree-latin-wght-normal.woff2",
}
EXPECTED = ("Failed to load resource", "willReadFrequently")  # of missing.json; of a test
AXE_RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .map((v) => v.id + ': ' + v.nodes.map((n) => n.target + n.failureSummary).join('; '))"""
READY = """async () => {
  await document.fonts.load('1em Letters');
  if (document.querySelector('attention-explorer'))
    await customElements.whenDefined('attention-explorer');
  for (const e of document.querySelectorAll('attention-explorer[src]')) await e.ready
}"""


def properties(colours: dict[str, str], scale: list[str]) -> str:
    steps = "".join(f"--vx-scale-{i}:{colour};" for i, colour in enumerate(scale))
    return "".join(f"--vx-{name}:{colour};" for name, colour in colours.items()) + steps


def html(*bodies: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Explorer</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="explorer.css"><style>'
        f":root{{{properties(theme.LIGHT, theme.LIGHT_SCALE)}}}"
        f"[data-md-color-scheme=slate]{{{properties(theme.DARK, theme.DARK_SCALE)}}}"
        "@font-face{font-family:Letters;font-weight:300 900;src:url(letters.woff2)}"
        "body{margin:0;background:var(--vx-paper);color:var(--vx-ink);font:16px/1.6 Letters}"
        "main{max-width:690px;margin:auto;padding:0 16px}</style>"
        '<script type="module" src="explorer/index.js"></script>'
        '<body data-md-color-scheme="default"><main><h1>Explorer</h1>'
        f"{''.join(bodies)}<p id=after>After.</p></main></body></html>"
    )


def write(folder: Path, name: str, one: Explorer, *, static: bool = True) -> None:
    """Write an explorer's data and its page."""
    one.save(folder / f"{name}.json")
    fallback = one._repr_mimebundle_()["text/html"] if static else ""
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
def opener(address: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a page and waits for its explorers; errors fail the test."""
    contexts, errors = [], []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            errors.append(message.text)

    def stranger(request: Request) -> None:
        if not request.url.startswith((address, "data:")):
            errors.append(request.url)

    def open_page(
        path: str, *, width: int = 1280, height: int = 900, clock: bool = False, **options
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", complain)
        page.on("request", stranger)
        if clock:
            page.clock.install()
        page.goto(f"{address}/{path}")
        if options.get("java_script_enabled", True):
            page.evaluate(READY)
        return page

    yield open_page
    for context in contexts:
        context.close()
    errors = [error for error in errors if not any(known in error for known in EXPECTED)]
    assert errors == []


def state(page: Page) -> dict:
    return page.evaluate("document.querySelector('attention-explorer').state")


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
    return page.evaluate("[...document.querySelector('attention-explorer').weights]")


def numbers(page: Page, selector: str) -> list[float]:
    """Return the exact values of the numbers that match."""
    found = page.locator(selector).evaluate_all("all => all.map(e => e.value)")
    return [float(value) for value in found]
