"""The missions of the machine hold in the graph that the page runs, asked by ONNX Runtime."""

import json

import numpy as np
import pytest

from tests.lessons import made
from vitexplain import export
from vitexplain.images.drawings import drawings, halved
from vitexplain.images.photographs import PHOTOGRAPHS

GRAPH = export.graph("photo-patches")
ABOUT = export.about(GRAPH)
LABELS, LAYERS, HEADS = ABOUT["labels"], ABOUT["layers"], ABOUT["heads"]


@pytest.fixture(scope="module")
def widget() -> dict:
    [content] = [
        x for path, x in made("live_vit").assets.items() if path == "assets/live/live_vit/01.json"
    ]
    return json.loads(content)


def right(widget: dict, number: int) -> str:
    mission = widget["missions"][number - 1]
    return mission["answers"][mission["right"]]


def asked(name, outputs, *, off=(), cut=(), hidden=(), positions=1.0) -> dict[str, np.ndarray]:
    pixels = halved(drawings()[name], 32) if name in drawings() else None
    if pixels is None:
        pixels = np.rint(255 * np.moveaxis(PHOTOGRAPHS[name].square(32), 0, -1)) / 255
    image = (np.moveaxis(pixels, -1, 0) - 0.5) / 0.5
    for row, col in (divmod(patch, 8) for patch in hidden):
        image[:, 4 * row : 4 * row + 4, 4 * col : 4 * col + 4] = 0
    gates, branches = np.ones(LAYERS * HEADS), np.ones(LAYERS * 4)
    gates[list(off)], branches[list(cut)] = 0, 0
    feeds = {
        "images": image[None], "gates": gates.reshape(LAYERS, HEADS),
        "branches": branches.reshape(LAYERS, 4), "positions": np.asarray(positions),
    }  # fmt: skip
    return export.run(GRAPH, feeds, outputs)


def said(logits: np.ndarray) -> str:
    return LABELS[int(logits.argmax())]


def share(name: str, label: str, **changes) -> float:
    powers = np.exp(asked(name, ["logits"], **changes)["logits"][0] / ABOUT["temperature"])
    return float(powers[LABELS.index(label)] / powers.sum())


def answer(name: str, **changes) -> str:
    return said(asked(name, ["logits"], **changes)["logits"][0])


def test_the_block_that_decides(widget):
    lenses = asked("a truck", [f"lens.{layer}" for layer in range(LAYERS)])
    truck = [said(lenses[f"lens.{layer}"][0, 0]) == "truck" for layer in range(LAYERS)]
    first = int(right(widget, 1).removeprefix("Block "))
    assert truck[first:] == [True] * (LAYERS - first)
    assert not truck[first - 1]


def test_the_one_head(widget):
    turning = [i for i in range(LAYERS * HEADS) if answer("a truck", off=[i]) != "truck"]
    assert [f"head {i % HEADS} of block {i // HEADS}" for i in turning] == [right(widget, 2)]


def test_the_mlp_and_the_attentions(widget):
    without = {
        kind: [answer("a ship", cut=[4 * i + kind]) for i in range(LAYERS)] for kind in (1, 3)
    }
    needed = [i for i, label in enumerate(without[3]) if label != "ship"]
    assert [f"Block {i}" for i in needed] == [right(widget, 3)]
    assert right(widget, 4) == "None"
    assert set(without[1]) == {"ship"}


def test_the_residual_connection_and_the_positions(widget):
    assert right(widget, 5) == "Next to nothing"
    assert share("a horse", "horse", cut=[4 * (LAYERS - 1)]) < 0.05
    assert right(widget, 6) == "It is surer"
    assert share("cat", "cat", positions=0.0) > share("cat", "cat") + 0.1


def test_the_patch_and_the_unit(widget):
    turning = [i for i in range(64) if answer("astronaut", hidden=[i]) != "truck"]
    assert ["patch ({}, {})".format(*divmod(i, 8)) for i in turning] == [right(widget, 7)]
    activated = asked("a frog", [f"activated.{LAYERS - 1}"])[f"activated.{LAYERS - 1}"]
    assert right(widget, 8) == f"unit {activated[0, 0].argmax()}"


def test_each_mission_offers_three_answers_and_says_why(widget):
    assert len(widget["missions"]) == 8
    for mission in widget["missions"]:
        assert len(set(mission["answers"])) == 3
        assert mission["why"].endswith((".", "!"))


def test_the_pictures_are_shipped_pixel_by_pixel(widget):
    assert len(widget["samples"]) == len(drawings()) + len(PHOTOGRAPHS)
    np.testing.assert_allclose(widget["first"], asked("a ship", ["logits"])["logits"][0], atol=1e-3)
