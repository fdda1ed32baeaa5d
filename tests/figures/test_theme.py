"""The palette in the eyes of readers who do not see red, green or blue as others do."""

from itertools import combinations

import numpy as np
import pytest

from vitexplain.figures.charts import FAMILIES
from vitexplain.figures.theme import DARK, LIGHT

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
ROLES = ("query", "key", "value", "weight")
# Dichromats, severity 1: Machado, Oliveira and Fernandes 2009, table 1; on linear RGB.
EYES = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
# OKLab: Ottosson 2020.
TO_CONES = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
TO_LAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
          [0.0259040371, 0.7827717662, -0.8086757660]]  # fmt: skip
# CIELAB under D65, whose distances are CIE76's: 2.3 can just be told apart side by side.
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
          [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> np.ndarray:
    """Linear RGB, each from 0 to 1 (IEC 61966-2-1)."""
    coded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def seen(colour: str, eye: str) -> np.ndarray:
    return np.clip(EYES[eye] @ linear(colour), 0, 1)


def oklab(rgb: np.ndarray) -> np.ndarray:
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_CONES) @ rgb)


def cielab(rgb: np.ndarray) -> np.ndarray:
    t = np.array(TO_XYZ) @ rgb / WHITE
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@PALETTES
@pytest.mark.parametrize("eye", EYES)
def test_families_stay_apart_for_every_eye_and_can_be_read(palette: dict, eye: str) -> None:
    colours = [palette[one.role] for one in FAMILIES.values()]
    drawn = [oklab(seen(colour, eye)) for colour in colours]
    assert min(np.linalg.norm(a - b) for a, b in combinations(drawn, 2)) > 0.09
    luminance = np.array([0.2126, 0.7152, 0.0722])
    paper = luminance @ linear(palette["paper"])
    for text in (luminance @ linear(colour) for colour in colours):
        assert (max(text, paper) + 0.05) / (min(text, paper) + 0.05) >= 4.5


@PALETTES
@pytest.mark.parametrize(("one", "other"), list(combinations(ROLES, 2)))
def test_roles_stay_apart_without_green(palette: dict, one: str, other: str) -> None:
    colours = (cielab(seen(palette[role], "deutan")) for role in (one, other))
    assert np.linalg.norm(np.subtract(*colours)) >= 30


def test_the_simulation_takes_red_and_green_together_and_leaves_grey() -> None:
    red, green = "#c00000", "#806000"
    far = np.linalg.norm(cielab(linear(red)) - cielab(linear(green)))
    near = np.linalg.norm(cielab(seen(red, "deutan")) - cielab(seen(green, "deutan")))
    assert near < far / 3
    grey = "#808080"
    np.testing.assert_allclose(cielab(seen(grey, "deutan")), cielab(linear(grey)), atol=1e-3)
