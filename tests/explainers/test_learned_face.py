"""The learned face as a reader gets it: its maps, its intervals, and what changes the answers."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.explainers.pages import table
from vitexplain.designed import designed_attention
from vitexplain.experiments.results import FOLDER
from vitexplain.experiments.weights import load
from vitexplain.explorer import decode
from vitexplain.faces import Look, draw_face

LEFT_EYE, RIGHT_EYE = 1, 2
EVEN = 1 / 16


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    """The study's intervals, as the file has them."""
    cells = json.loads((FOLDER / "faces.json").read_text())["cells"]
    return {cell["task"]: cell["measures"] for cell in cells}


@pytest.fixture(scope="module")
def learned() -> np.ndarray:
    """Weights (block, head, query, key) on the canonical face, by hooks on the plain forward."""
    model, found = load("face-tag"), []

    def keep(module, given, projected):
        q, k, _ = projected.unflatten(-1, (3, 4, 16)).movedim(-2, 1).unbind(-2)
        found.append(torch.softmax(q @ k.mT / 4, -1)[0])

    for block in model.blocks:  # pyright: ignore[reportGeneralTypeIssues]
        block.attn.qkv.register_forward_hook(keep)
    with torch.no_grad():
        model(as_input(draw_face().pixels))
    return torch.stack(found).numpy()


def as_input(pixels: np.ndarray) -> torch.Tensor:
    return 2 * torch.tensor(pixels, dtype=torch.float32)[None] - 1


def test_the_explorer_holds_designed_and_learned_maps(explorer, learned):
    names = [one["name"] for one in explorer["maps"]]
    maps = [decode(arrays["weights"]) for arrays in explorer["examples"][0]["arrays"]]
    np.testing.assert_allclose(maps[0], designed_attention().head(0).weights, rtol=1e-9, atol=1e-12)
    for name, weights in zip(names[1:], maps[1:], strict=True):
        block, head = map(int, re.findall(r"\d+", name))
        np.testing.assert_allclose(weights, learned[block, head], rtol=1e-4, atol=1e-7)
    to_right = learned[:, :, LEFT_EYE, RIGHT_EYE]
    assert maps[1][LEFT_EYE, RIGHT_EYE] == pytest.approx(to_right.max(), rel=1e-4)
    assert maps[3][LEFT_EYE, RIGHT_EYE] == pytest.approx(to_right.min(), rel=1e-3)


def test_the_tour_asks_and_answers_with_the_weights(explorer):
    for step in explorer["tour"]:
        assert step["ask"]
        row = decode(explorer["examples"][0]["arrays"][step["map"]]["weights"])[step["query"]]
        said = [float(x) for x in re.findall(r"0\.\d{4}", step["answer"])]
        assert said
        for number in said:
            assert np.isclose(row, number, atol=6e-5).any()


def test_side_by_side_each_column_is_a_row_of_weights(lesson, learned):
    rows = table(lesson, "the left eye attends to", "designed")
    columns = np.array([[float(x) for x in row[1:]] for row in rows])
    np.testing.assert_allclose(columns.sum(axis=0), 1, atol=5e-4)
    assert rows[0][0] == "right eye"
    expected = learned[:, :, LEFT_EYE, RIGHT_EYE]
    np.testing.assert_allclose(columns[0, 1:], [expected.max(), expected.mean()], atol=1e-4)


@pytest.mark.parametrize(
    ("task", "measure"),
    [("tag", "eye to eye"), ("tag", "eye to itself"), ("tag", "eye to erased eye"),
     ("fill", "eye to eye"), ("fill", "eye to erased eye"), ("expression", "eye to eye")],
)  # fmt: skip
def test_intervals_are_those_of_the_study(prose, measured, task, measure):
    found = measured[task][measure]
    assert f"{found['mean']:.3f} ({found['low']:.3f} to {found['high']:.3f})" in prose


def test_what_is_said_of_the_seeds_holds(measured):
    tag, fill, control = (measured[t]["eye to eye"] for t in ("tag", "fill", "expression"))
    assert tag["low"] > fill["high"] > fill["low"] > EVEN
    assert control["low"] < EVEN < control["high"]
    assert min(m["seeds"] for m in (tag, fill, control)) >= 3


def test_the_left_patch_follows_the_right_iris(lesson):
    """Drawn here in another way: two whole faces, cut in the middle."""
    one, other = (
        draw_face(look=replace(Look(), iris=colour)).pixels for colour in ("#1a8080", "#3366d9")
    )
    mixed = one.copy()
    mixed[:, :, 32:] = other[:, :, 32:]
    model = load("face-tag")
    with torch.no_grad():
        same, differ = (model(as_input(x))[0, LEFT_EYE].argmax() for x in (one, mixed))
    said = {row[0]: row[1] for row in table(lesson, "the right eye is")}
    names = ("not an eye", "an eye, both match", "an eye, they differ")
    assert said["one colour"] == names[same] == "an eye, both match"
    assert said["another colour"] == names[differ] == "an eye, they differ"


def test_the_weight_leaves_an_erased_eye(lesson):
    weights = {row[0]: float(row[3]) for row in table(lesson, "the right eye is")}
    assert weights["erased"] < EVEN < 3 * EVEN < weights["one colour"]


def test_the_tagger_needs_no_positions_and_the_filler_does(lesson, prose):
    [row] = table(lesson, "tagging model", "positions zero")
    assert all(float(share.rstrip("%")) > 99 for share in row[1:])
    [(before, after)] = re.findall(r"its error grows from (\d\.\d+) to (\d\.\d+)", prose)
    assert float(after) > 5 * float(before)


def test_weight_and_effect_differ(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "in the filling model", "more error")}
    weight = {name: float(row[0]) for name, row in rows.items()}
    more = {name: float(row[2].strip("+%")) for name, row in rows.items()}
    eye, hair = "the other eye", "the hair beside it"
    assert weight[eye] > weight[hair] / 2
    assert more[eye] < more[hair] / 5


def test_answers_are_computed(prose):
    text = prose.split("## Your turn")[1]
    assert re.search(r"Its error is 0\.\d{4}, against 0\.\d{4}", text)
