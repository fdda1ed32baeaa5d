"""The page of hybrids, as a reader gets it: what each network is, counted; and whether it pays."""

import numpy as np
import pytest
import torch

from tests.explainers.pages import result, table, words
from vitexplain.compare.swin import Block
from vitexplain.experiments import results
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.weights import load
from vitexplain.explorer import decode
from vitexplain.facts import FAMILIES, HYBRID_GAINS, TABLE_6
from vitexplain.windows import full_map, window_places

LONGER = results.read("longer-digits")
LISTED = {listed.model: listed for listed in FAMILIES}


def test_the_explorer_shows_windows_that_shift(explorer):
    [example] = explorer["examples"]
    maps = {
        (one["layer"], one["head"]): {k: decode(x) for k, x in arrays.items() if k != "masked"}
        for one, arrays in zip(explorer["maps"], example["arrays"], strict=True)
    }
    model, test = load("digits-windowed"), digits().test
    image = test.images[test.labels == 3][:1]
    with torch.no_grad():
        blocks = [step for step in model.walk(image) if isinstance(step, Block)]
    for layer, block in enumerate(blocks):
        places = window_places((4, 4), block.window, block.shift)
        full = full_map(block.attention.attention.weights[0].transpose(0, 1), places)
        for head in range(4):
            one = maps[layer, head]
            np.testing.assert_allclose(one["weights"], full[head], atol=1e-6)
            # Between windows there is no score; within one, the bias tells near from far.
            row, col = np.divmod(np.arange(16), 4)
            down, along = block.shift
            window = (row - down) % 4 // 2 * 2 + (col - along) % 4 // 2
            outside = window[:, None] != window
            np.testing.assert_array_equal(np.isnan(one["scores"]), outside)
            np.testing.assert_array_equal(np.isnan(one["bias"]), outside)
    assert [len(np.flatnonzero(maps[place]["weights"][5])) for place in
            ((0, 0), (1, 0), (0, "rollout"), (1, "rollout"))] == [4, 4, 4, 16]  # fmt: skip
    assert [(step["query"], step["ask"] != "") for step in explorer["tour"]] == [(5, True)] * 3


def test_each_row_s_softmax_is_that_of_the_keys_that_are_not_struck_out(explorer):
    """Step by Step strikes out what has a score and no weight: the mask of shifted windows."""
    rows = led_by_masked = 0
    for meta, arrays in zip(explorer["maps"], explorer["examples"][0]["arrays"], strict=True):
        if "scaled" not in arrays:
            continue
        weights, scaled, bias = (decode(arrays[name]) for name in ("weights", "scaled", "bias"))
        logits = scaled + bias
        struck = np.isfinite(logits) & (weights == 0)
        assert arrays["masked"] == (meta["layer"] in (1, 3) or np.isnan(logits).any())
        assert struck.any() == (meta["layer"] in (1, 3))
        led_by_masked += struck[np.arange(16), np.nanargmax(logits, 1)].sum()
        kept = np.where(struck | np.isnan(logits), -np.inf, logits)
        np.testing.assert_array_equal(kept.argmax(1), weights.argmax(1))
        exps = np.exp(kept - kept.max(1, keepdims=True))
        np.testing.assert_allclose(exps / exps.sum(1, keepdims=True), weights, atol=2e-3)
        rows += len(weights)
    assert rows == 256
    assert led_by_masked > 0


def test_the_census_says_what_each_network_is(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "overlap", "attend")}
    assert rows["ConvNeXt-T"] == ["18", "0", "CNN"]
    assert rows["Swin-T"] == ["0", "12", "Transformer"]
    assert rows["ResNet-50"] == ["17", "0", "CNN"]  # 16 blocks of one 3×3, and the 7×7
    assert rows["R50+ViT-B/16"] == ["17", "12", "hybrid"]
    # LeViT: four convolutions in the stem, then 3 × 4 blocks and two that shrink the map.
    assert rows["LeViT-256"] == ["4", "14", "hybrid"]
    # MaxViT: two in the stem and one in each of 11 blocks, which attends twice.
    assert rows["MaxViT-T"] == ["13", "22", "hybrid"]
    assert rows["CoAtNet-0"][-1] == "hybrid"


