"""Lesson 3 as a reader gets it: every shape, every count, every figure, nothing left open."""

import re

import numpy as np

from tests.explainers.pages import result, table, words
from tests.test_vit import COUNTS


def test_every_part_is_counted_and_the_parts_sum_up(lesson):
    *parts, total = table(lesson, "part", "parameters", "multiply-adds")
    counts = np.array([[int(row[i].replace(",", "")) for i in (1, 3)] for row in parts])
    np.testing.assert_array_equal(counts.sum(axis=0), [86_567_656, 17_563_828_224])
    assert [total[1], total[3]] == ["**86,567,656**", "**17,563,828,224**"]
    products = next(row for row in parts if row[0].startswith("attention: *QK*"))
    assert products[3:] == ["715,327,488", "4.07%"]


def test_the_family_is_exact(lesson):
    rows = table(lesson, "heads", "parameters", "G multiply-adds")
    found = {row[0]: (int(row[-2].replace(",", "")), float(row[-1])) for row in rows}
    assert found == COUNTS


def test_every_shape(lesson):
    shapes = {row[0]: row[1] for row in table(lesson, "step", "shape")}
    assert shapes["image"] == "3 × 224 × 224"
    assert shapes["`patches`"] == "196 × 768"
    assert shapes["`tokens`"] == shapes["`output`"] == "197 × 768"
    assert shapes["`attention…query`, `key`, `value`"] == "12 × 197 × 64"
    assert shapes["`attention…scores`, `weights`"] == "12 × 197 × 197"
    assert shapes["`hidden`, `activated`"] == "197 × 3072"
    assert shapes["`logits`"] == "1000"


def test_larger_images_cost_quadratically(lesson):
    rows = table(lesson, "side", "patches *N*")
    assert [row[1:3] for row in rows] == [
        ["196", "38,416"],
        ["784", "614,656"],
        ["3,136", "9,834,496"],
    ]
    assert [row[4] for row in rows] == ["4.07%", "14.47%", "40.34%"]


def test_the_class_token_does_not_know_the_image_yet(lesson):
    before, after = map(float, result(lesson, "largest(before)").strip("()").split(","))
    assert before == 0
    assert after > 0.01


def test_heads_cost_nothing(lesson):
    lines = result(lesson, "for heads in (1, 12, 768)").splitlines()
    assert len({line.split(maxsplit=1)[1] for line in lines}) == 1
    assert len(lines) == 3


def test_positions_decide(lesson):
    page = words(lesson)
    right = {
        name: float(re.search(rf"\*\*{name}: (.*?)% right", page)[1])  # type: ignore[index]
        for name in ("with positions", "without")
    }
    assert right["with positions"] > 95
    assert right["without"] < 35


def test_sinusoids(lesson):
    shown = np.array(
        re.findall(r"-?\d\.\d*", result(lesson, "sinusoidal_1d(tokens=4")), dtype=float
    )
    expected = [0, 1, 0, 1, 0.8415, 0.5403, 0.01, 1, 0.9093, -0.4161, 0.02, 0.9998]
    np.testing.assert_allclose(shown[:12], expected, atol=1e-4)
