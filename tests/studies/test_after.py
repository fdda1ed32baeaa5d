"""Models that build on others: the first is trained once, and the next begins where it ended."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from studies.catalogue import QUICK, STUDIES, Cell
from studies.paintings import RIDGE, lines
from studies.run import Place, run
from vitexplain.experiments import weights
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.families import build
from vitexplain.experiments.mae import masked


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


def test_labels_come_after_painting(place, monkeypatch):
    cells = [short(cell) for cell in STUDIES["mae"].cells(QUICK)]
    random, after = (next(c for c in cells[1:] if bool(c.after) == late) for late in (False, True))
    begun = {}
    monkeypatch.setattr(
        "studies.run.train",
        lambda model, task, recipe, **_: begun.setdefault(len(begun), model.eval()),
    )
    monkeypatch.setattr("studies.run._measure", lambda *_: {})
    for name, cell in (("random", random), ("after", after)):
        run(cell, 0, place, name=name)
    fresh, encoder, model = begun[0], begun[1].encoder, begun[2]
    for name, value in encoder.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value)
    torch.testing.assert_close(model.head.weight, fresh.head.weight)


def test_an_autoencoder_is_measured_on_what_is_hidden(place):
    first = short(STUDIES["mae"].cells(QUICK)[0])
    found = run(first, 0, place, name="mae/first")
    errors = found["hidden"]
    assert found["error"] == errors["model"]["12"]
    assert errors["mean image"]["12"] == pytest.approx(0.3, abs=0.05)
    for hidden in ("4", "12", "15"):
        assert errors["straight line"][hidden] < errors["mean image"][hidden]
    seen, filled = (found["painted"]["12"][key][0] for key in ("seen", "filled"))
    assert sum(x is None for x in seen) == 12 * 4
    assert all(x in (None, y) for x, y in zip(seen, filled, strict=True))


def test_a_straight_line_is_ridge_regression_on_what_is_seen():
    train, one = digits().train.images, digits().test.images[:1]
    seen = masked(one, 2, (torch.arange(16) % 3 == 0)[None])
    gone = seen.isnan()[0].flatten()
    x, y = train.flatten(1)[:, ~gone].numpy(), train.flatten(1)[:, gone].numpy()
    expected = Ridge(alpha=RIDGE).fit(x, y).predict(one.flatten(1)[:, ~gone].numpy())
    np.testing.assert_allclose(lines(train, seen)[seen.isnan()], expected[0].clip(-1, 1), atol=1e-4)
