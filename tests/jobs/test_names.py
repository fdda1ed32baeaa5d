"""Names of outputs: no two alike, none outside."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitexplain.jobs import output_name
from vitexplain.jobs.names import inside

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
    assert inside(Path("out"), name) == Path("out") / name
    assert Path(name).name == name
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


ODD_PARTS = st.sampled_from(["a", "..", ".", "", ".vitexplain", "C:", "~", "a\\b", "\0", ".a.part"])


@given(st.lists(ODD_PARTS | st.text(max_size=3), min_size=1, max_size=4).map("/".join))
def test_whatever_the_name_it_lies_inside_or_is_refused(name):
    out = Path("/somewhere/out")
    try:
        path = inside(out, name)
    except ValueError:
        return
    assert Path(os.path.normpath(path)) == path
    assert path.is_relative_to(out)
    assert path != out
    assert path.relative_to(out).parts[0] != ".vitexplain"


@pytest.mark.rejects
@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "a/../../x", "/etc/x", "a//b", "a/", "C:x", "C:\\x", "a\\b"),
        *(".vitexplain/job.json", ".VitExplain/x", ".a.part", "x" * 256, "\0"),
    ],
)
def test_names_that_are_refused(name):
    with pytest.raises(ValueError, match="an output's name"):
        inside(Path("out"), name)


@pytest.mark.rejects
def test_a_link_does_not_lead_outside(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "away").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="by a link"):
        inside(tmp_path / "out", "away/x")
