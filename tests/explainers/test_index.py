"""The home page: something to touch, true numbers, links that lead somewhere, code that runs."""

import json
import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from vitexplain.designed import designed_attention
from vitexplain.explorer import decode
from vitexplain.facts import told
from vitexplain.site.lesson import read_meta
from vitexplain.site.render import Rendered

EXPLAINERS = Path(__file__).parents[2] / "explainers"


def without_code(lesson: Rendered) -> str:
    return re.sub(r"^ *(`{3,}).*?^ *\1$", "", lesson.markdown, flags=re.DOTALL | re.MULTILINE)


def test_no_expression_is_left_outside_the_sample_that_shows_one(lesson: Rendered) -> None:
    assert "{eval}" not in without_code(lesson)
    assert lesson.markdown.count("{eval}") == 1
    assert not re.search(r"\b(nan|inf|None)\b", lesson.markdown)


def test_the_face_comes_first_and_is_compact(lesson: Rendered) -> None:
    data = json.loads(lesson.assets["assets/explorers/index/01.json"])
    assert data["compact"]
    [example] = data["examples"]
    assert example["tokens"][data["query"]]["label"] == "left eye"
    weights = decode(example["arrays"][0]["weights"])
    np.testing.assert_allclose(weights, designed_attention().head(0).weights, rtol=1e-9, atol=1e-12)
    before = lesson.markdown[: lesson.markdown.index("<attention-explorer")]
    assert len(re.sub("<[^>]+>", "", before).split()) < 40


@pytest.mark.parametrize(
    "words",
    [
        "[3.76, 1.15], an animal",
        "[1.15, 3.76], a footballer",
        "the right eye 0.3870 of its attention and keeps 0.1314",
        "both eyes get 0.2721",
        "86,567,656 parameters",
        "17.6 billion times",
        "takes 4.1% of that",
        f"We list {len(told('errata'))} of them",
    ],
)
def test_surprising_numbers_are_on_the_page(lesson: Rendered, words: str) -> None:
    assert words in " ".join(lesson.markdown.split())


def test_links_lead_to_pages_of_the_site(lesson: Rendered) -> None:
    pages = {
        read_meta(path.read_text(encoding="utf-8"), name=path.stem).page
        for path in EXPLAINERS.glob("*.py")
    }
    links = set(re.findall(r"\]\(([^)#:]+\.md)", lesson.markdown))
    assert {
        "lessons/goat.md",
        "lessons/face.md",
        "lessons/vit.md",
        "errata.md",
        "lecture.md",
    } <= links
    assert links <= pages


def test_the_snippet_for_lecturers_runs_and_fits_its_card(lesson: Rendered) -> None:
    blocks = re.findall(
        r"^ *```python\n(.*?)^ *```", lesson.markdown, flags=re.DOTALL | re.MULTILINE
    )
    (snippet,) = (re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks)
    lines = snippet.strip().splitlines()
    assert max(map(len, lines)) <= 42
    setup, _, picture = snippet.partition("figures.patch_attention")
    scope: dict = {}
    exec(setup, scope)
    assert isinstance(eval("figures.patch_attention" + picture.rstrip(), scope), go.Figure)


def test_layout_is_closed(lesson: Rendered) -> None:
    assert lesson.markdown.count("<div") == lesson.markdown.count("</div>")
    assert {"vx-hero", "vx-cards"} <= set(
        re.findall(r'class="(vx-hero|vx-cards)"', lesson.markdown)
    )
