"""DINO by its formulas, computed another way; and its study, run small."""

import math

import numpy as np
import pytest
import torch

from studies.catalogue import Cell
from studies.crops import LARGE, SMALL, SMALL_ONES, Kinds, crop, cut, views
from studies.dino import (
    ANSWERS,
    SETTINGS,
    Dino,
    Settings,
    Views,
    course,
    self_distillation,
    words,
)
from studies.run import Place, run
from studies.training import Recipe, launched, train
from vitexplain.experiments.families import build
from vitexplain.experiments.scene_reading import for_size
from vitexplain.experiments.scenes import SPREAD, draw_scenes
from vitexplain.experiments.tasks import generator_of
from vitexplain.experiments.weights import load


@pytest.fixture
def learner() -> Dino:
    torch.manual_seed(0)
    return Dino(build("scenes", "dino", seed=0), 50, Settings()).train()


@pytest.fixture(scope="module")
def crops() -> torch.Tensor:
    return Views(0).batch(0, 4)[0]


def test_the_loss_is_the_paper_s_formula():
    """One number after another, in float64, as the equations say it."""
    rng = np.random.default_rng(0)
    student, teacher, centre = (rng.normal(size=shape) for shape in ((6, 3, 5), (2, 3, 5), (5,)))

    def softmax(x):
        return [math.exp(v) / sum(math.exp(u) for u in x) for v in x]

    total, terms = 0.0, 0
    for t in range(2):
        for s in range(6):
            if s == t:
                continue
            terms += 1
            for image in range(3):
                p = softmax((teacher[t, image] - centre) / 0.04)
                q = softmax(student[s, image] / 0.1)
                total += -sum(a * math.log(b) for a, b in zip(p, q, strict=True)) / 3
    given = [torch.tensor(x) for x in (student, teacher, centre)]
    found = self_distillation(given[0], given[1], given[2], Settings(teacher=0.04))
    assert terms == 2 * 6 - 2
    assert float(found) == pytest.approx(total / terms, rel=1e-12)


def test_only_the_student_learns(learner, crops):
    learner(crops).backward()
    assert all(p.grad is None for p in learner.teacher.parameters())
    assert all(p.grad is not None for p in learner.student.parameters())
    table = learner.student.vit.pos_embed.grad
    assert table is not None
    assert table.abs().sum() > 0


def test_the_teacher_is_a_moving_average(learner, crops):
    before = [p.clone() for p in learner.teacher.parameters()]
    learner(crops)
    for now, then in zip(learner.teacher.parameters(), before, strict=True):
        assert torch.equal(now, then)  # there was no step yet
    with torch.no_grad():
        for p in learner.student.parameters():
            p.add_(1.0)
    learner(crops)
    share = 0.1 * (1 + math.cos(math.pi / 50)) / 2
    for now, then in zip(learner.teacher.parameters(), before, strict=True):
        np.testing.assert_allclose(now - then, share, atol=1e-6)


def test_the_centre_follows_the_teacher_s_mean(learner, crops):
    with torch.no_grad():
        mean = learner.teacher(crops[:, :2].flatten(0, 1)).mean(0)
    learner(crops)
    np.testing.assert_allclose(learner.centre, 0.1 * mean, atol=1e-6)
    plain = Dino(build("scenes", "dino", seed=0), 50, SETTINGS["no centring"]).train()
    plain(crops)
    assert not plain.centre.any()


def test_small_crops_are_answered_by_the_same_vit_with_its_positions_resized(learner):
    images = draw_scenes(5, generator_of(0, 0)).grey[..., :SMALL, :SMALL]
    vit = learner.eval().student.vit
    with torch.no_grad():
        expected = for_size(vit, SMALL)(images)
        found = learner.student(torch.zeros(1, 1, LARGE, LARGE), images)[1:]
        np.testing.assert_allclose(found, learner.student.projection(expected), atol=1e-5)


def test_entropy_and_divergence_are_noted(learner, crops):
    loss = learner(crops)
    entropy, divergence = learner.history[0].tolist()
    assert 0 < entropy < 1
    assert (entropy + divergence) * math.log(ANSWERS) == pytest.approx(loss.item(), rel=1e-5)
    assert set(course(learner)["entropy"]) == {str(i) for i in range(1, 11)}