def test_the_pictures_show_all_eight_and_what_they_are_compared_with(figures):
    names = [[trace["name"] for trace in figure["data"]] for figure in figures[:2]]
    assert names[0] == ["ResNet-50", "ConvNeXt-T", "Swin-T", "ViT-S/16"]
    assert names[1] == [
        "R50+ViT-B/16", "CoAtNet-0", "MaxViT-T", "LeViT-256", "CvT-13", "MobileViT-S",
    ]  # fmt: skip


def test_attention_costs_more_the_earlier_it_starts(lesson):
    printed = result(lesson, "layouts = {}")
    costs = [float(line.split()[1]) for line in printed.splitlines()]
    assert [line.split()[0] for line in printed.splitlines()] == [
        "CCCC", "CCCT", "CCTT", "CTTT", "TTTT",
    ]  # fmt: skip
    assert costs == sorted(costs)
    assert f"adds {costs[2] / costs[0] - 1:.0%} to the" in words(lesson)


def test_our_counts_stand_beside_the_published(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "parameters", "multiply-adds")}
    assert rows["ResNet-50"][:4] == ["25,557,032", "25.6 M", "4.09 G", "4.09 G"]
    assert rows["Swin-T"][0] == "28,288,354"
    assert rows["ConvNeXt-T"][0] == "28,589,128"
    assert rows["R50+ViT-B/16"][0] == "98,659,112"
    for name, row in rows.items():
        if name in LISTED:
            published = LISTED[name].result
            assert row[4].startswith(f"[{published.value:g}%]({published.source.url} ")
        else:
            assert row[1::2] == ["–", "–"]
    assert rows["MaxViT-T"][:4] == ["30,916,528", "31 M", "5.55 G", "5.6 G"]
    assert rows["LeViT-256"][:4] == ["18,893,876", "19 M", "1.13 G", "1.12 G"]


def test_at_the_same_cost_every_family_takes_part(figures):
    shown = {row[0] for trace in figures[2]["data"] for row in trace.get("customdata", ())}
    assert shown == {
        model for model, listed in LISTED.items()
        if listed.gmacs and 4 <= listed.gmacs <= 4.7 and listed.result.regime.method == "scratch"
    }  # fmt: skip
    assert {LISTED[model].kind for model in shown} == {"CNN", "ViT", "hybrid", "windowed"}


def test_all_of_table_6_is_drawn_and_the_gain_vanishes(lesson, figures):
    points = {
        (x, y) for trace in figures[3]["data"] for x, y in zip(trace["x"], trace["y"], strict=True)
    }
    assert points == {(row.exaflops, row.imagenet.value) for row in TABLE_6}
    assert [trace["name"] for trace in figures[3]["data"]] == ["CNN", "ViT", "hybrid"]
    rows = table(lesson, "gain")
    assert [row[3] for row in rows] == ["+4.17", "+1.31", "+1.43", "+0.30", "0"]
    assert len(rows) == len(HYBRID_GAINS)


def test_the_measured_curves_are_the_results_of_the_study(lesson, figures):
    study = results.read("data-hunger-digits")
    curves = {trace["name"]: trace for trace in figures[5]["data"]}
    assert list(curves) == ["CNN", "hybrid", "ViT", "windowed"]
    for name, curve in curves.items():
        assert curve["x"] == study.values("images")
        for images, shown in zip(curve["x"], curve["y"], strict=True):
            found = study.of("accuracy", family=name.lower(), images=images, augment=True)
            assert shown == pytest.approx(100 * found.mean)
    seeds = {len(cell["runs"]) for cell in study.cells}
    assert min(seeds) >= 3
    rows = table(lesson, "hybrid less ViT, points")
    assert [row[0] for row in rows] == [f"{n:,}" for n in study.values("images")]
    few = study.values("images")[0]
    means = {
        family: study.of("accuracy", family=family, images=few, augment=True).mean
        for family in ("hybrid", "vit")
    }
    assert float(rows[0][1].split()[0]) == pytest.approx(
        100 * (means["hybrid"] - means["vit"]), abs=0.06
    )
    longer = {cell["family"]: cell["measures"]["accuracy"] for cell in LONGER.cells}
    late = 100 * (longer["hybrid"]["mean"] - longer["vit"]["mean"])
    assert f"become {late:.1f}: what the stem gives" in words(lesson)
