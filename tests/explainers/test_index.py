"""The home page: something to touch, true numbers, links that lead somewhere, code that runs."""

import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from builder.lesson import read_meta
from tests.explainers.pages import words
from vitexplain.designed import designed_attention
from vitexplain.explorer import decode
from vitexplain.facts import told

EXPLAINERS = Path(__file__).parents[2] / "explainers"


def test_one_sample_shows_an_expression(lesson):
    assert lesson.markdown.count("{eval}") == 1


def test_the_face_comes_first_and_is_compact(lesson, explorer):
    assert explorer["compact"]
    [example] = explorer["examples"]
    assert example["tokens"][explorer["query"]]["label"] == "left eye"
    weights = decode(example["arrays"][0]["weights"])
    np.testing.assert_allclose(weights, designed_attention().head(0).weights, rtol=1e-9, atol=1e-12)
    before = lesson.markdown[: lesson.markdown.index("<attention-explorer")]
    assert len(re.sub("<[^>]+>", "", before).split()) < 40


def test_links_lead_to_pages_of_the_site(lesson):
    pages = {
        read_meta(path.read_text(encoding="utf-8"), name=path.stem).page
        for path in EXPLAINERS.glob("*.py")
    }
    links = set(re.findall(r"\]\(([^)#:]+\.md)", lesson.markdown))
    lessons = {f"lessons/{name}.md" for name in ("goat", "face", "vit")}
    assert lessons | {"errata.md", "lecture.md"} <= links
    assert links <= pages | {"lessons/index.md"}


def test_the_snippet_for_lecturers_runs_and_fits_its_card(lesson):
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


def test_it_has_its_parts(lesson):
    assert all(f'class="{part}"' in lesson.markdown for part in ("vx-hero", "vx-cards"))


def test_the_number_of_errata_is_there(lesson):
    assert f"We list {len(told('errata'))} of them" in words(lesson)
