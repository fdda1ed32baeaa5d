"""The numbers of a figure can be taken away: with JavaScript and without."""

import csv
import io
from itertools import chain
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.pages import violations

LESSON = "lessons/goat/"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_file_under_a_figure_has_the_numbers_of_its_table(visit: Open, script: bool) -> None:
    seen = visit(LESSON, java_script_enabled=script)
    figures = seen.page.locator("figure.vx-figure")
    assert figures.count() > 1
    for figure in (figures.first, figures.last):
        if script:
            figure.locator("summary").click()
        with seen.page.expect_download() as coming:
            figure.get_by_role("link", name="Download the data (CSV)").click()
        file = coming.value
        assert file.suggested_filename.startswith("goat-")
        text = Path(file.path()).read_text(encoding="utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        assert header == figure.locator("thead :is(th, td)").all_inner_texts()
        cells = [row.locator("td").all_inner_texts() for row in figure.locator("tbody tr").all()]
        assert len(rows) == len(cells) > 1
        for shown, written in zip(chain(*cells), chain(*rows), strict=True):
            try:
                assert float(shown.replace("−", "-")) == pytest.approx(float(written), rel=5e-4)
            except ValueError:
                assert shown == written
    assert seen.page.url.endswith(LESSON)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_open_table_and_its_link_are_accessible(visit: Open, theme: str) -> None:
    seen = visit(LESSON, theme=theme, width=390)
    seen.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert violations(seen.page, "figure.vx-figure") == []
    assert not seen.page.evaluate("document.documentElement.scrollWidth > innerWidth")
