"""The pages beside the lessons: errata, lecture and about, as a reader gets them."""

import re

from tests.explainers.pages import assets
from tests.lessons import made
from vitexplain.facts import SOURCES, told, topics

ERRATA = told("errata")


def rows() -> list[list[str]]:
    """Return the body rows of every table of the errata page, as cells."""
    lines = [line for line in made("errata").markdown.splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in lines]
    return [row for row in cells if row[-1] != "Why"]


def test_every_erratum_has_a_row_with_what_is_right_and_its_sources():
    table = rows()
    assert len(table) == len(ERRATA)
    in_order = [one for topic in topics("errata").values() for one in topic]
    for erratum, (says, _, why) in zip(in_order, table, strict=True):
        assert f"{erratum.place} · {erratum.verdict}</small>" in says
        assert all(f"]({source.url})" in why for source in erratum.sources)
        assert not erratum.see or f"({erratum.see})" in why


def test_both_values_are_shown():
    table = [" | ".join(row) for row in rows()]
    assert sum("[0.43, 0.00, 0.43, 0.00, 0.14]" in row and "0.4596" in row for row in table) == 1
    assert sum("[1.08, 3.79]" in row and "[1.1513, 3.7631]" in row for row in table) == 1


def test_the_samples_are_run():
    assert re.search(r"matrices × 1 .* largest weight 0\.9\d", made("errata").markdown)


def test_works_are_listed_with_their_titles():
    listed = made("errata").markdown.split("## Works cited")[1]
    cited = {source.key for e in ERRATA for source in e.sources}
    for key in cited:
        assert f"[{SOURCES[key].title}]({SOURCES[key].url})" in listed


def test_lecture_has_its_recipes_figures_and_explorer():
    lecture = made("lecture")
    headings = re.findall(r"^## (\d)\. ", lecture.markdown, flags=re.MULTILINE)
    assert headings == list("12345")
    [explorer] = assets(lecture, "explorers")
    assert len(explorer["examples"][0]["tokens"]) == 16


def test_about_gives_the_number_of_errata():
    assert f"list\n{len(ERRATA)} of" in made("about").markdown
