"""The price of attention as a reader gets it: counts, exponents, windows, memory and time."""

import re

import numpy as np

from tests.explainers.pages import table, words
from vitexplain.experiments import results


def numbers(row: list[str]) -> list[float]:
    return [float(cell.replace(",", "").rstrip("×")) for cell in row]


def test_exponents_of_cnns_and_windows_are_two_and_of_vits_more(lesson):
    rows = {
        row[0]: numbers(row[1:])
        for row in table(lesson, "parameters", "multiply-adds", "activations", "time")
    }
    assert list(rows) == ["ResNet-50", "ConvNeXt-T", "ViT-S/16", "ViT-B/16", "Swin-T"]
    for name in ("ResNet-50", "ConvNeXt-T", "Swin-T"):
        assert rows[name][:3] == [0, 2, 2]
    # ViT-B/16: 17.564, 78.495 and 449.676 G at 224, 448 and 896 pixels, by its formula.
    side, macs = np.log([224, 448, 896]), np.log([17.563828, 78.495154, 449.675527])
    np.testing.assert_allclose(rows["ViT-B/16"][1], np.polyfit(side, macs, 1)[0], atol=0.005)
    assert rows["ViT-S/16"][1] > rows["ViT-B/16"][1]
    assert all(row[2] == 2 for row in rows.values())
    assert all(1.5 < row[3] < 2.6 for row in rows.values())


def test_swins_stages(lesson):
    rows = table(lesson, "all with all", "in windows", "ratio")
    assert rows[0] == ["1", "56²", "2,003,828,736", "145,108,992", "13.81×"]
    assert [row[-1] for row in rows[1:]] == ["2.70×", "1.18×", "1.00×"]


def test_memory_of_naive_and_fused_attention(lesson):
    heads, dim, tokens = 12, 64, 3136
    naive = 4 * heads * (3 * tokens * dim + tokens**2) / 1e6
    fused = 4 * heads * (4 * tokens * dim + tokens) / 1e6
    text = words(lesson)
    assert f"it is {naive:,.0f} MB against {fused:,.0f}" in text
    assert re.search(r"fused memory with 1\.00\.", text)


def test_times_are_those_that_were_measured(lesson):
    latency = results.read("latency")
    rows = {row[0]: numbers(row[1:]) for row in table(lesson, "ms for each G")}
    for name, (macs, time, pace) in rows.items():
        seconds = latency.cell(name=name, side=224)["median"]
        np.testing.assert_allclose(time, 1e3 * seconds, atol=0.51)
        np.testing.assert_allclose(pace, 1e3 * seconds / macs, atol=0.6)
    assert rows["ResNet-50"][0] == 4.09
    assert latency.provenance["processor"] in words(lesson)
    assert f"median of {len(latency.cells[0]['runs'])} rounds" in words(lesson)


def test_every_cell_of_the_times_is_its_rounds():
    latency = results.read("latency")
    assert len(latency.cells) == 4 * 5 + 2 + 2 * 5
    for cell in latency.cells:
        taken = [run["seconds"] for run in cell["runs"]]
        assert len(taken) >= 5
        np.testing.assert_allclose(cell["median"], np.median(taken), atol=1e-6)
        assert min(taken) <= cell["low"] <= cell["median"] <= cell["high"]


def test_the_window_figure_has_its_parts_and_claims_link_to_the_errata(lesson, figures):
    assert len(figures[2]["data"]) == 3
    assert words(lesson).count("[errata](../errata.md)") == 2
