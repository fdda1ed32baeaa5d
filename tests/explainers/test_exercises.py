"""Every exercise of every lesson, answered rightly and wrongly, by the judge that pages run."""

import json
import re
import subprocess
import sys
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest

from tests.explainers.pages import assets, cells
from tests.lessons import ROOT, made
from tests.waiting import PATIENCE
from vitexplain.writing import number

NODE = Path(sys.executable).parent / "node"
JUDGED = Path(__file__).with_name("judged.mjs")
LESSONS = [
    path.stem
    for path in sorted((ROOT / "explainers").glob("*.py"))
    if "Exercises(" in path.read_text(encoding="utf-8")
]
MANY = {
    "convolution",
    "face",
    "goat",
    "learned_face",
    "vit",
    "vit_at_work",
}  # at least five questions


def judged(asked: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [NODE, JUDGED],
        input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    return json.loads(done.stdout)


def exercises(name: str) -> list[dict[str, Any]]:
    return [one for file in assets(made(name), "exercises") for one in file["exercises"]]


def typed(x: float) -> str:
    return number(x, 6)


def right(one: dict[str, Any]) -> list[Any]:
    """Return right answers: the number as typed, precise and rounded; or what is to be chosen."""
    if one["kind"] == "number":
        return [typed(one["answer"]), one["written"]]
    if one["kind"] == "repair":
        return [[one["line"]], [one["line"], *one["right"]]]
    several = one["kind"] == "order" or one.get("several")
    return [one["right"]] if several else [[choice] for choice in one["right"]]


def slips(one: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return each known mistake as a reader makes it, with what is said to it."""

    def given(slip: Any) -> Any:
        if one["kind"] == "number":
            return typed(slip)
        if one["kind"] == "repair":
            return [one["line"], slip]
        return slip if one["kind"] == "order" else [slip]

    return [(given(slip["given"]), slip["says"]) for slip in one["slips"]]


def unknown(one: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return wrong answers that nobody foresaw, with the reason that is given."""
    known = [slip["given"] for slip in one["slips"]]
    options = range(len(one.get("options", ())))
    if one["kind"] == "number":
        far = 10 * max([abs(one["answer"]), *map(abs, known), one["tolerance"]])
        return [(typed(far), "large"), (typed(-far), "small"), ("a goat", "unread"), ("", "unread")]
    if one["kind"] == "order":
        others = (list(p) for p in permutations(options) if list(p) not in [one["right"], *known])
        return [(next(others), "places")]
    free = [i for i in options if i not in one["right"] and i not in known]
    if one["kind"] == "repair":
        lines = [i for i in range(len(one["lines"])) if i != one["line"]]
        return [([i], "line") for i in lines] + [([one["line"], i], "other") for i in free]
    some = [list(c) for n in range(len(one["right"])) for c in combinations(one["right"], n)]
    missing = [(c, "missing" if c else "none") for c in some] if one.get("several") else []
    return [([i], "other") for i in free] + (missing or [([], "none")])


@pytest.mark.parametrize("name", LESSONS)
def test_each_answer_gets_what_it_deserves(name):
    asked, said = [], []
    for one in exercises(name):
        for answer in right(one):
            asked.append((one, answer))
            said.append({"right": True})
        for answer, says in slips(one):
            asked.append((one, answer))
            said.append({"right": False, "says": says})
        for answer, reason in unknown(one):
            asked.append((one, answer))
            said.append({"right": False, "reason": reason})
    for (one, answer), verdict, wanted in zip(asked, judged(asked), said, strict=True):
        verdict.pop("places", None)
        assert verdict == wanted, f"{one['asks']!r} answered {answer!r}"


@pytest.mark.parametrize("name", sorted(MANY))
def test_these_lessons_ask_five_questions_at_least_in_three_ways(name):
    asked = exercises(name)
    assert len(asked) >= 5
    assert len({one["kind"] for one in asked}) >= 3
    assert sum(len(one["slips"]) for one in asked) >= len(asked)


BY_HAND = {
    "goat": [5 / 2**0.5, 3 / 4, 8],
    "face": [12 * 8, 16 * 16 * 3],
    "convolution": [3 * (3 - 1), (32 + 4 - 5) // 2 + 1, 6 * 26],
    "vit": [14 * 14 + 1, 3**4, 16 * 16 * 3 * 384 + 384],
    "vit_at_work": [12 * 12, 0.8 * 0.75 + 0.2 * 0.1],
    "learned_face": [16 / 4],
    "trained_goat": [24 / 25, 0.2 / 0.4],
    "translation": [6 * 7 / 2],
    "reading_attention": [4 / 49],
    "no_labels": [0.9 * 2 + 0.1 * 4, 4 / 8],
    "distillation": [3 / 4, 1.5 * 0.693147],
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_answer_is_what_a_hand_gets(name):
    answers = [one["answer"] for one in exercises(name) if one["kind"] == "number"]
    assert answers == pytest.approx(BY_HAND[name])


@pytest.mark.parametrize("name", LESSONS)
def test_a_question_is_short_and_says_why(name):
    for one in exercises(name):
        assert 10 < len(one["asks"]) < 240, one["asks"]
        assert 20 < len(one["because"]) < 320, one["because"]
        for text in (
            one["asks"],
            one["because"],
            *one["hints"],
            *(s["says"] for s in one["slips"]),
        ):
            assert text[0].isupper() or text[0] in "“*`0123456789−½λ√", text
            assert text[-1] in ".?!:" or text.endswith(("*", "”")), text
            assert text.count("**") % 2 == text.count("`") % 2 == 0, text


@pytest.mark.parametrize("name", LESSONS)
def test_the_page_names_the_files_and_leads_to_the_answers(name):
    text = made(name).markdown
    files = sorted(path for path in made(name).assets if path.startswith("assets/exercises/"))
    assert re.findall(r'<lesson-exercises src="vx:([^"]+)"', text) == files
    assert text.count(f'<a href="vx:exercises.md#{name}">') == len(files)
    for cell in cells(name):
        if "Exercises(" in cell.source:
            assert "remove-code" in cell.metadata["tags"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("0.25", 0.25), (".25", 0.25), ("0,25", 0.25), ("1/4", 0.25), ("25%", 0.25), (" 25 % ", 0.25),
     ("−0.25", -0.25), ("-.25", -0.25), ("50,176", 50176), ("50 176", 50176),
     ("2.5e-1", 0.25), ("≈ 0.25", 0.25)],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text, said):
    one = {"kind": "number", "answer": said, "tolerance": 1e-9, "slips": []}
    assert judged([(one, text)]) == [{"right": True}]


@pytest.mark.parametrize(
    "text", ["", "two", "1.2.3", "1/2/3", "3 goats", "%", "1/", "NaN", "Infinity", "1,2,3"]
)
def test_what_is_no_number_is_not_read_as_one(text):
    one = {"kind": "number", "answer": 1, "tolerance": 0.1, "slips": []}
    assert judged([(one, text)]) == [{"right": False, "reason": "unread"}]


def test_an_answer_that_was_rounded_early_is_told_so():
    one = {"kind": "number", "answer": 3.54, "tolerance": 0.01, "slips": []}
    assert judged([(one, "3.5")])[0]["reason"] == "near"
