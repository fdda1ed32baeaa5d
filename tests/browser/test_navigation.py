"""From page to page: nothing stays behind; and a browser that keeps nothing for the site."""

from playwright.sync_api import Page

from tests.browser.conftest import Open

CHANGES = 40
BLOCKED = """
for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
  });
}
"""


def _counters(page: Page) -> dict[str, int]:
    """How many nodes, listeners and documents the page's process holds after cleaning up."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    counted = session.send("Memory.getDOMCounters")
    session.detach()
    return counted


def test_forty_pages_leave_nothing_behind(visit: Open) -> None:
    seen = visit("")
    page = seen.page
    been = {page.url}
    for _ in range(CHANGES):
        with page.expect_navigation(wait_until="load"):
            page.locator(".md-footer__link--next").click()
        been.add(page.url)
    assert len(been) == CHANGES + 1
    after = _counters(page)
    fresh = _counters(visit(page.url.partition("/vitexplain/")[2]).page)
    assert after["nodes"] <= 2 * fresh["nodes"], (after, fresh)
    assert after["jsEventListeners"] <= 2 * fresh["jsEventListeners"], (after, fresh)
    seen.leave()


def test_back_leads_to_the_same_place_and_forward_again(visit: Open) -> None:
    seen = visit("lessons/vit/")
    page = seen.page
    page.locator("#the-class-token").scroll_into_view_if_needed()
    there = page.evaluate("scrollY")
    assert there > 0
    with page.expect_navigation(wait_until="load"):
        page.locator(".md-header .md-logo").click()  # in view wherever one reads
    beyond = page.url
    page.go_back()
    page.wait_for_function(f"Math.abs(scrollY - {there}) < 2")
    assert seen.draw_all() > 0
    page.go_forward()
    assert page.url == beyond
    seen.leave()


def test_with_storage_blocked_the_search_and_the_theme_work(visit: Open) -> None:
    seen = visit("", theme="light")
    seen.page.wait_for_load_state("networkidle")  # or leaving would end a request
    seen.page.add_init_script(BLOCKED)
    seen.page.goto(seen.page.url + "lessons/goat/", wait_until="load")
    refused = "(() => { try { return localStorage } catch ({ name }) { return name } })()"
    assert seen.page.evaluate(refused) == "SecurityError"
    for label, scheme in (("__palette_1", "slate"), ("__palette_0", "default")):
        seen.page.locator(f"label[for={label}]").click()
        seen.page.wait_for_function(f"document.body.dataset.mdColorScheme === '{scheme}'")
    seen.page.locator(".md-search__input").click()
    seen.page.keyboard.type("softmax")
    seen.page.locator(".md-search-result__link").first.wait_for()
