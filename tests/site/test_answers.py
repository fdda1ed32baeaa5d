"""Exercises on a page: their data in a file, and a link to the page of all answers."""

import json
import re

import markdown
import numpy as np

from builder import answers
from builder.lesson import Meta
from builder.render import Rendered
from builder.shown import Outputs
from tests.lessons import ROOT
from vitexplain import exercises

ASKED = (
    exercises.calculate("How much is a half?", 0.5, because="Two of them make one."),
    exercises.look(
        "Which patch?", ["left", "right"], [0.3, 0.7], query=0,
        image=np.zeros((2, 4, 3)), grid=(1, 2), because="It is the larger.",
    ),
)  # fmt: skip


def lesson(name: str, order: int) -> Rendered:
    outputs = Outputs(name)
    bundle = {exercises.MIME: {"exercises": ASKED}, "text/markdown": "for a notebook"}
    text = outputs.markdown({"output_type": "execute_result", "data": bundle})
    meta = Meta(f"Of {name}", "A lesson.", order=order, page=f"lessons/{name}.md")
    return Rendered(text, outputs.assets, {}, meta)


def test_a_page_has_little_of_them_and_their_pictures_are_files():
    made = lesson("goat", 1)
    assert len(made.markdown) < 250
    assert "2 exercises, with answers" in made.markdown
    [data, picture] = sorted(made.assets)
    assert f'<lesson-exercises src="vx:{data}">' in made.markdown
    [_, seen] = json.loads(made.assets[data])["exercises"]
    assert seen["image"] == f"../../../{picture}"
    assert made.assets[picture].startswith(b"\x89PNG")


def test_all_answers_stand_on_one_page_in_the_order_of_the_lessons():
    none = Rendered("", {}, {}, Meta("None", "A page.", order=3))
    text = answers.of({"b": lesson("b", 2), "a": lesson("a", 1), "none": none})
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Of a { #a }", "Of b { #b }"]
    assert text.count("(lessons/a.md)") == 1
    html = markdown.markdown(text, extensions=["attr_list", "md_in_html", "pymdownx.superfences"])
    assert html.count("<details>") == 4
    assert '<h2 id="a">Of a</h2>' in html
    assert "<p><strong>0.50</strong>. Two of them make one.</p>" in html
    assert "<p><strong>right</strong>. It is the larger.</p>" in html


def test_its_page_is_there_and_lists_none_itself():
    page = (ROOT / "docs" / answers.PAGE).read_text(encoding="utf-8")
    assert "with answers" in page
    assert "<details" not in page
