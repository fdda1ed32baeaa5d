"""Exercises know their answers, and refuse what could not be judged."""

from typing import Any

import numpy as np
import pytest

from vitexplain import exercises
from vitexplain.attention import attend
from vitexplain.tokens import GOAT_ANIMAL

WHY: dict[str, Any] = {"because": "It is so."}
X = GOAT_ANIMAL.embeddings
NAMES: dict[str, Any] = {"np": np, "q": X, "v": X}
BROKEN = """
s = q @ q.T / np.sqrt(2)
a = np.exp(s) / np.exp(s).sum(axis=0)
y = a @ v
"""
ROWS, ALL = (
    "a = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)",
    "a = np.exp(s) / np.exp(s).sum()",
)


def test_a_number_is_right_to_its_digits():
    one = exercises.calculate("How much?", 5 / np.sqrt(2), digits=1, slips=[(5, "No.")], **WHY)
    assert (one["written"], one["tolerance"]) == ("3.5", 0.1)
    assert one["slips"] == [{"given": 5.0, "says": "No."}]


def test_items_are_shown_by_the_alphabet_and_ordered_by_value():
    values = {"b": 1.0, "c": 3.0, "a": 2.0}
    one = exercises.arrange(
        "Which?", values, slips=[({k: -v for k, v in values.items()}, "Turned round.")], **WHY
    )
    assert [one["options"][i] for i in one["right"]] == ["b", "a", "c"]
    assert [one["options"][i] for i in one["slips"][0]["given"]] == ["c", "a", "b"]


def test_who_has_the_most_may_share_it():
    names = list(GOAT_ANIMAL.words)
    goat = attend(X, X, X).weights[names.index("goat")]
    one = exercises.look("Which?", names, goat, query=3, **WHY)
    assert [one["options"][i] for i in one["right"]] == ["goat", "grazing"]


def test_a_mend_is_the_one_that_runs_right():
    wanted = attend(X, X, X).output
    mends = sorted([ALL, ROWS, "a = nothing"])
    one = exercises.repair("Mend it.", BROKEN, 1, mends, given=NAMES, makes=wanted, **WHY)
    assert (one["line"], one["right"]) == (1, [mends.index(ROWS)])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: exercises.calculate("?", 1.0, slips=[(1.01, "No.")], **WHY), "differ"),
        (lambda: exercises.calculate("?", 1.0, slips=[(2, ""), (2.005, "")], **WHY), "differ"),
        (lambda: exercises.choose("?", {"a": False, "b": False}, **WHY), "must be true"),
        (lambda: exercises.choose("?", {"a": True, "b": True, "c": False}, **WHY), "must be true"),
        (lambda: exercises.choose("?", {"a": True, "b": True}, several=True, **WHY), "must be"),
        (
            lambda: exercises.choose("?", {"a": True, "b": False}, slips={"a": ""}, **WHY),
            "wrong op",
        ),
        (lambda: exercises.arrange("?", {"a": 1, "b": 1}, **WHY), "differ"),
        (lambda: exercises.arrange("?", {"a": 1, "b": 2}, **WHY), "another order"),
        (lambda: exercises.look("?", ["a"], [0.5, 0.5], query=0, **WHY), "1 names"),
        (lambda: exercises.look("?", ["a", "b"], [0.4, 0.6], query=0, grid=(2, 2), **WHY), "grid"),
        (
            lambda: exercises.repair("?", BROKEN, 1, [ALL], given=NAMES, makes=X, **WHY),
            "one mend must",
        ),
        (
            lambda: exercises.repair("?", "y = q", 0, ["y = q"], given=NAMES, makes=X, **WHY),
            "one mend must",
        ),
    ],
)
def test_what_could_not_be_judged_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_notebook_shows_questions_and_folded_answers(monkeypatch):
    asked = exercises.Exercises(
        exercises.choose("Which?", {"this": True, "that": False}, **WHY),
        exercises.repair("Mend.", BROKEN, 1, [ALL, ROWS], given=NAMES,
                         makes=attend(X, X, X).output, **WHY),
    )  # fmt: skip
    shown = asked._repr_mimebundle_()
    assert list(shown) == ["text/markdown"]
    text = shown["text/markdown"]
    assert "**Choose.** Which?\n\n- that\n- this\n\n<details" in text
    assert "**this**. It is so.\n\n</details>" in text
    assert f"```python\n{BROKEN.strip()}\n```" in text
    assert f"**`{ROWS}`**" in text
    monkeypatch.setenv("VITEXPLAIN_RENDERER", "data")
    assert len(asked._repr_mimebundle_()[exercises.MIME]["exercises"]) == 2
