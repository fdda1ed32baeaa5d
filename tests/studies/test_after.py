"""Models that build on others: the first is trained once, and the next begins where it ended."""

from dataclasses import replace

import pytest
import torch

from studies.catalogue import QUICK, STUDIES, Cell
from studies.run import Place, run
from vitexplain.experiments import weights
from vitexplain.experiments.families import build


def short(cell: Cell) -> Cell:
    """The cell, and the one before it, with three steps."""
    after = cell.after and short(cell.after)
    return replace(cell, recipe=replace(cell.recipe, steps=3, batch=8), after=after)


@pytest.fixture
def place(tmp_path):
    return Place(None, tmp_path / "cache", tmp_path / "weights")


def test_a_pupil_has_its_teacher_trained_once(place):
    cells = [short(cell) for cell in STUDIES["deit"].cells(QUICK)]
    [pupil] = (c for c in cells if c.ship == "digits-pupil")
    found = run(pupil, 0, place, name="deit/pupil")
    [kept] = (place.cache / "first").iterdir()
    written = kept.stat().st_mtime_ns
    teacher = build("digits", "cnn", seed=0)
    teacher.load_state_dict(torch.load(kept, weights_only=True)["model"])
    alone = run(cells[0], 0, place, name="deit/cnn")
    assert kept.stat().st_mtime_ns == written
    assert found["teacher"] == alone["accuracy"]
    assert found["right"]["both"] == pytest.approx(found["accuracy"])
    about = weights.describe("digits-pupil", place.weights)
    told = (about["teacher"], about["unlabelled"], about["loss"])
    assert told == ("digits-teacher", 997, "soft 0.9")
    for name, its in weights.load("digits-teacher", place.weights).state_dict().items():
        torch.testing.assert_close(its, teacher.state_dict()[name], rtol=1e-3, atol=1e-3)
