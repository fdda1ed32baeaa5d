"""What holds of every page, in both themes: quiet, private, light, still, accessible."""

import gzip
import re
from urllib.parse import urlsplit

import pytest

from builder.lesson import read_meta
from tests.browser.conftest import Open, Site
from tests.browser.pages import ROOT, violations
from vitexplain.explorer import WEB

HTML_BYTES = 20 * 1024
PAGE_BYTES = 150 * 1024
SHIFT = 0.02


def _address(markdown: str) -> str:
    return (
        "" if markdown == "index.md" else markdown.removesuffix(".md").removesuffix("index") + "/"
    )


def _pages() -> dict[str, int]:
    """Each page of the site by its address, known before it is built."""
    lessons = {p.stem: p.read_text(encoding="utf-8") for p in (ROOT / "explainers").glob("*.py")}
    metas = {name: read_meta(source, name=name) for name, source in lessons.items()}
    pages = {"": 0} | {_address(meta.page): 0 for meta in metas.values()}
    pages |= {f"notebooks/{name}/": 0 for name, meta in metas.items() if meta.notebook}
    for path in (ROOT / "docs").rglob("*.md"):
        pages[_address(path.relative_to(ROOT / "docs").as_posix()).replace("//", "/")] = 0
    return dict(sorted(pages.items()))


PAGES = list(_pages())
EVERY_PAGE = pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")


def test_the_list_of_pages_is_the_site(site: Site) -> None:
    built = {p.relative_to(site.folder).as_posix() for p in site.folder.rglob("*.html")}
    assert built == {f"{path}index.html" for path in PAGES} | {"404.html"}


@EVERY_PAGE
def test_html_is_light(site: Site, path: str) -> None:
    html = (site.folder / path / "index.html").read_bytes()
    assert len(gzip.compress(html, 9)) <= HTML_BYTES


@EVERY_PAGE
def test_nothing_on_the_page_names_another_host_to_load_from(site: Site, path: str) -> None:
    """What a browser loads by itself is relative; links to follow may lead anywhere."""
    html = (site.folder / path / "index.html").read_text(encoding="utf-8")
    loads = re.findall(r'<(?:script|img|iframe|source|plotly-figure)\b[^>]*\ssrc="([^"]+)"', html)
    loads += re.findall(r'<link\b[^>]*rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', html)
    assert loads
    assert [
        url for url in loads if re.match(r"[a-z]+:|/", url) and not url.startswith("data:")
    ] == []


class TestAtADesk:
    """A class is what one process does (`--dist loadscope`): this and the next take longest."""

    @EVERY_PAGE
    def test_page(self, visit: Open, path: str) -> None:
        """One visit: figures draw, nothing moves, and axe finds nothing, dark or light."""
        seen = visit(path, theme="dark")
        assert seen.page.evaluate("document.body.dataset.mdColorScheme") == "slate"
        count = seen.draw_all()
        drawn = seen.page.evaluate(
            """[...document.querySelectorAll('plotly-figure')].map((figure) => {
              const plot = figure.querySelector('.js-plotly-plot');
              const asked = Number(figure.dataset.traces);
              return plot.data.length === asked && plot.calcdata.length === asked
                && figure.querySelectorAll('.trace, .hm, .im, .layer-above path, .layer-below path,'
                  + ' .layer-below image, .annotation').length > 0
                && figure.getBoundingClientRect().width > 200
                && plot.scrollWidth <= figure.clientWidth + 1;
            })"""
        )
        assert drawn == [True] * count
        seen.page.evaluate("scrollTo(0, 0)")
        for scheme in ("slate", "default"):
            seen.page.evaluate("s => { document.body.dataset.mdColorScheme = s }", scheme)
            assert violations(seen.page) == [], scheme
        assert seen.shift() <= SHIFT, seen.page.evaluate("window.shifts")


class TestOnAPhone:
    """A window of 320 pixels, as 1280 at 400 % (WCAG 2.2, 1.4.10)."""

    @EVERY_PAGE
    def test_page(self, visit: Open, site: Site, path: str) -> None:
        """It weighs little until a figure is drawn, nothing is wider than the window or moves."""
        seen = visit(path, width=320)
        page = seen.page
        assert page.evaluate("document.body.dataset.mdColorScheme") == "default"
        page.wait_for_load_state("networkidle")
        weights = {}
        for url in dict.fromkeys(seen.requests):
            file = site.folder / urlsplit(url).path.removeprefix("/vitexplain/")
            file = file / "index.html" if file.is_dir() else file
            if re.search(r"assets/(plotly|theme|figures/|explorers/|live/)", url):
                continue  # that is a figure being drawn
            if re.search(r"javascripts/(element|chunk)-", url):
                continue  # and that is what draws it
            content = file.read_bytes()
            packed = content if file.suffix == ".woff2" else gzip.compress(content, 9)
            weights[file.relative_to(site.folder).as_posix()] = len(packed)
        assert sum(weights.values()) <= PAGE_BYTES, weights
        page.evaluate(
            """Promise.all([...document.querySelectorAll(
              'attention-explorer, live-goat, live-face, live-lab')].map((e) =>
              customElements.whenDefined(e.localName).then(() => e.ready)))"""
        )
        seen.draw_all()
        wide = page.evaluate(
            """document.documentElement.scrollWidth <= innerWidth ? [] :
              [...document.querySelectorAll('article *')]
              .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
              .map((e) => e.tagName + '.' + e.className).slice(0, 5)"""
        )
        assert wide == []
        assert seen.shift() <= SHIFT, page.evaluate("window.shifts")


@EVERY_PAGE
def test_page_can_be_read_without_javascript(visit: Open, path: str) -> None:
    seen = visit(path, java_script_enabled=False)
    page = seen.page
    assert page.locator("h1").first.is_visible()
    assert len(page.locator("article").inner_text().split()) > 20
    for index in range(page.locator("figure.vx-figure").count()):
        figure = page.locator("figure.vx-figure").nth(index)
        assert figure.locator("figcaption").inner_text().strip()
        assert figure.locator("table td").first.is_visible()
        assert not figure.locator("plotly-figure").is_visible()
    for index in range(page.locator("attention-explorer").count()):
        assert page.locator("attention-explorer").nth(index).locator("table, img").count() > 0


def test_source_files_are_small() -> None:
    """No page of ours ships what we would not read."""
    for path in [*(ROOT / "docs" / "javascripts").rglob("*.js"), *WEB.rglob("*.js")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 320, path
