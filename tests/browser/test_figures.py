"""What a figure does in a page: follows the theme and the width, speaks, and lets go."""

import pytest

from tests.browser.conftest import Open

LESSON = "lessons/goat/"
INKS = """[...document.querySelectorAll('plotly-figure .main-svg :is(text, path)')]
  .map((node) => getComputedStyle(node).fill)"""


def test_nothing_of_plotly_is_loaded_until_a_figure_is_near(visit: Open) -> None:
    seen = visit(LESSON, viewport={"width": 1280, "height": 300})
    seen.page.wait_for_load_state("networkidle")
    top = seen.page.locator("plotly-figure").first.bounding_box()
    assert top is not None
    assert top["y"] > 620, "the first figure of this lesson is too near for this test"
    assert not any("plotly.js" in url for url in seen.requests)
    seen.draw_all()
    assert sum(url.endswith("assets/plotly.js") for url in seen.requests) == 1


def test_figures_follow_the_theme_at_once(visit: Open) -> None:
    seen = visit(LESSON)
    seen.draw_all()
    light = seen.page.evaluate(INKS)
    seen.page.locator("label[for=__palette_1]").click()
    seen.page.wait_for_function(f"() => JSON.stringify({INKS}) !== JSON.stringify({light})")
    assert "rgb(27, 28, 34)" in light
    dark = seen.page.evaluate(INKS)
    assert "rgb(27, 28, 34)" not in dark
    assert "rgb(236, 236, 241)" in dark
    seen.page.locator("label[for=__palette_0]").click()
    seen.page.wait_for_function(f"() => JSON.stringify({INKS}) === JSON.stringify({light})")


def test_figures_follow_the_width(visit: Open) -> None:
    seen = visit(LESSON)
    seen.draw_all()
    figure = seen.page.locator("plotly-figure").first
    before = figure.locator("svg.main-svg").first.bounding_box()
    seen.page.set_viewport_size({"width": 390, "height": 900})
    seen.page.wait_for_function(
        "() => [...document.querySelectorAll('plotly-figure')].every((f) => "
        "Math.abs(f.querySelector('svg').clientWidth - f.clientWidth) <= 1)"
    )
    after = figure.locator("svg.main-svg").first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] < before["width"]
    assert after["height"] == before["height"]


# A promise that an element is written anew, be it with the same text.
NEWS = """(element) => { window.news = new Promise((done) =>
  new MutationObserver((_, observer) => (observer.disconnect(), done(null)))
    .observe(element, { childList: true })) }"""


@pytest.mark.parametrize("kind", ["scatter", "heatmap"])
def test_arrow_keys_read_a_figure_point_by_point(visit: Open, kind: str) -> None:
    seen = visit(LESSON)
    seen.draw_all()
    kinds = seen.page.evaluate(
        "[...document.querySelectorAll('plotly-figure > div')].map((plot) => plot.data[0].type)"
    )
    figure = seen.page.locator("plotly-figure").nth(kinds.index(kind))
    figure.focus()
    said = figure.locator("xpath=following-sibling::*[@aria-live]")
    texts = []
    for key in ["ArrowRight"] * 4 + ["ArrowLeft"] * 2:
        said.evaluate(NEWS)
        figure.press(key)
        seen.page.evaluate("window.news")
        texts.append(said.inner_text())
    assert all(texts)
    assert len(set(texts[:4])) > 1
    assert texts[4:] == [texts[2], texts[1]]
    figure.press("Escape")
    assert said.inner_text() == ""


def test_figures_that_leave_the_page_let_go_and_draw_again_when_they_return(visit: Open) -> None:
    seen = visit(LESSON)
    seen.draw_all()
    purged = seen.page.evaluate(
        """() => {
          const article = document.querySelector('article'), parent = article.parentElement;
          const old = [...article.querySelectorAll('.js-plotly-plot')];
          article.remove();
          const gone = old.map((plot) => !plot.data);
          parent.prepend(article);
          return gone;
        }"""
    )
    assert purged
    assert all(purged), "a figure is not purged"
    assert seen.draw_all() == len(purged)


def test_a_figure_whose_data_is_missing_says_so(visit: Open) -> None:
    seen = visit(LESSON)
    seen.page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('afterbegin', "
        '\'<plotly-figure id="lost" src="nowhere.json"></plotly-figure>\')'
    )
    lost = seen.page.locator("#lost[data-state=failed]")
    lost.wait_for()
    assert "could not be loaded" in lost.inner_text()
    assert all("nowhere.json" in one or "404" in one for one in seen.complaints)
    seen.complaints.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_print_is_light_and_has_the_numbers(visit: Open, theme: str) -> None:
    seen = visit(LESSON, theme=theme)
    seen.page.emulate_media(media="print")
    assert seen.page.locator("figure.vx-figure").last.locator("td").first.is_visible()
    assert not seen.page.locator(".md-header").is_visible()
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper in ("rgb(251, 250, 247)", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
