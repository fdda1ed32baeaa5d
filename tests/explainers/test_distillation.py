"""The teacher's lesson as a reader gets it: its bars, its answers, and what the runs say."""

import numpy as np
import pytest
import torch

from tests.explainers.pages import result, table
from tests.explainers.study_runs import cells, percent, runs, written
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.weights import load

FEW, ALL = 100, 1097
ALONE = {"pupil": "vit", "teacher": "none"}
LOSSES = ("hard", "soft", "soft 0.9")


def got(loss, pictures, steps=800, teacher="cnn"):
    """What says which pupil is meant."""
    return {"teacher": teacher, "loss": loss, "pictures": pictures, "steps": steps}


LISTENS, CONTROL = got("soft 0.9", ALL), got("soft 0.9", ALL, teacher="vit")
SHOWN = [
    {"pupil": "cnn"},
    ALONE | {"steps": 800},
    *(got(loss, pictures) for pictures in (FEW, ALL) for loss in LOSSES),
    CONTROL,
]


@pytest.fixture(scope="module")
def said() -> np.ndarray:
    """What the teacher says of every test digit, as logits."""
    with torch.no_grad():
        return load("digits-teacher")(digits().test.images).numpy()


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_the_slider_shows_what_the_teacher_says(figures, said):
    stops = figures[0]["layout"]["sliders"][0]["steps"]
    assert [stop["label"] for stop in stops] == ["sure", "torn", "torn, too", "wrong"]
    bars = [trace for trace in figures[0]["data"] if trace["type"] == "bar"]
    for number, stop in enumerate(stops):
        label, as_is, soft = (np.array(one["x"]) for one in bars[3 * number : 3 * number + 3])
        [index] = np.flatnonzero(np.abs(softmax(said) - as_is).max(-1) < 1e-5)
        np.testing.assert_allclose(softmax(said[index] / 3), soft, atol=1e-5)
        assert label.argmax() == int(digits().test.labels[index])
        assert (as_is.argmax() == label.argmax()) == (stop["label"] != "wrong")
        assert as_is.max() >= soft.max()


def test_the_losses_are_those_of_one_picture(lesson, said):
    shown = result(lesson, "hard_loss(about_label").splitlines()[-2:]
    lines = dict(line.rsplit(maxsplit=1) for line in shown)
    test = digits().test
    right = said.argmax(-1) == test.labels.numpy()
    torn = int(np.flatnonzero(right)[softmax(said[right]).max(-1).argmin()])
    pupil = load("digits-pupil")
    with torch.no_grad():
        tokens = pupil.norm(pupil.encode(test.images[[torn]], read=2))[0]
        label, theirs = (
            head(token).log_softmax(-1)[test.labels[torn]]
            for head, token in zip((pupil.head, pupil.head_dist), tokens, strict=True)
        )
    assert lines["hard"] == f"{-(label + theirs) / 2:.3f}"
    assert float(lines["soft"]) > -0.9 * label - 1e-3


@pytest.mark.parametrize("keys", SHOWN)
def test_bars_are_the_runs(figures, keys):
    drawn = [x for trace in figures[1]["data"] if trace["type"] == "bar" for x in trace["x"]]
    assert len(drawn) == len(SHOWN)
    assert np.isclose(drawn, percent(runs("deit", **keys))[0], atol=0.051).any()


@pytest.mark.parametrize("keys", SHOWN)
def test_its_sentences_are_the_runs(prose, keys):
    assert written(runs("deit", **keys)) in prose


def test_the_same_pictures_bring_nothing_and_a_loud_teacher_with_more_brings_much():
    alone, loud = (percent(runs("deit", **keys)) for keys in (SHOWN[1], LISTENS))
    for loss in LOSSES:
        assert percent(runs("deit", **got(loss, FEW)))[1] < alone[2]
    others = [percent(runs("deit", **keys)) for keys in SHOWN[1:] if keys != LISTENS]
    assert loud[1] > max(mean for mean, _, _ in others)
    assert percent(runs("deit", **got("soft", ALL)))[0] < alone[0]
    assert len(cells("deit")) == 12


def test_patience_is_the_runs_and_pays_with_more_pictures(lesson):
    hard = [{"teacher": "cnn", "loss": "hard", "pictures": n} for n in (FEW, ALL)]
    gained = []
    for row, keys in zip(table(lesson, "a ViT"), [ALONE, *hard], strict=True):
        both = [runs("deit", **keys, steps=steps) for steps in (800, 2400)]
        assert row[1:] == [written(one) for one in both]
        gained.append(both[1].mean() - both[0].mean())
    assert gained[2] > max(gained[:2]) > 0
    alone, few = (percent(runs("deit", **keys, steps=2400)) for keys in (ALONE, hard[0]))
    assert few[1] < alone[2]
    assert (runs("deit", **LISTENS) > runs("deit", **CONTROL)).all()
    assert percent(runs("deit", **CONTROL))[2] > percent(runs("deit", **LISTENS))[1]


def test_the_table_is_of_both_tokens(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "which answers")}
    assert list(rows) == ["class token", "distillation token", "both"]
    for name, shown in rows.items():
        assert shown == [
            written(runs("deit", what, name, **LISTENS)) for what in ("right", "agrees")
        ]
