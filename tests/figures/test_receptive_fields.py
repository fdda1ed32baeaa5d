"""Figures of receptive fields and of weights: what is drawn is what was measured."""

from typing import Any

import numpy as np
import pytest
import torch

from vitexplain.figures.receptive_fields import (
    CELLS,
    Field,
    coarsened,
    effective_fields,
    inside,
    static_and_dynamic_weights,
)

place = np.arange(112) + 0.5
GAUSS = np.exp(-((place[:, None] - 40) ** 2 + (place - 60) ** 2) / (2 * 8**2))
FLAT = np.ones((112, 112))
IMAGE = np.linspace(0, 1, 16 * 16 * 3).reshape(16, 16, 3)
FIELDS = [
    Field("CNN", GAUSS, theory=61, centre=(40, 60), caption="95% in 41 px"),
    Field("ViT", torch.tensor(FLAT)),
]
FIGURE: Any = effective_fields(FIELDS, image=IMAGE)

generator = np.random.default_rng(0)
KERNEL = generator.normal(size=(3, 3))
KERNEL[0] = 10.02, -0.5, -0.001
ROWS = generator.dirichlet(np.ones(16), size=2).reshape(2, 4, 4)
WEIGHTS: Any = static_and_dynamic_weights(
    [KERNEL, KERNEL], ROWS, [IMAGE, IMAGE], names=("one", "other"), query=6
)


def heatmaps(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "heatmap"]


def number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−").replace("0.", ".")


def test_each_field_is_drawn_relative_to_its_largest_cell() -> None:
    cnn, vit = heatmaps(FIGURE)
    z = np.asarray(cnn.z) / 255
    assert z.shape == (56, 56)
    cells = GAUSS.reshape(56, 2, 56, 2).sum(axis=(1, 3))
    np.testing.assert_allclose(z**2, cells / cells.max(), atol=0.005)
    assert (np.asarray(vit.z) == 255).all()
    assert (cnn.dx, cnn.x0, cnn.zmax) == (2, 1, 255)


def test_the_theoretical_field_is_a_square_around_its_unit() -> None:
    (square,) = FIGURE.layout.shapes
    assert (square.x0, square.x1, square.y0, square.y1) == (29.5, 90.5, 9.5, 70.5)
    assert (square.xref, square.yref) == ("x2", "y2")  # after the picture


def test_a_theoretical_field_ends_with_the_image() -> None:
    figure: Any = effective_fields([Field("deep", FLAT, theory=999)])
    (square,) = figure.layout.shapes
    assert (square.x0, square.x1, square.y0, square.y1) == (0, 112, 0, 112)


def test_the_table_has_the_share_in_squares() -> None:
    table = FIGURE.layout.meta["table"]
    assert table["header"][2:] == ["share in 28²", "share in 56²", "share in 84²"]
    name, theory, *shares = table["rows"][1]
    assert (name, theory) == ("ViT", "all")
    np.testing.assert_allclose([float(s) for s in shares], [1 / 16, 1 / 4, 9 / 16], atol=6e-4)
    name, theory, *shares = table["rows"][0]
    assert (name, theory) == ("CNN", 61)
    shares = [float(share) for share in shares]
    # A normal distribution of σ = 8 in a square of half side 14: erf(14 / 8√2)² = 0.846.
    assert abs(shares[0] - 0.846) < 0.002
    assert shares[0] < shares[1] < shares[2] <= 1
    assert f"CNN: 61 px in theory, {shares[1]:.0%} of the gradient" in FIGURE.layout.meta["alt"]


def test_inside_counts_the_pixels_of_a_square() -> None:
    shares = np.zeros((8, 8))
    shares[2, 5], shares[2, 6] = 3, 1
    assert inside(shares, (2.5, 5.5), 1) == 0.75
    assert inside(shares, (2.5, 5.5), 3) == 1
    assert inside(shares, (7.5, 0.5), 2) == 0


@pytest.mark.parametrize(
    ("size", "cells"),
    [((224, 224), (56, 56)), ((64, 64), (32, 32)), ((28, 56), (28, 56)), ((97, 97), (1, 1))],
)
def test_fields_are_summed_to_few_cells(size: tuple[int, int], cells: tuple[int, int]) -> None:
    field = generator.random(size)
    found = coarsened(field)
    assert found.shape == cells
    assert max(found.shape) <= CELLS
    np.testing.assert_allclose(found.sum(), field.sum())
    step = size[0] // cells[0]
    np.testing.assert_allclose(found[0, 0], field[:step, :step].sum())


def test_a_row_for_each_image_kernels_alike_and_attention_not() -> None:
    first, second, third, fourth = heatmaps(WEIGHTS)
    np.testing.assert_allclose(first.z, abs(KERNEL))
    np.testing.assert_array_equal(first.z, third.z)
    np.testing.assert_allclose(second.z, ROWS[0])
    np.testing.assert_allclose(fourth.z, ROWS[1])
    assert second.zmax == fourth.zmax == ROWS.max()
    assert [trace.type for trace in WEIGHTS.data] == ["image", "heatmap", "heatmap"] * 2
    printed = [note.text for note in WEIGHTS.layout.annotations if "<b>" not in note.text]
    assert printed[:9] == ["10.02", "−.50", ".00"] + [number(x) for x in KERNEL[1:].ravel()]
    assert len(printed) == 2 * (9 + 16)


def test_the_query_is_outlined_in_the_picture_and_in_attention() -> None:
    boxes = [(s.x0, s.x1, s.y0, s.y1, s.xref) for s in WEIGHTS.layout.shapes]
    assert boxes[:2] == [(8, 12, 4, 8, "x"), (2, 3, 1, 2, "x3")]
    assert len(boxes) == 4


def test_words_and_numbers_say_by_how_much_they_differ() -> None:
    meta = WEIGHTS.layout.meta
    change = abs(ROWS[0] - ROWS[1]).max()
    assert (
        f"convolution's differ by 0.0000, the attention weights by up to {change:.4f}"
        in (meta["alt"])
    )
    assert meta["table"]["rows"][0] == [
        "one", "convolution", 0, *(f"{x:.4f}" for x in KERNEL[0]), "",
    ]  # fmt: skip
    assert len(meta["table"]["rows"]) == 2 * (3 + 4)


def test_panels_are_in_rows_of_at_most_three() -> None:
    for count, rows in ((1, 1), (3, 1), (4, 2), (5, 2)):
        figure: Any = effective_fields([Field(str(i), FLAT) for i in range(count)])
        assert figure.layout.height == rows * FIGURE.layout.height
        domains = [figure.layout[f"xaxis{i + 1 if i else ''}"].domain for i in range(count)]
        assert all(0 <= low < high <= 1 for low, high in domains)
