"""How the pages of these tests are written, opened and looked at, whatever they hold."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
)

from vitexplain.figures import theme

ROOT = Path(__file__).parents[2]
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
WIDE: ViewportSize = {"width": 1280, "height": 1000}
TARGET = 44  # pixels, for a finger
LETTERS = "@font-face{font-family:Letters;font-weight:300 900;src:url(letters.woff2)}"


def properties(colours: dict[str, str], scale: list[str]) -> str:
    steps = "".join(f"--vx-scale-{i}:{colour};" for i, colour in enumerate(scale))
    return "".join(f"--vx-{name}:{colour};" for name, colour in colours.items()) + steps


def page_of(
    body: str,
    script: str = "explorer/index.js",
    *,
    sheets: Sequence[str] = ("explorer.css",),
    wide: int = 690,
    letters: bool = False,
) -> str:
    """Return a page with this body, in the colours of the site."""
    links = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets)
    font = "Letters" if letters else "sans-serif"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">{links}<style>{LETTERS if letters else ""}'
        f":root{{{properties(theme.LIGHT, theme.LIGHT_SCALE)}}}"
        f"[data-md-color-scheme=slate]{{{properties(theme.DARK, theme.DARK_SCALE)}}}"
        f"body{{margin:0;background:var(--vx-paper);color:var(--vx-ink);font:16px/1.6 {font}}}"
        f"main{{max-width:{wide}px;margin:auto;padding:0 16px}}a{{color:inherit}}</style>"
        f'<script type="module" src="{script}"></script>'
        f'<body data-md-color-scheme="default"><main><h1>Page</h1>{body}</main></body></html>'
    )


@contextmanager
def visits(
    address: str,
    browser: Browser,
    window: BrowserContext | None = None,
    expected: Sequence[str] = ("404",),
) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a page of an address: in a shared window if its options allow.

    What a page complains of (but for what is expected), or asks of anyone else, fails the test.
    `heed` sees a page before it goes anywhere, and the list of what is wrong.
    """
    opened: list[Page | BrowserContext] = []
    wrong: list[str] = []

    def complain(text: str) -> None:
        if not any(known in text for known in expected):
            wrong.append(text)

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complain(message.text)

    def ask(request: Request) -> None:
        if not request.url.startswith((address, "data:", f"blob:{address}")):
            wrong.append(request.url)

    def open_page(
        path: str = "",
        *,
        script: str = "",
        clock: bool = False,
        viewport: ViewportSize = WIDE,
        heed: Callable[[Page, list[str]], None] = lambda page, wrong: None,
        **options: Any,
    ) -> Page:
        if window is None or options:
            context = browser.new_context(viewport=viewport, **options)
            page = context.new_page()
            opened.append(context)
        else:
            page = window.new_page()
            page.set_viewport_size(viewport)
            opened.append(page)
        page.on("pageerror", lambda error: complain(str(error)))
        page.on("console", hear)
        page.on("request", ask)
        heed(page, wrong)
        page.add_init_script(WATCH + script)
        if clock:
            page.clock.install()
        page.goto(address + path)
        return page

    yield open_page
    for one in opened:
        one.close()
    assert wrong == [], wrong


def violations(page: Page, where: str = "html") -> list[str]:
    """Return what axe finds that keeps anyone out."""
    assert AXE.is_file(), "axe-core is missing: run `make site`, or `npm ci` in web/"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(SETTLED)
    return page.evaluate(
        """async (where) => (await axe.run(where, {resultTypes: ['violations']})).violations
          .flatMap(({id, nodes}) => nodes.map((n) => `${id}: ${n.target} ${n.failureSummary}`))""",
        where,
    )


def check_axe(page: Page, where: str = "html") -> None:
    """Nothing that axe knows of keeps anyone out, in either theme."""
    for scheme in ("default", "slate"):
        page.evaluate("s => document.body.setAttribute('data-md-color-scheme', s)", scheme)
        found = violations(page, where)
        assert not found, f"{scheme}: {found}"


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
