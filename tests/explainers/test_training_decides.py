"""What training decides, as a reader gets it: every study drawn whole, and words that follow it."""

import json
import re

import pytest

from builder.render import Rendered
from tests.explainers.pages import table, words
from tests.explainers.study_runs import cells, percent, runs, written
from vitexplain.experiments.families import FAMILIES

LABELS = {"CNN": "cnn", "ViT": "vit", "hybrid": "hybrid", "windowed": "windowed"}


def figure(page: Rendered, title: str) -> dict:
    """Return the one figure that names this axis."""
    found = [json.loads(data) for path, data in page.assets.items() if path.endswith(".json")]
    [one] = [figure for figure in found if title in json.dumps(figure, ensure_ascii=False)]
    return one


def shown(one: dict) -> list[float]:
    """Return the values of a chart of bars, in their order: of bars, or of points."""
    [trace] = [t for t in one["data"] if t["type"] == "bar" or t.get("mode") == "markers"]
    return [round(float(x), 6) for x in trace["x"]]


def test_families_are_of_one_size_and_say_what_they_compute(lesson):
    rows = table(lesson, "family", "parameters", "M multiply-adds")
    assert [LABELS[row[0]] for row in rows] == list(FAMILIES)
    sizes = [int(row[2].replace(",", "")) for row in rows]
    assert max(sizes) / min(sizes) < 1.02


def test_every_size_of_every_family_is_drawn_with_its_interval(lesson):
    traces = {t["name"]: t for t in figure(lesson, "training images, digits")["data"]}
    for label, family in LABELS.items():
        for x, y, up in zip(*(traces[label][k] for k in "xy"),
                            traces[label]["error_y"]["array"], strict=True):  # fmt: skip
            seeds = runs("data-hunger-digits", family=family, images=int(x), augment=True)
            mean, _, high = percent(seeds)
            assert (y, up) == (pytest.approx(mean, abs=1e-3), pytest.approx(high - mean, abs=1e-3))


def test_longer_training_stands_beside_the_short(lesson):
    means = [
        100 * runs(study, family=family, images=1097, augment=True).mean()
        for study in ("data-hunger-digits", "longer-digits")
        for family in FAMILIES
    ]
    found = shown(figure(lesson, "right on the digits' test images"))
    assert found == pytest.approx(means, abs=1e-3)


def test_far_places_are_drawn_with_every_seed_and_the_line_to_beat(lesson):
    study = cells("long-range")
    one = figure(lesson, "right on 4000 new pictures")
    means = [100 * runs("long-range", family=cell["family"]).mean() for cell in study]
    assert sorted(shown(one)) == pytest.approx(sorted(means), abs=1e-3)
    assert "without comparing 75" in json.dumps(one, ensure_ascii=False)
    for cell in study:
        assert ", ".join(f"{run['accuracy']:.1%}" for run in cell["runs"]) in lesson.markdown


def test_fields_are_shown_before_and_after_on_one_picture(lesson):
    one = figure(lesson, "CNN, field 49, before")
    maps = [trace["z"] for trace in one["data"]]
    assert len(maps) == 6
    assert all(maps[i] != maps[i + 3] for i in range(3))
    text = words(lesson)
    found = re.findall(r"from (\d+)% to (\d+)%", text)
    assert len(found) == 2
    assert all(int(after) > int(before) for before, after in found)


def test_heads_robustness_and_positions_are_the_studies(lesson):
    hunger, all_images = "data-hunger-digits", {"images": 1097, "augment": True}
    sets = {t["name"]: t for t in figure(lesson, "mean attention distance")["data"]}
    for when in ("before", "after"):
        means = [
            runs(hunger, f"distance {when}", f"block {block}, head {head}", family="vit",
                 **all_images).mean()
            for block in range(4) for head in range(4)
        ]  # fmt: skip
        assert sets[when]["y"] == pytest.approx(means, abs=1e-5)
    spoilt = shown(figure(lesson, "right on spoilt digits"))
    assert len(spoilt) == 5 * 4
    shifted = runs(hunger, "shift", "2", family="cnn", **all_images)
    assert spoilt[-4] == pytest.approx(100 * shifted.mean(), abs=1e-3)
    means = [
        100 * runs("positions", positions=cell["positions"]).mean() for cell in cells("positions")
    ]
    assert shown(figure(lesson, "digits, ours"))[:5] == pytest.approx(means, abs=1e-3)


def test_the_gap_is_that_of_the_runs(lesson):
    def lead(study: str, images: int) -> str:
        cnn, vit = (
            runs(study, family=family, images=images, augment=True).mean()
            for family in ("cnn", "vit")
        )
        return f"{100 * (cnn - vit):.1f}"

    few, many = lead("data-hunger-digits", 100), lead("data-hunger-digits", 1097)
    text = words(lesson).replace("**", "")
    assert f"the CNN leads the ViT by {few} points, with all 1,097 by {many}" in text
    assert f"The gap closes to {lead('longer-digits', 1097)} points" in text
    for family in ("vit", "cnn"):
        short, long = (
            written(runs(study, family=family, images=1097, augment=True))
            for study in ("data-hunger-digits", "longer-digits")
        )
        assert f"from {short} to {long}" in text
