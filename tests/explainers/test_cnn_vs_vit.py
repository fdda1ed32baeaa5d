"""CNN and ViT, measured, as a reader gets it: every claim with its evidence, every figure."""

import json
import re

import pytest

from builder.render import Rendered
from tests.explainers.pages import assets, table, words
from vitexplain.experiments.results import FOLDER as RESULTS
from vitexplain.facts import told

CLAIMS = told("claims")


def rows(page: Rendered) -> list[str]:
    """Return the rows of the tables of claims."""
    parts = re.findall(
        r'<div class="vx-told vx-claims" markdown>(.*?)</div>', page.markdown, re.DOTALL
    )
    lines = [line for part in parts for line in part.strip().splitlines()]
    return [line for line in lines if not line.startswith(("| The claim", "|---"))]


def test_the_size_of_our_models_is_that_of_the_runs(lesson):
    [about] = re.findall(r"\(about ([\d,]+) parameters on digits", words(lesson))
    studies = [json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
               for name in ("data-hunger-digits", "long-range", "positions")]  # fmt: skip
    for study in studies:
        for cell in study["cells"]:
            assert cell["parameters"] == pytest.approx(int(about.replace(",", "")), rel=0.04)


def test_every_claim_is_a_row_with_its_verdict_and_evidence(lesson):
    table = rows(lesson)
    assert len(table) == len(CLAIMS)
    for claim, row in zip(CLAIMS, table, strict=True):
        assert str(claim.says) in row
        assert f"**{claim.verdict.capitalize()}.** {claim.right}" in row
        assert all(f"]({one.sources[0].url}), {one.place}" in row for one in claim.published)
        assert all(f"#{one.see.partition('#')[2]})" in row for one in claim.measured)
        _first, measured, published = row.strip("| ").split(" | ")
        assert (measured == "–") == (not claim.measured)
        assert (published == "–") == (not claim.published)


def test_verdicts_are_counted(lesson):
    found = re.search(r"Here are (\d+) claims.*?: (\d+) are right, (\d+) half right, (\d+) wrong, "
                      r"and for (\d+) we", words(lesson))  # fmt: skip
    assert found
    total, *counts = map(int, found.groups())
    assert total == len(CLAIMS) == sum(counts)


def test_fields_are_those_of_the_literature(lesson):
    fields = {row[0]: int(row[1]) for row in table(lesson, "network", "receptive field")}
    assert fields == {
        "AlexNet": 195, "VGG-16": 212, "ResNet-50": 483, "ResNet-101": 1027, "ResNet-152": 1507,
    }  # fmt: skip
    other = [row[3] for row in table(lesson, "network", "receptive field")]
    assert other == ["–", "–", "427", "971", "1451"]
    traces = {trace["name"]: trace for trace in assets(lesson, "figures")[1]["data"]}
    assert {name: trace["y"][-1] for name, trace in traces.items()} == {
        "AlexNet": 195, "VGG-16": 212, "ResNet-50": 483,
    }  # fmt: skip


def test_both_networks_are_drawn_and_seen_on_one_image(lesson):
    architecture, _, fields, *_ = assets(lesson, "figures")
    assert [trace["name"] for trace in architecture["data"]] == ["ResNet-50", "ViT-S/16"]
    assert [trace["type"] for trace in fields["data"]] == ["image", "heatmap", "heatmap"]
    titles = [note["text"] for note in fields["layout"]["annotations"]]
    assert [text.partition("</b>")[0][3:] for text in titles] == [
        "the image", "ResNet-50", "ViT-S/16",
    ]  # fmt: skip


def test_untrained_heads_look_as_far_as_even_attention(lesson):
    [trace] = assets(lesson, "figures")[3]["data"]
    assert len(trace["y"]) == 12 * 6
    assert all(110 < float(value) < 123 for value in trace["y"])


def test_what_is_exact_is_exact(lesson):
    errors = {row[0]: row[1:] for row in table(lesson, "error, random weights")}
    assert errors["one 3 × 3 convolution"][:2] == ["0", "0"]
    assert errors["ViT-S/16 without positions"][1:] == ["0", "0"]
    assert min(float(x) for x in errors["ViT-S/16"]) > 0.05
    assert float(errors["ResNet-50"][1]) > 0.5


def test_the_kernel_stays_and_attention_changes(lesson):
    maps = [
        trace["z"] for trace in assets(lesson, "figures")[4]["data"] if trace["type"] == "heatmap"
    ]
    assert len(maps) == 4
    assert maps[0] == maps[2]
    assert maps[1] != maps[3]
