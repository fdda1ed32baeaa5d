"""Reading attention as a reader gets it: every test's numbers, and maps that are the model's."""

import base64
import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from builder.render import Rendered
from tests.explainers.pages import exercises, table, words
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.find_reading import right_ones
from vitexplain.experiments.find_task import Find
from vitexplain.experiments.results import FOLDER
from vitexplain.experiments.weights import load
from vitexplain.reading import CLASS_AGNOSTIC, READINGS

PATH = Path(__file__).parents[2] / "explainers" / "reading_attention.py"
YARDSTICKS = ("brightness", "random")


def data(page: Rendered, figure: int) -> list[dict[str, str]]:
    """The rows behind a figure, counted from 1, from the file that a reader downloads."""
    text = page.assets[f"assets/data/reading_attention-{figure:02d}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    """The study's intervals, as the file has them."""
    cells = json.loads((FOLDER / "reading.json").read_text())["cells"]
    return {cell["family"]: cell["measures"] for cell in cells}


def shown(share: float) -> str:
    return f"{100 * share:.0f}%"


def two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def test_every_reading_is_told_in_a_sentence(lesson):
    rows = table(lesson, "reading", "what it is")
    assert [row[0] for row in rows] == list(READINGS)
    assert all(re.search(r"[.\d)]$", row[1]) for row in rows)


def heatmaps(page: Rendered, figure: int) -> list[np.ndarray]:
    """The maps of a figure; numbers may be packed as base64."""
    content = json.loads(page.assets[f"assets/figures/reading_attention/{figure:02d}.json"])
    found = [trace["z"] for trace in content["data"] if trace["type"] == "heatmap"]
    return [
        np.frombuffer(base64.b64decode(z["bdata"]), z["dtype"]) if isinstance(z, dict)
        else np.ravel(z)
        for z in found
    ]  # fmt: skip


def test_the_maps_are_those_of_the_model(lesson):
    """The last layer's weights, here by a hook on the plain forward pass."""
    model, found = load("find-vit"), []
    singles = right_ones(model, Find(digits().test, seed=1), 40, two=False)

    def keep(module, given, projected):
        q, k, _ = projected.unflatten(-1, (3, 4, 12)).movedim(-2, 1).unbind(-2)
        found.append(torch.softmax(q @ k.mT / 12**0.5, -1))

    model.blocks[-1].attn.qkv.register_forward_hook(keep)
    with torch.no_grad():
        assert int(model(singles.images[:1]).argmax()) == int(singles.labels[0, 0])
    row = found[0][0].mean(0)[0, 1:]
    np.testing.assert_allclose(heatmaps(lesson, 1)[0], row, rtol=1e-4, atol=1e-7)
    place = divmod(int(row.argmax()), 7)
    rows = data(lesson, 1)
    assert [one["map"] for one in rows] == list(READINGS)
    assert rows[0]["largest at"] == f"row {place[0]}, column {place[1]}"
    inside = rows[0][f"inside the {singles.labels[0, 0]}"]
    assert inside == ("yes" if singles.inside()[0][place] else "no")


def test_asked_for_the_other_digit_rollout_stays_and_attribution_moves(lesson):
    first, again, one, other = heatmaps(lesson, 4)
    np.testing.assert_array_equal(first, again)
    assert one.argmax() != other.argmax()


def test_the_bars_are_the_study(lesson, measured):
    rows = data(lesson, 2)
    assert [row["name"] for row in rows] == [*READINGS, *YARDSTICKS]
    for row in rows:
        found = measured["vit"][f"points {row['name']}"]
        value = float(row["share of maps that point to the digit"])
        assert value == pytest.approx(found["mean"], abs=1e-4)
        assert float(row["low"]) == pytest.approx(max(found["low"], 0), abs=1e-4)


@pytest.mark.parametrize(
    ("header", "tests", "write"),
    [
        (
            ("points to", "the one asked for"),
            ("points to the one asked for {}", "points to either {}"),
            shown,
        ),
        (("deletion ↓",), ("deletion {}", "insertion {}"), two),
        (
            ("randomised", "head"),
            ("like without head {}", "like without block 2 {}", "like without embedding {}"),
            two,
        ),
    ],
)
def test_tables_are_the_study(lesson, measured, header, tests, write):
    rows = table(lesson, *header)
    assert {*READINGS} <= {row[0] for row in rows}
    for name, *cells in rows:
        means = [measured["vit"][test.format(name)]["mean"] for test in tests]
        assert cells == [write(mean) for mean in means]


def test_what_is_true_by_construction_is_so(measured):
    vit = measured["vit"]
    for name in CLASS_AGNOSTIC:
        assert vit[f"like without head {name}"]["mean"] > 0.999
        found = vit[f"points to either {name}"]["mean"]
        assert vit[f"points to the one asked for {name}"]["mean"] == pytest.approx(
            found / 2, abs=2e-6
        )
    assert vit["like without embedding brightness"]["mean"] == pytest.approx(1)
    assert vit["like occlusion occlusion"]["mean"] == pytest.approx(1)
    assert vit["points random"]["mean"] == pytest.approx(4 / 49, abs=0.05)


def test_attention_is_needed_and_its_map_is_not_enough(lesson, measured):
    vit, even = measured["vit"], measured["even attention"]
    assert even["accuracy"]["high"] < vit["accuracy"]["low"]
    prose = words(lesson)
    for found in (vit["accuracy"], vit["accuracy, both"], even["accuracy"]):
        low, high = (100 * found[end] for end in ("low", "high"))
        assert f"{100 * found['mean']:.0f}% ({low:.0f} to {min(high, 100):.0f})" in prose


@pytest.mark.parametrize("header", ["weight on", "with registers"])
def test_weight_of_the_class_token_goes_somewhere(lesson, header):
    rows = table(lesson, header, "even")
    assert [row[0] for row in rows][:3] == ["digit", "clutter", "empty"]
    for column in range(1, 5):
        total = sum(float(row[column].rstrip("%")) for row in rows)
        assert total == pytest.approx(100, abs=2.5)


def test_both_sides_of_the_debate_are_there(lesson):
    prose = words(lesson)
    for address in ("N19-1357", "D19-1002", "2309.16588", "2603.25803", "2104.14294"):
        assert prose.count(address) >= 2  # where it is said, and in the list


def test_answers_are_computed(lesson):
    text = exercises(lesson)
    assert re.search(r"it points right in \d+%, plain rollout in \d+%", text)
