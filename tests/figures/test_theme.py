"""The palette in the eyes of readers who do not see green as others do."""

from itertools import combinations

import numpy as np
import pytest

from vitexplain.figures.theme import DARK, LIGHT

ROLES = ("query", "key", "value", "weight")
# Machado, Oliveira and Fernandes 2009, deuteranopia (severity 1), on linear RGB.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)  # sRGB, D65
WHITE = np.array([0.95047, 1.0, 1.08883])
APART = 30  # of CIE76; 2.3 is what can just be told apart side by side


def linear(colour: str) -> np.ndarray:
    code = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    t = TO_XYZ @ rgb / WHITE
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def seen(colour: str) -> np.ndarray:
    return lab(np.clip(DEUTERANOPIA @ linear(colour), 0, 1))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("one", "other"), list(combinations(ROLES, 2)))
def test_roles_stay_apart_without_green(palette, one, other):
    assert np.linalg.norm(seen(palette[one]) - seen(palette[other])) >= APART


def test_the_simulation_takes_red_and_green_together_and_leaves_grey():
    far = np.linalg.norm(lab(linear("#c00000")) - lab(linear("#806000")))
    near = np.linalg.norm(seen("#c00000") - seen("#806000"))
    assert near < far / 3
    np.testing.assert_allclose(seen("#808080"), lab(linear("#808080")), atol=1e-3)
