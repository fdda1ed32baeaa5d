"""The photographs: each has its file and its credit, and no file is without one."""

import tomllib

import numpy as np
import pytest
from PIL import Image

from vitexplain.images.photographs import FOLDER, LICENCES, PHOTOGRAPHS, credits

LARGEST = 25_000  # bytes of a file
SIDE = 288  # pixels of the shorter side
each = pytest.mark.parametrize("name", PHOTOGRAPHS)


def test_every_file_has_its_credit_and_every_credit_its_file():
    assert sorted(path.stem for path in FOLDER.glob("*.avif")) == sorted(PHOTOGRAPHS)
    kinds = {path.suffix for path in FOLDER.iterdir() if path.is_file()}
    assert kinds == {".avif", ".toml", ".py"}


@each
def test_it_says_whose_it_is_and_that_it_may_be_shown(name):
    one = PHOTOGRAPHS[name]
    assert one.author
    assert one.source.startswith("https://")
    assert one.package in ("scikit-image", "scikit-learn")
    assert one.licence in {*LICENCES, "public domain"}
    assert 40 < len(one.alt) < 125


@each
def test_it_is_small_and_decodes(name):
    one = PHOTOGRAPHS[name]
    assert one.path.stat().st_size <= LARGEST
    pixels = one.pixels()
    assert pixels.dtype == np.float32
    assert min(pixels.shape[1:]) == SIDE
    assert pixels.std() > 0.1, "a photograph, and not a grey square"


@each
def test_its_colours_are_the_same_for_all_who_read_it(name):
    """A profile of colours is applied by browsers and not by Pillow: there must be none."""
    with Image.open(PHOTOGRAPHS[name].path) as file:
        assert "icc_profile" not in file.info


def test_the_square_is_the_middle():
    cat = PHOTOGRAPHS["cat"]
    pixels, square = cat.pixels(), cat.square(SIDE)
    left = round((pixels.shape[2] - SIDE) / 2)
    np.testing.assert_allclose(square, pixels[:, :, left : left + SIDE], atol=1e-6)


def test_colours_are_those_of_the_original():
    """Of the one whose original is installed beside the tests."""
    from sklearn import datasets

    path = FOLDER.joinpath(datasets.__path__[0], "images", "china.jpg")
    with Image.open(path) as file:
        original = file.resize((432, SIDE), Image.Resampling.LANCZOS)
    apart = PHOTOGRAPHS["temple"].pixels() - np.moveaxis(np.asarray(original), -1, 0) / 255
    assert np.sqrt((apart**2).mean()) < 0.03


def test_the_table_thanks_all_or_those_that_are_shown():
    rows = str(credits()).strip().split("\n")[2:]
    assert len(rows) == len(PHOTOGRAPHS)
    for row, one in zip(rows, PHOTOGRAPHS.values(), strict=True):
        assert f"[{one.author}]({one.source})" in row
        assert one.licence in row
    assert str(credits(["cat"])).count("\n|") == 2
    with pytest.raises(KeyError, match="dog"):
        credits(["dog"])


def test_the_file_of_credits_has_no_word_that_is_not_read():
    rows = tomllib.loads((FOLDER / "photographs.toml").read_text(encoding="utf-8"))
    assert {key for row in rows.values() for key in row} == {
        "alt", "author", "licence", "source", "from",
    }  # fmt: skip
