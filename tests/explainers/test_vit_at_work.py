"""A ViT at work, as a reader gets it: three passes agree, maps, rollout, and each fault shown."""

import re

import numpy as np
import torch

from tests.explainers.pages import exercises, result, table, words
from vitexplain.explorer import decode
from vitexplain.reading import rollout


def small(text: str) -> float:
    """Read a number written as 2 × 10<sup>−6</sup>."""
    digits, power = re.fullmatch(r"(.*) × 10<sup>(.*)</sup>", text).groups()  # type: ignore[union-attr]
    return float(digits) * 10 ** int(power.replace("−", "-"))


def test_three_passes_agree_and_the_device_is_named(lesson):
    rows = table(lesson, "one image", "milliseconds")
    assert [row[0] for row in rows] == ["`vit(images)`", "`vit.walk(images)`", "`walk` on NumPy"]
    assert all(float(row[2].replace(",", "")) > 0 for row in rows)
    assert all(small(row[3]) < 1e-4 for row in rows[1:])
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    assert rows[0][1].startswith(device)
    assert f"**{rows[0][1]}**" in words(lesson)


def test_each_head_of_the_trained_model_asks_its_own_question(lesson):
    rows = np.array([row[1:] for row in table(lesson, "class → red")[:-1]], dtype=float)
    best = rows[:, :2].argmax(axis=0)
    assert best[0] != best[1]
    assert rows[best, [0, 1]].min() > 0.9


def test_the_explorer_has_every_layer_and_head_mean_and_rollout(explorer):
    names = [(one["layer"], one["head"]) for one in explorer["maps"]]
    assert names == [(layer, head) for layer in (0, 1) for head in (0, 1, "mean", "rollout")]
    for example in explorer["examples"]:
        maps = [decode(arrays["weights"]) for arrays in example["arrays"]]
        heads = [np.stack(maps[i : i + 2]) for i in (0, 4)]
        for layer, weights in enumerate(heads):
            np.testing.assert_allclose(maps[4 * layer + 2], weights.mean(0), atol=1e-6)
            expected = rollout(heads[: layer + 1])
            np.testing.assert_allclose(maps[4 * layer + 3], expected, atol=1e-6)
        queried = ["query" in arrays for arrays in example["arrays"]]
        assert queried == [True, True, False, False] * 2


def test_its_tour_says_what_the_weights_are(explorer):
    assert explorer["query"] == 0
    colours, number = [], 0
    *asked, folded = explorer["tour"]
    for step in asked:
        number = number if step["example"] is None else step["example"]
        example = explorer["examples"][number]
        labels = [token["label"] for token in example["tokens"]]
        assert labels[0] == "class token"
        row = decode(example["arrays"][step["map"]]["weights"])[0]
        colours.append((number, labels[int(row.argmax())]))
        assert int(row.argmax()) in step["choices"]
        assert f"**{row.max():.4f}**" in step["answer"]
    assert colours == [(0, "red"), (0, "blue"), (1, "red")]
    assert explorer["maps"][folded["map"]]["name"] == "rollout up to layer 1"
    row = decode(explorer["examples"][1]["arrays"][folded["map"]]["weights"])[0]
    for token in folded["highlight"]:
        assert f"{labels[token]} {row[token]:.4f}" in folded["answer"]


def test_rollout_by_hand(lesson):
    shown = np.array(re.findall(r"\d\.\d+", result(lesson, "rolled.round(4)")), dtype=float)
    expected = [0.6188, 0.2125, 0.1688, 0.1325, 0.6850, 0.1825, 0.1700, 0.1700, 0.6600]
    np.testing.assert_allclose(shown, expected, atol=1e-12)


def test_the_map_is_put_to_the_test(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "painted over", "share in the rollout")}
    share = {name: float(row[0]) for name, row in rows.items()}
    right = {name: float(row[1].rstrip("%")) for name, row in rows.items()}
    assert min(share["red"], share["blue"]) > 5 * share["a light tile"]
    assert max(right["red"], right["blue"]) < 80 < right["a light tile"]


def test_fault_1_stops_it(lesson):
    assert "no attribute 'patch_size'" in result(lesson, "except AttributeError")


def test_fault_3_blinds_it(lesson):
    assert float(result(lesson, "blind = article(two)")) < 1e-6
    assert float(result(lesson, "sighted = article(two)")) > 0.01


def test_fault_4_is_another_model(lesson):
    rows = {row[0]: row[1:] for row in table(lesson, "the article", "ViT-B/16")}
    assert rows["**parameters**"] == ["**67,679,464**", "**86,567,656**"]
    assert rows["LayerNorm"] == ["after", "before"]
    assert rows["activation"] == ["ReLU", "GELU"]
    assert rows["heads"] == ["8", "12"]


def test_mended_it_is_ours(lesson):
    rows = dict(table(lesson, "the mended module"))
    assert rows["parameters"] == "86,567,656"
    assert small(rows["largest difference from our logits"]) < 1e-4
    assert float(rows["largest difference between two images"]) > 0.01
    assert small(rows["… between an image alone and in a batch"]) < 1e-4


def test_answers_are_computed(lesson):
    text = exercises(lesson)
    assert re.search(r"opposite answer in (9\d\.\d|100\.0)% of the pictures", text)
    assert "0.3750" in text
