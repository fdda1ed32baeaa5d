"""Maps side by side: what is drawn is what was given, and the box is where it was said to be."""

from typing import Any

import numpy as np
import pytest
import torch

from vitexplain.figures import maps_side_by_side
from vitexplain.figures.theme import LIGHT

rng = np.random.default_rng(0)
IMAGE = rng.random((3, 28, 28))
INSIDE = np.zeros((7, 7), dtype=bool)
INSIDE[2:4, 5:7] = True
HIT, MISS = rng.random((7, 7)), rng.normal(size=(7, 7))
HIT[3, 5] = 2.0
MISS[6, 0] = 9.0
FIGURE: Any = maps_side_by_side(
    {"last layer": HIT, "integrated gradients": torch.tensor(MISS)},
    image=IMAGE, inside=torch.tensor(INSIDE), called="the digit",
)  # fmt: skip


def test_each_map_is_drawn_from_0_to_its_largest() -> None:
    drawn = [trace for trace in FIGURE.data if trace.type == "heatmap"]
    for trace, one in zip(drawn, (HIT, MISS), strict=True):
        np.testing.assert_allclose(trace.z, np.maximum(one, 0))
        assert (trace.zmin, trace.zmax) == (0, one.max())


def test_a_dot_marks_the_largest() -> None:
    dots = [trace for trace in FIGURE.data if trace.type == "scatter"]
    assert [(dot.y[0], dot.x[0]) for dot in dots] == [(3.5, 5.5), (6.5, 0.5)]


def test_the_box_is_outlined_in_image_and_maps() -> None:
    boxes = FIGURE.layout.shapes
    assert [(b.y0, b.y1, b.x0, b.x1) for b in boxes] == [(8, 16, 20, 28)] + 2 * [(2, 4, 5, 7)]
    assert {b.line.color for b in boxes} == {LIGHT["query"]}


def test_words_and_table_say_which_point_inside() -> None:
    meta = FIGURE.layout.meta
    assert "inside the digit in: last layer." in meta["alt"]
    assert "outside the digit in: integrated gradients." in meta["alt"]
    (name, place, hit, share), (_, other, miss, _) = meta["table"]["rows"]
    assert (name, place, hit) == ("last layer", "row 3, column 5", "yes")
    assert (other, miss) == ("row 6, column 0", "no")
    assert float(share) == pytest.approx(HIT[INSIDE].sum() / HIT.sum(), abs=6e-4)


def test_without_a_box_it_is_maps_alone() -> None:
    figure: Any = maps_side_by_side({"one": HIT}, image=IMAGE)
    assert not figure.layout.shapes
    assert "one, row 3, column 5" in figure.layout.meta["alt"]
    assert figure.layout.meta["table"] == {
        "header": ["map", "largest at"],
        "rows": [["one", "row 3, column 5"]],
    }


def test_each_map_may_have_a_box_of_its_own() -> None:
    other = np.roll(INSIDE, 2, axis=0)
    masks = {"one": INSIDE, "other": other}
    figure: Any = maps_side_by_side({"one": HIT, "other": HIT}, image=IMAGE, inside=masks)
    boxes = sorted((b.xref, b.y0, b.y1) for b in figure.layout.shapes)
    assert boxes == [("x", 8, 16), ("x", 16, 24), ("x2", 2, 4), ("x3", 4, 6)]
    assert [row[2] for row in figure.layout.meta["table"]["rows"]] == ["yes", "no"]
