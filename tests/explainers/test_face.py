"""The lesson of the face: its numbers, its explorer and tour, and that false claims stop it."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from builder.lesson import LessonError
from builder.render import render
from tests.explainers.pages import result
from vitexplain.designed import designed_attention
from vitexplain.explorer import decode

SOURCE = Path(__file__).parents[2] / "explainers" / "face.py"
LEFT_EYE, RIGHT_EYE, NOSE, MOUTH = 1, 2, 5, 6


@pytest.fixture(scope="module")
def partners() -> np.ndarray:
    """The weights of the first head, by torch, from tokens and matrices alone."""
    d = designed_attention()
    q, k = (torch.from_numpy(d.tokens @ w)[:, :4] for w in (d.w_q, d.w_k))
    return torch.softmax(q @ k.T / 4**0.5, dim=-1).numpy()


def test_it_says_at_once_that_nothing_was_trained(lesson):
    start = lesson.markdown[: lesson.markdown.index("<attention-explorer")]
    assert "Nobody trained this" in start
    assert len(start.split()) < 80  # the reader touches it within seconds


def test_the_numbers_of_the_left_eye_are_in_the_text(prose, partners):
    row = partners[LEFT_EYE]
    for key in (LEFT_EYE, RIGHT_EYE, MOUTH):
        assert f"{row[key]:.4f}" in prose
    np.testing.assert_allclose(row[[RIGHT_EYE, LEFT_EYE]], [0.3870, 0.1314], atol=5e-5)
    assert f"{row[RIGHT_EYE] / row[LEFT_EYE]:.2f}, and so" in prose


def test_erasing_an_eye_moves_its_weight_to_the_others(prose, partners):
    d = designed_attention()
    tokens = d.tokens.copy()
    tokens[RIGHT_EYE, :6] = d.tokens[15, :6]  # what it shows, not where it is
    q, k = (torch.from_numpy(tokens @ w)[:, :4] for w in (d.w_q, d.w_k))
    row = torch.softmax(q @ k.T / 4**0.5, dim=-1).numpy()[LEFT_EYE]
    assert f"falls from {partners[LEFT_EYE, RIGHT_EYE]:.4f} to {row[RIGHT_EYE]:.4f}" in prose
    assert f"the mouth {partners[LEFT_EYE, MOUTH]:.4f} → {row[MOUTH]:.4f}" in prose


def test_shuffling_is_equivariant_without_positions_and_not_with_them(lesson):
    same, moved = map(float, result(lesson, "straight, shuffled =").strip("()").split(","))
    assert same < 1e-12 < 0.1 < moved
    with_positions = map(float, result(lesson, "placed, jumbled =").strip("()").split(","))
    assert min(with_positions) > 0.01


def test_explorer_holds_the_three_maps(explorer, partners):
    shown = zip(explorer["maps"], explorer["examples"][0]["arrays"], strict=True)
    maps = {one["name"]: decode(arrays["weights"]) for one, arrays in shown}
    assert list(maps) == ["partners", "neighbours", "partners without positions"]
    np.testing.assert_allclose(maps["partners"], partners, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(maps["neighbours"].argmax(axis=1), np.arange(16))
    lost = maps["partners without positions"]
    np.testing.assert_allclose(lost[LEFT_EYE], lost[RIGHT_EYE], rtol=1e-9)
    assert explorer["url"]
    assert explorer["examples"][0]["grid"] == [4, 4]


def test_tour_asks_in_every_step_and_answers_with_the_weights(explorer, partners):
    tour = explorer["tour"]
    assert len(tour) >= 8
    assert all(step["ask"] and step["answer"] for step in tour)
    answers = {step["title"]: step["answer"] for step in tour}
    assert f"{partners[LEFT_EYE, RIGHT_EYE]:.4f}" in answers["Eye to eye"]
    assert f"{partners[RIGHT_EYE, NOSE]:.4f}" in answers["Not a handshake"]
    assert len({step["map"] for step in tour}) == 3
    assert any(step["view"] == "matrix" for step in tour)
    for step in tour:
        if step["choices"] and step["title"] in ("Eye to eye", "Your turn"):
            best = int(partners[step["query"]].argmax())
            assert best in step["choices"]
            assert explorer["examples"][0]["tokens"][best]["label"] in step["answer"]


def test_the_tour_covers_what_a_reader_should_see(explorer):
    background = 8
    seen = [(step["map"], step["query"]) for step in explorer["tour"]]
    titles = [step["title"] for step in explorer["tour"]]
    assert (titles[0], titles[-1]) == ("Start anywhere", "Your turn")
    assert {"Eye to eye", "Eye to mouth", "Another head, another question"} <= set(titles)
    assert any(query >= background for _, query in seen)
    assert any(number == 2 for number, _ in seen)  # without positions
    weights = [decode(arrays["weights"]) for arrays in explorer["examples"][0]["arrays"]]
    assert any(weights[number][query].argmax() == query for number, query in seen)


def test_every_weight_that_the_tour_names_is_in_the_data(explorer):
    weights = [decode(arrays["weights"]) for arrays in explorer["examples"][0]["arrays"]]
    for step in explorer["tour"]:
        shown = {f"{x:.4f}" for x in weights[step["map"]].ravel()}
        background = weights[step["map"]][step["query"], 8:].sum()
        sums = {f"{x:.4f}" for x in (background, 1 - background)}
        for number in re.findall(r"\d\.\d{4}", step["text"] + step["answer"]):
            assert number in shown | sums, step["title"]


def test_a_claim_that_does_not_hold_stops_the_lesson():
    source = SOURCE.read_text(encoding="utf-8")
    claim = '"the left eye wins": top(P[MOUTH]) == LEFT_EYE'
    assert claim in source
    with pytest.raises(LessonError, match=r"'Your turn'.*does not hold.*: the left eye wins"):
        render(source.replace(claim, claim.replace("LEFT", "RIGHT")), name="face")
