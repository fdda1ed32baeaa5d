"""What a reader does with the site as a whole: search, copy, switch, get lost."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open, Site


def test_search_finds_a_lesson_and_loads_nothing_before(visit: Open) -> None:
    seen = visit("")
    seen.page.wait_for_load_state("networkidle")
    assert not any("search" in url and "lazy-search" not in url for url in seen.requests)
    seen.page.locator(".md-search__input").click()
    seen.page.keyboard.type("softmax")
    hit = seen.page.locator(".md-search-result__link").first
    hit.wait_for()
    assert any(url.endswith("search_index.json") for url in seen.requests)
    hit.click()
    seen.page.wait_for_url(re.compile(r"/lessons/"))


def test_code_can_be_copied(visit: Open) -> None:
    seen = visit("lessons/goat/", permissions=["clipboard-read", "clipboard-write"])
    block = seen.page.locator("article > .highlight:not(.vx-output)").first
    seen.page.clock.install()  # what is said stays until the test lets time go on
    block.hover()
    button = block.locator(".vx-copy")
    button.click()
    expect(button).to_have_text("Copied")
    seen.page.clock.run_for(2000)
    expect(button).to_have_text("Copy")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("code").inner_text().strip()
    seen.complaints.clear()  # the theme misses the timers that it had set before the clock stood


def test_the_theme_of_the_reader_stays(visit: Open) -> None:
    seen = visit("", theme="light")
    seen.page.locator("label[for=__palette_1]").click()
    seen.page.reload()
    assert seen.page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    seen.leave()


def test_without_javascript_the_theme_of_the_system_holds(visit: Open) -> None:
    papers = set()
    for theme in ("light", "dark"):
        seen = visit("about/", theme=theme, java_script_enabled=False)
        seen.page.screenshot()  # styles are in place once there is a picture
        papers.add(seen.page.locator("body").evaluate("b => getComputedStyle(b).backgroundColor"))
    assert papers == {"rgb(251, 250, 247)", "rgb(21, 22, 28)"}


def test_a_page_that_does_not_exist_leads_home(visit: Open, site: Site) -> None:
    seen = visit("404.html")
    assert seen.page.title().startswith("Nothing attends here")
    seen.page.get_by_role("link", name="Start at the beginning").click()
    seen.page.wait_for_url(site.address)


def test_tab_reaches_the_skip_link_first_and_shows_the_focus(visit: Open) -> None:
    seen = visit("lessons/goat/")
    seen.page.keyboard.press("Tab")
    focus = seen.page.evaluate(
        "[document.activeElement.className, getComputedStyle(document.activeElement).outlineStyle]"
    )
    assert "md-skip" in focus[0].split()
    assert focus[1] != "none"
    seen.page.locator(".md-search__input").focus()
    seen.page.keyboard.press("Tab")  # the search closes: its results are no stop on the way
    stop = "document.activeElement.closest('.md-search__output') === null"
    assert seen.page.evaluate(stop)


def test_notebooks_can_be_downloaded_and_seen(visit: Open) -> None:
    seen = visit("lessons/goat/")
    bar = seen.page.locator(".vx-bar")
    with seen.page.expect_download() as download:
        bar.get_by_role("link", name="download").click()
    assert download.value.suggested_filename == "goat.ipynb"
    assert bar.get_by_role("link", name="open in Colab").get_attribute("href") == (
        "https://colab.research.google.com/github/vitexplain/vitexplain/blob/notebooks/goat.ipynb"
    )
    bar.get_by_role("link", name="view").click()
    seen.page.wait_for_url(re.compile("/notebooks/goat/"))
    seen.page.locator(".vx-bar").get_by_role("link", name="back to the lesson").wait_for()
    assert seen.draw_all() > 0


def test_the_pages_policy_lets_no_text_become_code_and_asks_nobody_else(visit: Open) -> None:
    seen = visit("lessons/goat/")
    refused = seen.page.evaluate(
        """async () => {
          const why = await new Promise((say) => setTimeout(() => {  // as a page, not as a test
            try { say((0, eval)('1 + 1')) } catch (error) { say(error.name) }
          }));
          const asked = await fetch('https://example.org/').then(() => 'asked', () => 'refused');
          return [why, asked];
        }"""
    )
    assert refused == ["EvalError", "refused"]
    assert len(seen.complaints) >= 2
    assert all("Content Security Policy" in one or "fetch" in one for one in seen.complaints)
    seen.complaints.clear()
    empty = "Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)"  # the least module there is
    assert seen.page.evaluate(f"WebAssembly.compile({empty}).then(() => 'compiled')") == "compiled"
