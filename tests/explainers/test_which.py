"""The guide as a reader gets it: every situation, every line of evidence, every link."""

import gzip
import re
from pathlib import Path

import pytest

from tests.explainers.test_vit import result, table, words
from tests.lessons import made
from vitexplain.facts.advice import ADVICE
from vitexplain.site.lesson import read_lesson
from vitexplain.site.render import Rendered

SOURCE = (Path(__file__).parents[2] / "explainers" / "which.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lesson() -> Rendered:
    return made("which")


def test_nothing_is_left_open(lesson):
    assert "{eval}" not in lesson.markdown
    assert not re.search(r"\b(nan|inf|None)\b", lesson.markdown)
    assert not lesson.messages
    assert len(lesson.meta.description) <= 160
    assert (lesson.meta.page, lesson.meta.section) == ("lessons/which.md", "Comparisons")
    assert len(gzip.compress(lesson.markdown.encode())) < 10_000


def test_no_number_is_typed_into_prose():
    prose = [cell.source for cell in read_lesson(SOURCE, name="which").cells
             if cell.cell_type == "markdown"]  # fmt: skip
    text = re.sub(r"\{eval\}`[^`]+`|95% intervals", "", "\n".join(prose))
    assert not re.search(r"\d", text)


def test_the_overview_has_every_situation(lesson):
    assert table(lesson, "if …") == [[advice.situation, advice.choose] for advice in ADVICE]


@pytest.mark.parametrize("advice", ADVICE, ids=lambda advice: advice.situation)
def test_each_situation_shows_its_choice_its_reason_and_its_evidence(lesson, advice):
    section = lesson.markdown.partition(f"### {advice.situation}\n")[2]
    section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
    assert f"**{advice.choose}.** {advice.because}" in section
    lines = [line for line in section.splitlines() if line.startswith("- ")]
    assert len(lines) == len(advice.evidence)
    for one, line in zip(advice.evidence, lines, strict=True):
        assert line.startswith(f"- {one.says()} (")
        assert all(f"]({source.url})" in line for source in one.sources)
        assert not one.see or f"]({one.see.removeprefix('lessons/')})" in line


def test_works_are_listed(lesson):
    listed = lesson.markdown.partition("## Sources")[2]
    for advice in ADVICE:
        for one in advice.evidence:
            assert all(f"[{source.title}]({source.url})" in listed for source in one.sources)


def test_the_reader_can_take_it(lesson):
    assert ADVICE[0].evidence[0].says() in result(lesson, "line.says()")
    assert "95% intervals over seeds" in words(lesson)
