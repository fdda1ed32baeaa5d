"""What the pages say and offer where models were fetched, and what a build makes of their files."""

import json
from pathlib import Path

import numpy as np
import pytest

from builder.assets import models
from builder.render import Rendered
from builder.store import render_all
from tests.explainers.pages import assets, words
from tests.lessons import ROOT, made
from vitexplain.experiments.fetched import LISTING, VARIABLE, Fetched, fetched, fingerprint
from vitexplain.images.photographs import PHOTOGRAPHS

SAYS = [("espresso", 0.62), ("cup", 0.21), ("eggnog", 0.04)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What `make models` leaves, with random numbers: the ViT-B/16, and what is not whole."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "b16.onnx").write_bytes(bytes(3_000_000))  # only the browser opens it
    draw = np.random.default_rng(0)
    maps = {name: draw.dirichlet(np.ones(16), (2, 2)).astype(np.float16) for name in PHOTOGRAPHS}
    np.savez(folder / "b16.npz", allow_pickle=False, **maps)
    row = {
        "name": "b16", "title": "ViT-B/16 (AugReg)", "repo": "timm/vit", "sha256": "b" * 64,
        "taught": "with labels", "grid": [4, 4], "bytes": 3_000_000, "against": "timm",
        "apart": 1e-6, "says": dict.fromkeys(PHOTOGRAPHS, SAYS),
    }  # fmt: skip
    (folder / LISTING).write_text(json.dumps([row, row | {"name": "gone"}]))
    return folder


@pytest.fixture(scope="module")
def offered(folder) -> Fetched:
    return fetched(folder)["b16"]


@pytest.fixture(scope="module")
def rendered(folder, tmp_path_factory) -> dict[str, Rendered]:
    paths = [ROOT / "explainers" / f"{name}.py" for name in ("live_lab", "vit_at_work")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        return render_all(paths, cache=tmp_path_factory.mktemp("kept"), say=lambda line: None)


def test_what_is_whole_is_a_file_of_the_site(offered, folder, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(folder))
    assert list(fetched()) == ["b16"], "of what is gone only the row is there"
    assert models() == {"models/b16.onnx": offered.graph, "models/b16.npz": offered.maps}


def test_a_lesson_that_shows_them_runs_again_when_they_change(folder, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(folder))
    before = fingerprint()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert fingerprint() == ""
    assert fetched() == {}
    (tmp_path / LISTING).write_text("[]")
    assert fingerprint() not in ("", before)
    monkeypatch.delenv(VARIABLE)
    assert (fetched(), models(), fingerprint()) == ({}, {}, "")


def test_the_lab_offers_it_from_the_sites_own_folder_with_its_bytes(rendered, offered):
    [widget] = assets(rendered["live_lab"], "live")
    assert widget["offers"] == [
        {"name": offered.title, "size": offered.bytes, "url": "../../../models/b16.onnx"}
    ]
    text = words(rendered["live_lab"])
    assert "data-offers" in text
    assert f"{offered.title} ({offered.bytes / 1e6:.0f} MB)" in text
    assert "`make models`" not in text


def test_at_work_shows_its_maps_and_what_it_says(rendered, offered):
    lesson = rendered["vit_at_work"]
    assert "*espresso* (62%), *cup* (21%) and *eggnog* (4%)" in words(lesson)
    assert lesson.markdown.count("<plotly-figure ") == 4
    assert f"The largest of all is {offered.class_rows('coffee').max():.4f}" in lesson.markdown


@pytest.mark.parametrize("name", ["live_lab", "vit_at_work"])
def test_without_them_the_pages_say_so(name):
    text = words(made(name))
    assert "Where there is a network, `make models` fetches" in text
    assert "data-offers" not in text
