"""`vitexplain models` and `bench`: what they say of a model is what the library knows."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.cli.conftest import CONFIG, sharp_vit
from vitexplain.cli.bench import take_turns
from vitexplain.cli.describe import LAYOUTS
from vitexplain.cli.lines import size_of
from vitexplain.report import METHODS
from vitexplain.vit import PRESETS, ViTConfig, count_macs, count_parameters


def test_models_knows_every_size_method_and_layout(vitexplain):
    known = json.loads(vitexplain("models", "--json").out)
    assert set(known["presets"]) == set(PRESETS)
    assert known["presets"]["L/16"]["parameters"] == count_parameters(PRESETS["L/16"])
    assert set(known["methods"]) == set(METHODS)
    assert all(about.endswith(".") for about in known["methods"].values())
    from vitexplain.checkpoints import checkpoint

    assert set(known["layouts"]) == set(LAYOUTS) == set(checkpoint.LAYOUTS)
    text = vitexplain("models").out
    for word in [*PRESETS, *METHODS, *LAYOUTS]:
        assert f"  {word} " in text


def test_models_says_what_a_checkpoint_is(vitexplain, checkpoint):
    facts = json.loads(vitexplain("models", checkpoint, "--json").out)
    assert facts["layout"] == "timm"
    assert facts["size"] is None
    assert facts["parameters"] == count_parameters(CONFIG)
    assert facts["multiply-adds"] == count_macs(CONFIG)
    assert facts["tokens"] == 17
    assert (facts["config"]["depth"], facts["config"]["heads"]) == (3, 2)
    ran = vitexplain("models", checkpoint)
    assert (ran.code, ran.lines) == (0, [])
    assert f"{count_parameters(CONFIG):,} in float32" in ran.out
    assert "32 × 32 pixels in patches of 8 × 8, 17 tokens" in ran.out
    assert "bicubic, centre crop of 90 %; mean 0.5 0.5 0.5, std 0.5 0.5 0.5\n" in ran.out
    assert f"assumed        {facts['assumed'][0]}\n" in ran.out
    assert "               2 heads of 64 numbers (--heads decides)\n" in ran.out
    given = json.loads(
        vitexplain("models", checkpoint, "--heads", 4, "--grid", "4x4", "--json").out
    )
    assert given["config"]["heads"] == 4
    assert set(facts["assumed"]) - set(given["assumed"]) == {
        "2 heads of 64 numbers (--heads decides)", "a square of 4×4 patches (--grid decides)",
    }  # fmt: skip


def test_models_of_other_shapes(vitexplain, tmp_path):
    shapes = {
        "registers": ViTConfig(**{**vars(CONFIG), "registers": 4, "classes": 0}),
        "distillation": ViTConfig(**{**vars(CONFIG), "distillation": True}),
    }
    for name, config in shapes.items():
        save_file(sharp_vit(config).state_dict(), tmp_path / f"{name}.safetensors")
    assert "class, 4 registers" in vitexplain("models", "registers.safetensors").out
    assert "no head; features" in vitexplain("models", "registers.safetensors").out
    assert "class, distillation\n" in vitexplain("models", "distillation.safetensors").out


def test_bench_gives_medians_and_their_ratio(vitexplain, checkpoint):
    facts = json.loads(
        vitexplain("bench", checkpoint, "--repeats", 3, "--batch", 2, "--json").out
    )  # fmt: skip
    tasks = facts["tasks"]
    assert set(tasks) == {"forward", "look", "rollout"}
    assert tasks["forward"]["ratio"] == 1
    for one in tasks.values():
        assert 0 < one["low_ms"] <= one["median_ms"] <= one["high_ms"]
        expected = one["median_ms"] / tasks["forward"]["median_ms"]
        np.testing.assert_allclose(one["ratio"], expected)
    text = vitexplain("bench", checkpoint, "--repeats", 1).out
    assert text.count(" ×") == 3
    assert "1 image at a time, cpu" in text


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1010, "1.0 kB"), (6_349_000, "6.3 MB"), (2.5e12, "2500.0 GB")],
)
def test_bytes_are_said_in_thousands(count, said):
    assert size_of(count) == said


def test_tasks_take_turns_after_one_run_that_does_not_count():
    order = []
    tasks = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}
    times = take_turns(tasks, 3, torch.device("cpu"))
    assert order == ["a", "b"] * 4
    assert [len(seconds) for seconds in times.values()] == [3, 3]


@pytest.mark.rejects
def test_no_such_model_or_number(vitexplain, checkpoint):
    assert vitexplain("models", "nothing.pth").code == 2
    for option in ("--batch", "--repeats"):
        ran = vitexplain("bench", checkpoint, option, 0)
        assert ran.code == 2
        assert option in ran.lines[0]
