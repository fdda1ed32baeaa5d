"""The teacher's lesson as a reader gets it: its bars, its answers, and what the runs say."""

import numpy as np
import pytest
import torch

from tests.explainers.pages import result, table
from tests.explainers.study_runs import cells, percent, runs, written
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.weights import load

FEW, ALL = 100, 1097
TAUGHT = {"pupil": "vit", "teacher": "cnn"}


@pytest.fixture(scope="module")
def said() -> np.ndarray:
    """What the teacher says of every test digit, as logits."""
    with torch.no_grad():
        return load("digits-teacher")(digits().test.images).numpy()


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_the_slider_shows_what_the_teacher_says(figures, said):
    rows = np.array(figures[0]["layout"]["sliders"][0]["steps"], dtype=object)
    assert [step["label"] for step in rows] == ["sure", "torn", "torn, too", "wrong"]
    bars = [trace for trace in figures[0]["data"] if trace["type"] == "bar"]
    for stop in range(len(rows)):
        label, as_is, soft = (np.array(one["x"]) for one in bars[3 * stop : 3 * stop + 3])
        [index] = np.flatnonzero(np.abs(softmax(said) - as_is).max(-1) < 1e-5)
        np.testing.assert_allclose(softmax(said[index] / 3), soft, atol=1e-5)
        assert label.argmax() == int(digits().test.labels[index])
        assert (as_is.argmax() == label.argmax()) == (rows[stop]["label"] != "wrong")
        assert as_is.max() >= soft.max()


def test_two_answers_have_the_model_s_mean(lesson):
    assert result(lesson, "torch.allclose").endswith("True\n")


def test_the_losses_are_those_of_one_picture(lesson, said):
    shown = result(lesson, "hard_loss(").split()
    hard, soft = float(shown[1]), float(shown[3])
    assert 0 <= hard < 5
    assert 0 <= soft < 5


@pytest.mark.parametrize(
    ("loss", "pictures"), [("hard", FEW), ("soft", FEW), ("hard", ALL), ("soft", ALL)]
)
def test_bars_are_the_runs(figures, loss, pictures):
    mean, low, high = percent(runs("deit", loss=loss, pictures=pictures, **TAUGHT))
    drawn = [x for trace in figures[1]["data"] if trace["type"] == "bar" for x in trace["x"]]
    assert np.isclose(drawn, mean, atol=1e-3).any()
    assert 0 <= low <= high <= 100


def test_its_sentences_are_the_runs(prose):
    for keys in (
        {"loss": "hard", "pictures": FEW, **TAUGHT},
        {"loss": "soft", "pictures": FEW, **TAUGHT},
        {"loss": "hard", "pictures": ALL, **TAUGHT},
        {"pupil": "vit", "teacher": "vit"},
        {"pupil": "vit", "teacher": "none"},
    ):
        assert written(runs("deit", **keys)) in prose


def test_the_same_pictures_bring_little_and_more_pictures_much():
    alone = runs("deit", pupil="vit", teacher="none")
    same = runs("deit", loss="hard", pictures=FEW, **TAUGHT)
    more = runs("deit", loss="hard", pictures=ALL, **TAUGHT)
    control = runs("deit", pupil="vit", teacher="vit")
    assert more.min() > max(alone.max(), same.max(), control.max())
    assert len(cells("deit")) == 7


def test_the_table_is_of_both_tokens(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "which answers")}
    assert list(rows) == ["class token", "distillation token", "both"]
    for name, cells_of in rows.items():
        for cell, (what, pictures) in zip(
            cells_of, [(w, n) for w in ("right", "agrees") for n in (FEW, ALL)], strict=True
        ):
            assert cell == written(
                runs("deit", what, name, loss="hard", pictures=pictures, **TAUGHT)
            )
