"""What ships is whole, small and true to the runs of the studies."""

import json
import math

import numpy as np
import pytest
import torch
from scipy.stats import t

from studies import gathered, ship
from studies.__main__ import main
from studies.catalogue import SCALES, STUDIES
from studies.gathered import gather, interval
from vitexplain.experiments import results, weights
from vitexplain.experiments.results import Results

SHIPPED = [study for study in STUDIES if (results.FOLDER / f"{study}.json").is_file()]


def test_an_interval_is_students():
    values = [0.91, 0.94, 0.93, 0.96]
    got = interval(values)
    low, high = t.interval(0.95, 3, np.mean(values), np.std(values, ddof=1) / 2)
    np.testing.assert_allclose((got.mean, got.low, got.high), (np.mean(values), low, high))
    assert got.seeds == 4
    with pytest.raises(ValueError, match="two values or more"):
        interval([1.0])


def test_results_are_read_as_they_were_written(tmp_path):
    runs = [
        {"seed": i, "seconds": 1.5, "accuracy": 0.5 + i / 10, "shift": {"1": 0.4}} for i in (1, 0)
    ]
    cell = gather({"family": "vit", "images": 100}, runs)
    assert [run["seed"] for run in cell["runs"]] == [0, 1]
    assert cell["measures"]["accuracy"]["mean"] == pytest.approx(0.55)
    assert cell["measures"]["shift 1"] == {"mean": 0.4, "low": 0.4, "high": 0.4, "seeds": 2}
    assert "seconds" not in cell["measures"]
    before = Results("one", "small", "why?", gathered.provenance("cpu", note="öäü"), (cell,))
    assert gathered.write(before, tmp_path) == tmp_path / "one.json"
    after = results.read("one", tmp_path)
    assert after == before
    assert after.of("accuracy", family="vit").seeds == 2
    assert after.values("images") == [100]
    with pytest.raises(KeyError, match="0 cells of one"):
        after.cell(family="cnn")
    with pytest.raises(FileNotFoundError, match="no results of 'two'; there are one"):
        results.read("two", tmp_path)


def test_every_study_has_results():
    assert list(STUDIES) == SHIPPED


@pytest.mark.parametrize("study", SHIPPED)
def test_shipped_results_are_whole(study):
    found = results.read(study)
    cells = STUDIES[study].cells(SCALES[found.scale])
    assert [cell.keys for cell in cells] == [
        {key: entry[key] for key in cell.keys}
        for cell, entry in zip(cells, found.cells, strict=True)
    ]
    for cell, entry in zip(cells, found.cells, strict=True):
        assert entry["recipe"] == cell.recipe.stated()
        assert [run["seed"] for run in entry["runs"]] == list(range(len(entry["runs"])))
        assert len(entry["runs"]) == 1 if STUDIES[study].once else len(entry["runs"]) >= 3
        again = gather({}, entry["runs"])["measures"]
        assert entry["measures"].keys() == again.keys()
        for name, stated in entry["measures"].items():
            for bound in ("mean", "low", "high"):
                assert math.isclose(stated[bound], again[name][bound], abs_tol=2e-6), name
    assert {"vitexplain", "commit", "torch", "device", "processor", "date", "seconds"} <= set(
        found.provenance
    )
    if STUDIES[study].data:
        assert "JPEG" in found.provenance["note"]


def test_shipped_weights_are_small_have_cards_and_are_those_of_the_studies():
    names = weights.names()
    expected = {cell.ship for study in STUDIES.values() for cell in study.cells(SCALES["small"])}
    kept = {path.stem for path in ship.KEPT.glob("*.safetensors")}
    assert {*names, *kept} == expected - {""}
    for name in expected - {""}:
        path = ship.home(name) / f"{name}.safetensors"
        assert path.stat().st_size <= ship.LARGEST
        card = path.with_suffix(".md").read_text()
        assert card == ship.card(name, path.parent), f"{name}: write the cards again"


@pytest.mark.parametrize(
    "path", sorted(ship.KEPT.glob("*.safetensors")), ids=lambda path: path.stem
)
def test_what_no_page_loads_is_read_from_its_folder(path):
    right = weights.describe(path.stem, path.parent)["measured"]["accuracy"]
    assert 0.3 < right < 1
    images = torch.rand(2, 3, 32, 32)
    trained, fresh = (each(path.stem, path.parent) for each in (weights.load, weights.untrained))
    assert not torch.allclose(trained(images), fresh(images))


def test_the_results_are_json_of_one_run_a_line():
    text = (results.FOLDER / "tuning-digits.json").read_text()
    lines = [line.strip().rstrip(",") for line in text.splitlines() if '"seed"' in line]
    assert all(json.loads(line)["accuracy"] for line in lines)


def test_the_quick_scale_is_every_study_in_few_steps_and_not_in_the_package(tmp_path):
    for study in STUDIES.values():
        quick, small = study.cells(SCALES["quick"]), study.cells(SCALES["small"])
        assert [cell.family for cell in quick] == [cell.family for cell in small]
        assert all(20 <= cell.recipe.steps <= 250 for cell in quick)
    before = {path: path.stat().st_mtime_ns for path in results.FOLDER.glob("*.json")}
    arguments = ["initialisation", "--scale", "quick", "--cache", str(tmp_path), "--workers", "1"]
    assert main(arguments) == 0
    written = results.read("initialisation", tmp_path / "quick" / "results")
    assert written.scale == "quick"
    assert {len(cell["runs"]) for cell in written.cells} == {2}
    assert before == {path: path.stat().st_mtime_ns for path in results.FOLDER.glob("*.json")}
