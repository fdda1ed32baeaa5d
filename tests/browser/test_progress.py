"""Where a reader has been: kept in the browser alone, shown on the map, forgotten at a click."""

import shutil
from collections.abc import Iterator

import pytest

from tests.browser.live import publish, served, widget_page
from tests.browser.pages import check_axe, visits
from tests.waiting import wait_for

KEPT = "localStorage.getItem('vitexplain-been')"
TALL = '<p style="height:3000px">Much to read.</p><h2 id="what-to-remember">What to remember</h2>'
MAP = """<div class="vx-way"><ol><li><p><a href="goat/">The goat</a></p></li>
<li><p><a href="face/">The face</a></p></li></ol></div>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("course")
    publish(folder, "", {})
    pages = {"lessons": MAP, "lessons/goat": TALL, "lessons/face": TALL}
    for path, body in pages.items():
        (folder / path).mkdir(parents=True, exist_ok=True)
        page = widget_page(body).replace('"js/', '"/js/')
        for sheet in folder.glob("*.css"):
            page = page.replace(f'href="{sheet.name}"', f'href="/{sheet.name}"')
        (folder / path / "index.html").write_text(page, encoding="utf-8")
    with served(folder) as at:
        yield at
    shutil.rmtree(folder)


def test_a_lesson_counts_when_its_end_was_seen(address, browser):
    with visits(address, browser) as open_page:
        page = open_page("lessons/goat/")
        assert page.evaluate(KEPT) is None
        page.locator("#what-to-remember").scroll_into_view_if_needed()
        wait_for(lambda: page.evaluate(KEPT) == "goat")
        page.goto(f"{address}lessons/")
        page.locator(".vx-been").wait_for()
        [been] = page.locator(".vx-been").all_inner_texts()
        assert been == "The goat You have been here."
        check_axe(page, "main")
        box = page.get_by_label("Remember which lessons I have read, in this browser alone")
        box.uncheck()
        assert page.locator(".vx-been").count() == 0
        page.goto(f"{address}lessons/face/")
        page.locator("#what-to-remember").scroll_into_view_if_needed()
        page.goto(f"{address}lessons/")
        assert not box.is_checked()
        assert page.locator(".vx-been").count() == 0
        box.check()
        assert page.evaluate(KEPT) == ""


def test_without_storage_nothing_breaks(address, browser):
    with visits(address, browser) as open_page:
        page = open_page("lessons/")
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage',"
            " { get() { throw new DOMException('denied') } })"
        )
        page.goto(f"{address}lessons/")
        assert not page.get_by_label("Remember").is_checked()
        page.goto(f"{address}lessons/goat/")
        page.locator("#what-to-remember").scroll_into_view_if_needed()
