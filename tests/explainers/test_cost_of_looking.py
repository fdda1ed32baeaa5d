"""The cost of looking as a reader gets it: measured numbers, a roof, and memory."""

import statistics

import pytest

from tests.explainers.pages import result, words
from vitexplain.experiments import results

FOUND = results.read("looking-cpu-float32")


def test_every_median_and_ratio_is_that_of_its_rounds():
    forward = [cell for cell in FOUND.cells if cell["kind"] == "forward"]
    base = {c["batch"]: c for c in forward if (c["what"], c["name"]) == ("plain", "timm")}
    assert set(base) == {1, 8}
    for cell in forward:
        taken = [run["seconds"] for run in cell["runs"]]
        assert len(taken) >= 5
        assert cell["median"] == pytest.approx(statistics.median(taken), abs=1e-5)
        rounds = zip(cell["runs"], base[cell["batch"]]["runs"], strict=True)
        ratio = statistics.median(ours["seconds"] / theirs["seconds"] for ours, theirs in rounds)
        assert cell["ratio"] == pytest.approx(ratio, abs=1e-3)


def test_the_peers_that_can_look_were_asked(lesson):
    names = {cell["name"] for cell in FOUND.cells if cell.get("what") in ("maps", "everything")}
    assert {"timm", "Hugging Face", "ViT-Prisma", "TransformerLens", "nnsight"} <= names
    shown = lesson.markdown
    assert all(name in shown for name in names)


def test_looking_changes_no_bit_and_packing_hardly_one(lesson):
    assert result(lesson, "list(looked.layers").startswith("(True")
    assert float(result(lesson, "twin = packed(vit)")) < 1e-4


def test_the_prose_says_what_was_measured(lesson):
    fast = FOUND.cell(kind="forward", what="everything", name="vitexplain, fast", batch=1)
    memory = FOUND.cell(kind="memory", what="rollout", name="vitexplain", batch=1, side=512)
    text = words(lesson)
    assert f"It takes {fast['ratio']:.2f} of timm's plain time" in text
    assert f"At 512 pixels that is {memory['megabytes']:.0f} MB" in text
    assert FOUND.provenance["date"] in text


def test_no_part_is_far_above_the_roof():
    parts = {cell["name"]: cell for cell in FOUND.cells if cell["kind"] == "part"}
    top = max(
        cell["operations"] / cell["low"]
        for name, cell in parts.items()
        if name.startswith("peak, matrix")
    )
    for name, cell in parts.items():
        assert cell["operations"] / cell["median"] < 1.2 * top, name
