"""Pixels: PNGs that Pillow reads back, and one rule of brightness in Python and in the browser."""

import base64
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import opened
from tests.waiting import PATIENCE
from vitexplain.explorer import WEB
from vitexplain.images.photographs import PHOTOGRAPHS
from vitexplain.pixels import (
    DEEPEST,
    GREY,
    brightness,
    cover,
    picture_uri,
    png,
    png_uri,
    shaded,
)

NODE = Path(sys.executable).parent / "node"


@pytest.mark.parametrize("size", [(16, 16), (17, 16)])  # 256 colours, and more
def test_a_png_of_many_colours_and_of_few(rng, size):
    pixels = rng.permutation(256**3)[: size[0] * size[1]].reshape(*size, 1)
    pixels = (pixels >> np.array([16, 8, 0]) & 255).astype(np.uint8)
    np.testing.assert_array_equal(opened(png_uri(pixels)), pixels)


def test_a_smooth_picture_is_written_as_differences_and_read_back():
    y, x = np.mgrid[0:60, 0:50]
    pixels = np.stack([3 * y + x, 2 * x, 255 - y], axis=-1).astype(np.uint8)
    uri = png_uri(pixels)
    np.testing.assert_array_equal(opened(uri), pixels)
    assert len(uri) < pixels.size / 10


@pytest.mark.parametrize("kind", ["float", "uint8", "grey"])
def test_the_png_holds_the_pixels(rng, kind):
    pixels = rng.integers(0, 256, size=(5, 7, 3), dtype=np.uint8)
    given = {"float": pixels / 255, "uint8": pixels, "grey": pixels[..., 0]}[kind]
    uri = png_uri(given)
    assert uri.startswith("data:image/png;base64,")
    read = opened(uri)
    np.testing.assert_array_equal(read, pixels if kind != "grey" else pixels[..., :1].repeat(3, 2))


@pytest.mark.parametrize("image", [np.zeros((2, 2, 5)), np.zeros(3), np.full((2, 2), 1.5)])
def test_a_picture_of_another_kind_is_an_error(image):
    with pytest.raises(ValueError, match="image must be"):
        png_uri(image)


def test_a_png_may_be_transparent_and_say_where_it_is_from(rng):
    pixels = rng.integers(0, 256, size=(4, 3, 4), dtype=np.uint8)
    image = Image.open(io.BytesIO(png(pixels, text={"Title": "Attention × 2", "Comment": "{}"})))
    np.testing.assert_array_equal(np.asarray(image), pixels)
    assert getattr(image, "text", None) == {"Title": "Attention × 2", "Comment": "{}"}


def test_a_quarter_of_the_largest_weight_keeps_seven_tenths_of_its_patch():
    """Worked by hand: √(1/4) = 1/2, 0.6 · (1 − 1/2) = 0.3."""
    row = np.array([[0.4, 0.1], [0.0, 0.4]])
    np.testing.assert_allclose(cover(brightness(row)), [[0, 0.3], [0.6, 0]], atol=1e-12)
    seen = 255 * shaded(np.ones((4, 4, 3)), brightness(row))
    assert seen[0, 0, 0] == pytest.approx(255)
    assert seen[0, 3, 0] == pytest.approx(0.7 * 255 + 0.3 * 48)
    assert seen[3, 0, 0] == pytest.approx(0.4 * 255 + 0.6 * 48)


def test_nothing_is_dark_where_nothing_looks():
    """A black picture under no weight is grey enough to be seen: 24 of 255 and more."""
    black = 255 * shaded(np.zeros((2, 2, 3)), np.zeros((1, 1)))
    assert black.min() > 24
    white = 255 * shaded(np.ones((2, 2, 3)), np.zeros((1, 1)))
    assert white.max() < 255 * 0.55


def test_the_browser_has_the_same_rule(rng):
    """bright.js and pixels.py on the same weights."""
    row = rng.dirichlet(np.full(50, 0.2))
    script = f"""
    import {{ brightness, cover, DEEPEST, GREY }} from "{(WEB / "bright.js").as_uri()}";
    const row = {json.dumps(row.tolist())};
    const lit = brightness(row, false, new Float32Array(row.length));
    const covered = Array.from(lit, cover);
    console.log(JSON.stringify({{ lit: [...lit], covered, DEEPEST, GREY }}));"""
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert (said["DEEPEST"], said["GREY"]) == (DEEPEST, GREY)
    np.testing.assert_allclose(said["lit"], brightness(row), atol=1e-6)
    np.testing.assert_allclose(said["covered"], cover(brightness(row)), atol=1e-6)


def test_a_photograph_is_a_webp_that_looks_the_same_and_a_drawing_stays_a_png(monkeypatch):
    photo = np.moveaxis(PHOTOGRAPHS["cat"].square(224), 0, -1)
    kind, _, data = picture_uri(photo).partition(",")
    assert kind == "data:image/webp;base64"
    assert len(data) < 30_000
    with Image.open(io.BytesIO(base64.b64decode(data))) as file:
        found = np.asarray(file.convert("RGB"), float) / 255
    assert np.abs(found - photo).mean() < 0.02
    assert picture_uri(photo[:16, :16]) == png_uri(photo[:16, :16])
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert picture_uri(photo) == png_uri(photo)