def test_cut_undoes_the_sheet():
    images = draw_scenes(3, generator_of(1, 0)).images
    found = views(images, generator_of(1, 1))
    assert found.shape == (3, 3, 3, LARGE, LARGE)
    small = cut(found[:, 2])
    assert small.shape == (SMALL_ONES * 3, 3, SMALL, SMALL)
    for number in range(SMALL_ONES):
        row, col = (SMALL * i for i in divmod(number, LARGE // SMALL))
        tile = found[:, 2, :, row : row + SMALL, col : col + SMALL]
        assert torch.equal(small[3 * number : 3 * number + 3], tile)


def test_a_crop_is_a_square_of_the_picture_lit_as_all_are():
    """A picture whose value is its column: a crop of a quarter spans a half, set to one spread."""
    ramp = torch.linspace(-1, 1, 48).expand(40, 3, 48, 48)
    found = crop(ramp, (0.25, 0.25), 24, generator_of(2, 0))
    np.testing.assert_allclose(found.mean((1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(found.std((1, 2, 3)), SPREAD, rtol=1e-5)
    steps = found[..., 1:] - found[..., :-1]
    even = SPREAD * (12 / (24**2 - 1)) ** 0.5  # between neighbours of 24 values on a line
    np.testing.assert_allclose(steps[:, :, 12, 8:16].abs(), even, rtol=2e-2)
    assert 5 < int((steps[:, 0, 12, 12] > 0).sum()) < 35  # mirrored or inverted, or not
    assert float((found[:, :, 1:] - found[:, :, :-1]).abs().max()) < 1e-5


def test_it_learns_to_agree_on_the_same_scenes():
    """After few steps student and teacher answer two views of a scene more alike than before."""
    torch.manual_seed(0)
    learner = Dino(build("scenes", "dino", seed=0), 12, Settings())
    losses: list[float] = []
    train(
        learner, Views(0), Recipe(12, 2e-3, batch=16),
        accelerator=launched(), progress=lambda step, loss: losses.append(loss),
    )  # fmt: skip
    assert int(learner.done) == 12
    assert all(math.isfinite(loss) for loss in losses)


def test_the_twin_learns_kinds_from_the_same_crops():
    images, labels = Kinds(0).batch(0, 8)
    assert images.shape == (8, 1, LARGE, LARGE)
    assert torch.equal(labels, Views(0).batch(0, 8)[1])


@pytest.mark.parametrize("family", ["dino", "labels"])
def test_a_run_is_measured_and_its_vit_ships(family, tmp_path, monkeypatch):
    monkeypatch.setattr("studies.segments.NUMBER", 20)
    monkeypatch.setattr("studies.segments.KNOWN", 40)
    cell = Cell({"learner": family}, "scenes", family, Recipe(3, 2e-3, batch=8), ship="short")
    found = run(cell, 0, Place(None, tmp_path / "cache", tmp_path), name="dino/short")
    assert 0 <= found["overlap"]["best head"] <= found["overlap"]["best head of each scene"] <= 1
    assert ("accuracy" in found) == (family == "labels")
    assert ("course" in found) == (family == "dino")
    images = draw_scenes(2, generator_of(0, 0)).grey[..., :LARGE, :LARGE]
    with torch.no_grad():
        assert torch.isfinite(load("short", tmp_path)(images)).all()


def test_words_tell_nothing_when_all_pictures_get_one(learner):
    images = Views(1).batch(0, 20)[0][:, 0]
    found = words(learner, images)
    shares = ((learner.teacher(images) - learner.centre) / learner.settings.teacher).softmax(-1)
    mean = shares.mean(0)
    bits = (shares * (shares / mean).log2()).sum(-1).mean()
    assert found["bits"] == pytest.approx(float(bits), abs=1e-4)
    assert found["used"] == len(set(shares.argmax(-1).tolist()))
    assert words(learner, images[:1].expand(20, -1, -1, -1)) == {
        "bits": pytest.approx(0, abs=1e-5),
        "used": 1,
    }
