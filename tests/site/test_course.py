"""The map of the course: each lesson in the order of the menu, and none before what it needs."""

import re
from dataclasses import replace
from typing import Any

import markdown
import pytest

from builder import course
from builder.lesson import LessonError, Meta, read_meta
from builder.render import Rendered
from tests.lessons import ROOT

SOURCES = sorted((ROOT / "explainers").glob("*.py"))


def lesson(name: str, order: int, *, needs: tuple[str, ...] = (), **more: str) -> Rendered:
    text = "word " * 900 + '<plotly-figure src="x"></plotly-figure>'
    options: dict[str, Any] = {"can": f"do {name}", "page": f"lessons/{name}.md", **more}
    meta = Meta(f"Of {name}", f"About {name}.", order=order, needs=[*needs], **options)
    return Rendered(text, {}, {}, meta)


def test_lessons_stand_in_order_with_what_they_need_and_give():
    text = course.of(
        {
            "b": lesson("b", 2, needs=("a",)),
            "c": lesson("c", 3, section="Comparisons", needs=("a", "b")),
            "a": lesson("a", 1),
            "live": lesson("live", 0, section="Live"),
        }
    )
    assert re.findall(r"^(\d+)\. \*\*\[(.+?)\]\((.+?)\)", text, flags=re.MULTILINE) == [
        ("1", "Of a", "a.md"), ("2", "Of b", "b.md"), ("3", "Of c", "c.md"),
    ]  # fmt: skip
    assert text.count("about 5 minutes") == 3
    assert "Before it: [Of a](a.md), [Of b](b.md)." in text
    html = markdown.markdown(text, extensions=["md_in_html"])
    assert html.count("<li>") == 3
    assert [*re.findall(r"<h2>(.+)</h2>", html)] == list(course.PARTS.values())
    assert "<strong>Afterwards you can</strong> do a." in html


def test_what_comes_too_early_or_gives_nothing_is_an_error():
    with pytest.raises(LessonError, match="a needs b, which does not come before it"):
        course.of({"a": lesson("a", 1, needs=("b",)), "b": lesson("b", 2)})
    with pytest.raises(LessonError, match="a: the header lacks 'can'"):
        course.of({"a": lesson("a", 1, can="")})


def test_what_is_not_built_is_left_out():
    """While one lesson is written, the others are not there."""
    assert "Before it" not in course.of({"b": lesson("b", 2, needs=("a",))})


def test_it_takes_longer_with_more_to_read_and_to_touch():
    short = lesson("a", 1)
    assert course.minutes(short) == 5
    assert course.minutes(replace(short, markdown=short.markdown * 3)) == 20
    more = {f"assets/exercises/a/{i}.json": b"" for i in range(2)}
    assert course.minutes(replace(short, assets=more)) == 20


def test_every_lesson_says_what_it_gives_and_needs_lessons_that_are_there():
    metas = {path.stem: read_meta(path.read_text(), name=path.stem) for path in SOURCES}
    lessons = {name: meta for name, meta in metas.items() if meta.section in course.PARTS}
    assert len(lessons) > 15
    for meta in lessons.values():
        assert meta.can
        assert not meta.can.endswith(".")
        assert set(meta.needs) <= set(lessons)
    course.of({name: Rendered("", {}, {}, meta) for name, meta in lessons.items()})
