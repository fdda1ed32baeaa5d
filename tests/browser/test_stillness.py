"""Nothing moves by itself on a slow line, and nothing hangs on the fonts of a reader's machine.

`make stillness` asks every page and prints its layout shift; without it, those that moved most
and the largest ones stand for all.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route

from tests.browser.conftest import Site
from tests.browser.pages import WATCH
from tests.browser.serving import PREFIX, Packing, served
from tests.browser.test_pages import PAGES, SHIFT

AT_ONCE = 10
LINE = {  # 200 kB/s and 150 ms, as on a phone far from the mast
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 200_000,
}
DRAWN = """() => document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done))))"""
COMPLETE = """() => [...document.querySelectorAll('plotly-figure')]
  .every((figure) => figure.dataset.state === 'drawn')"""
READ = """async () => {
  const frame = () => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight * 0.8) {
    scrollTo(0, y);
    await frame();
  }
}"""
SOME = [
    "", "lessons/goat/", "lessons/vit/", "lessons/hybrids/", "live/goat/", "live/lab/",
    "api/experiments-faces/", "api/faces/", "notebooks/pitfalls/", "many-images/",
]  # fmt: skip


@pytest.fixture(scope="module")
def packed(site: Site) -> Iterator[str]:
    """The address of the site, as a host serves it: text is compressed."""
    with served(site.folder, Packing) as address:
        yield address + PREFIX


def slow(context: BrowserContext) -> tuple[Page, CDPSession]:
    """Return a page on a slow line and a slow processor, which counts what moves, and its tools."""
    page = context.new_page()
    page.add_init_script(WATCH)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", LINE)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return page, tools


@pytest.mark.parametrize(
    "paths", [SOME, pytest.param(PAGES, marks=pytest.mark.slow)], ids=["some", "all"]
)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_on_a_slow_line(
    packed: str, browser: Browser, paths: list[str], width: int
) -> None:
    """Each page is opened as on a first visit, and read from its top to its end.

    The processor is slow while a page arrives: a slow one costs this machine four times the work.
    """
    moved = {}
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        contexts = [
            browser.new_context(viewport={"width": width, "height": 844 if width < 500 else 900})
            for _ in some
        ]
        pages = [slow(context) for context in contexts]
        for (page, _), path in zip(pages, some, strict=True):
            page.goto(packed + path, wait_until="commit")
        for page, tools in pages:
            page.wait_for_load_state("networkidle")
            page.evaluate(DRAWN)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        for page, _ in pages:
            page.evaluate(READ)  # what comes near begins to load, on all pages side by side
        for (page, _), path in zip(pages, some, strict=True):
            page.wait_for_function(COMPLETE)
            page.evaluate(DRAWN)
            shifts = page.evaluate("window.shifts")
            total = sum(value for value, _ in shifts)
            print(f"{width:5} {total:.4f} {path or 'home'}")
            if total > SHIFT:
                moved[path] = shifts
        for context in contexts:
            context.close()
    assert moved == {}


def without_letters(route: Route) -> None:
    """Answer with a style sheet whose letters cannot be read."""
    answer = route.fetch()
    body = re.sub(r"(data:font/woff2;base64,)[\w+/=]+", r"\1AAAA", answer.text())
    route.fulfill(response=answer, body=body)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_without_our_letters_is_as_long(site: Site, browser: Browser, width: int) -> None:
    """Where no web font may be shown, stand-ins are as high, and nearly as wide."""
    paths = ("lessons/vit/", "lessons/goat/", "api/faces/", "many-images/")
    heights: dict[str, list[float]] = {path: [] for path in paths}
    for ours in (True, False):
        with browser.new_context(viewport={"width": width, "height": 900}) as context:
            page = context.new_page()
            if not ours:
                page.route(re.compile(r"main\.[0-9a-f]+\.min\.css$"), without_letters)
            for path in paths:
                page.goto(site.address + path)
                page.evaluate(DRAWN)
                assert page.evaluate("document.fonts.check('1em \"Figtree Variable\"')") is ours
                article = page.locator("article")
                heights[path].append(article.evaluate("article => article.offsetHeight"))
    for path, (with_them, without) in heights.items():
        print(f"{width:5} {with_them} {without} {path}")
        two_lines = 2 * 29.5
        assert abs(without - with_them) <= max(two_lines, 0.01 * with_them), path


def test_a_line_is_as_high_in_any_font(site: Site, browser: Browser) -> None:
    """Text, names in it, code, headings and cells: the letters do not make the room."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(site.address + "lessons/goat/")
        heights = page.evaluate(
            """async () => {
              const box = document.createElement('div');
              box.innerHTML = '<p>Hxg</p><p>Hxg <code>Hxg</code> <strong>Hxg</strong></p>'
                + '<h1>Hxg</h1><h2>Hxg</h2><h3>Hxg <code>Hxg</code></h3><ul><li>Hxg</li></ul>'
                + '<pre><code>Hxg\\nHxg</code></pre>'
                + '<div class="vx-scroll"><table><tr><td>Hxg</td></tr></table></div>';
              document.querySelector('article').append(box);
              const texts = ['var(--vx-text)', 'var(--vx-text-like)', 'sans-serif', 'serif'];
              const codes = ['var(--vx-code)', 'var(--vx-code-like)', 'monospace', 'serif'];
              const found = [];
              for (const text of texts)
                for (const code of codes) {
                  for (const e of [box, ...box.querySelectorAll('*')])
                    e.style.fontFamily = e.closest('code') ? code : text;
                  await document.fonts.ready;
                  found.push([...box.children].map((e) => e.getBoundingClientRect().height));
                }
              return found;
            }"""
        )
    assert all(min(some) > 0 for some in heights)
    assert [max(abs(a - b) for a, b in zip(some, heights[0], strict=True)) for some in heights] == (
        pytest.approx([0] * len(heights), abs=1)
    ), heights
