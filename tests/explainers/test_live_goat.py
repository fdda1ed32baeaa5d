"""“The goat, live” as a reader gets it: what it claims, computed again in other ways."""

import re

import numpy as np
import pytest

from tests.explainers.pages import numbers
from vitexplain.export import steps
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY

GOAT = [3.7630768611, 1.1512713040]


@pytest.fixture(scope="module")
def answers(lesson) -> list[str]:
    found = re.findall(r"<summary>Answer</summary>\n(.*?)</details>", lesson.markdown, re.DOTALL)
    return [" ".join(one.split()) for one in found]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return the softmax of a row, the plain way."""
    powers = np.exp(scores)
    return powers / powers.sum()


def test_what_the_widget_begins_with(widget, lesson):
    given = [(one["words"], one["embeddings"]) for one in widget["sentences"]]
    ours = (GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY)
    assert given == [(list(one.words), one.embeddings.tolist()) for one in ours]
    asking = [one["words"][one["query"]] for one in widget["sentences"]]
    assert asking == ["goat", "goat", "goat", "footballer"]
    first, lacks = widget["matrices"]
    assert first == {"name": "Identity", **{key: [[1, 0], [0, 1]] for key in "qkv"}}
    assert lacks["q"] == [[0, 9], [5, 0]]
    [model] = widget["models"].values()
    assert len(lesson.assets[f"assets/live/live_goat/{model['url']}"]) == model["bytes"]


def test_what_is_there_without_a_model(lesson, explorer):
    [example], query = explorer["examples"], explorer["query"]
    assert example["tokens"][query]["label"] == "goat"
    np.testing.assert_allclose(example["arrays"][0]["output"][query], GOAT, rtol=1e-9)
    assert len(explorer["tour"]) >= 4
    assert "goat gives most weight to goat (0.4596), grazing (0.4596)" in lesson.markdown


def test_a_push_is_no_push(answers):
    words = np.array([[1, 1], [-4, 0], [0, 0], [2.5, 2.5], [5, 0]])
    scores = words @ words[3]
    weights = softmax(scores / np.sqrt(2))
    score, before, after, *goat = numbers(answers[0])[:5]
    assert score == scores[1] == -10
    assert before == 0.0785
    assert after == round(weights[1], 7)
    np.testing.assert_allclose(goat, weights @ words, atol=5e-5)
    without = softmax(np.delete(scores, 1) / np.sqrt(2)) @ np.delete(words, 1, axis=0)
    np.testing.assert_allclose(weights @ words, without, atol=5e-6)


def test_heat_changes_no_order(answers):
    scores = MESSI.embeddings @ MESSI.embeddings[6] / np.sqrt(2)
    hot, cold = softmax(scores / 10), softmax((scores - scores.max()) / 0.1)
    told = numbers(answers[1].partition("<a")[0])
    assert told == [0.1, round(cold[0], 4), 10, *np.round(hot[[0, 3, 6]], 4)]
    assert hot.argmax() == cold.argmax() == 0


def test_a_mask_makes_order_count(answers):
    F = GOAT_FOOTBALLER.embeddings
    before = softmax(F[:3] @ F[2] / np.sqrt(2))
    swapped = softmax(F[[4, 1, 2]] @ F[2] / np.sqrt(2))
    told = numbers(answers[2].partition("<a")[0])
    assert told == [0, 5, round(before[0], 4), round(swapped[0], 4)]


def test_values_come_after_the_softmax(answers):
    told = numbers(answers[3].partition("<a")[0])
    assert told == [25, *np.round(GOAT[::-1], 4), *np.round(GOAT, 4)]


def test_the_links_hold_what_the_answers_are_about(answers):
    for answer, sentence in zip(
        answers, (GOAT_ANIMAL, MESSI, GOAT_FOOTBALLER, GOAT_ANIMAL), strict=True
    ):
        [link] = re.findall(r'href="\?goat=([^&"]*)', answer)
        version, switches, temperature, *matrices = link.split("_")[:6]
        fields = link.split("_")[6:]
        assert version == "1"
        assert tuple(fields[::3]) == sentence.words
        squares = [
            np.reshape([float(x) for x in one.split("*")], (2, 2)) if one else np.eye(2)
            for one in matrices
        ]
        shown = steps(
            np.array([fields[1::3], fields[2::3]], dtype=float).T,
            *squares,
            scaling="s" in switches,
            temperature=float(temperature),
            causal="c" in switches,
        )
        query = int(re.findall(r"query=(\d+)", answer)[0])
        text = answer.partition("<a")[0]
        assert any(f"{x:.4f}" in text for x in [*shown.weights[query], *shown.output[query]])
