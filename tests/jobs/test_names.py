"""Names of outputs: no two alike, none outside; and of what made them."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitexplain.jobs import fingerprint, output_name

PARTS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
PATHS = st.lists(PARTS | st.sampled_from([".", "..", "a.jpg", "A.jpg", "a.png"]), min_size=1).map(
    lambda parts: Path(*parts)
)


@given(st.lists(PATHS, unique=True), st.sampled_from([".html", ".png", ".tar.gz"]))
def test_no_two_items_share_a_name_even_where_case_does_not_count(items, suffix):
    names = {output_name(item, suffix).casefold() for item in items}
    assert len(names) == len(items)


@given(PATHS, st.sampled_from([".html", ".tar.gz"]))
def test_a_name_is_a_plain_file_in_the_folder(item, suffix):
    name = output_name(item, suffix)
    assert Path(os.path.normpath(Path("out") / name)) == Path("out") / name
    assert Path(name).name == name
    assert not set(name) & set("\\\0:~")
    assert not name.startswith(".")
    assert name.endswith(suffix)
    assert len(name.encode()) < 200


def test_a_name_is_the_same_tomorrow_and_on_another_machine():
    assert output_name(Path("a/goat.jpg"), ".html") == "goat-123ebb3cced40b4b.html"
    assert output_name(Path(os.fsdecode(b"b/\xff.jpg")), ".png").endswith(".png")


@pytest.mark.rejects
@pytest.mark.parametrize("suffix", ["", "html", ".", "./x", ".ht ml", ".é", "." + "x" * 40])
def test_a_suffix_is_an_ending(suffix):
    with pytest.raises(ValueError, match="a suffix is"):
        output_name(Path("a.jpg"), suffix)


def test_a_fingerprint_sees_content_and_names(tmp_path):
    model = tmp_path / "model"
    (model / "parts").mkdir(parents=True)
    (model / "config.json").write_text("{}")
    (model / "parts" / "weights").write_bytes(b"12")
    seen = {fingerprint(model)}
    (model / "parts" / "weights").write_bytes(b"21")
    seen.add(fingerprint(model))
    (model / "parts" / "weights").rename(model / "parts" / "other")
    seen.add(fingerprint(model))
    assert len(seen) == 3
    assert fingerprint(model / "config.json") == hashlib.sha256(b"{}").hexdigest()
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "nothing")
