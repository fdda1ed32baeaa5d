"""A kernel slides: each stop of the slider shows its pixels, its products and its place."""

import re
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

from tests.figures.test_words import array
from vitexplain.figures import convolution_steps

IMAGE = np.random.default_rng(0).uniform(size=(6, 8))
KERNEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SUMS = correlate2d(IMAGE, KERNEL, mode="valid")
FIGURE: Any = convolution_steps(IMAGE, KERNEL, every=2, first=(2, 4))


def test_each_stop_has_its_pixels_products_and_sum():
    [slider] = FIGURE.layout.sliders
    places = [(i, j) for i in (0, 2) for j in (0, 2, 4)]
    assert [stop.label for stop in slider.steps] == [f"row {i}, column {j}" for i, j in places]
    assert places[slider.active] == (2, 4)
    for (i, j), stop in zip(places, slider.steps, strict=True):
        traces, moved, which = stop.args
        under, products = (np.array(z) for z in traces["z"])
        assert list(which) == [1, 3]
        np.testing.assert_allclose(under, IMAGE[i : i + 3, j : j + 3], atol=0.0051)
        np.testing.assert_allclose(products, IMAGE[i : i + 3, j : j + 3] * KERNEL, atol=0.0051)
        [said] = [text for name, text in moved.items() if name.startswith("annotations")]
        found = float(re.findall(r"[−\d.]+", said)[-1].replace("−", "-"))
        assert found == pytest.approx(SUMS[i, j], abs=0.0051)
        assert moved["shapes[0].path"] == f"M{j - 0.5} {i - 0.5}H{j + 2.5}V{i + 2.5}H{j - 0.5}Z"


def test_it_begins_as_its_first_stop_and_holds_the_whole_map():
    [slider] = FIGURE.layout.sliders
    traces, moved, _ = slider.steps[slider.active].args
    np.testing.assert_allclose(array(FIGURE.data[1].z).round(2), traces["z"][0], atol=0.011)
    np.testing.assert_allclose(array(FIGURE.data[4].z), SUMS.round(2), atol=1e-9)
    assert [shape.path for shape in FIGURE.layout.shapes] == [
        moved[f"shapes[{i}].path"] for i in range(3)
    ]
    assert FIGURE.layout.meta["table"]["rows"][1][0] == 2


def test_the_first_place_must_be_a_stop():
    with pytest.raises(ValueError, match=r"first must be a stop .* got \(1, 1\) with every=2"):
        convolution_steps(IMAGE, KERNEL, every=2, first=(1, 1))
