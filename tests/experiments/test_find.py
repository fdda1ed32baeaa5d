"""Digits among pieces: the answer is where it is said to be, and nowhere else."""

import numpy as np
import pytest
import torch

from vitexplain.experiments.datasets import Labelled, digits
from vitexplain.experiments.families import build
from vitexplain.experiments.find_reading import YARDSTICKS, readers, right_ones
from vitexplain.experiments.find_task import GRID, PATCH, Find
from vitexplain.experiments.tasks import generator_of
from vitexplain.patches import patchify
from vitexplain.reading import READINGS

DATA = digits().validation


@pytest.fixture(scope="module")
def task() -> Find:
    return Find(DATA, seed=3)


def picture(canvases, i: int, which: int) -> torch.Tensor:
    """The 8×8 pixels at the place where a digit is said to be."""
    row, col = (PATCH * canvases.corners[i, which]).tolist()
    return canvases.images[i, 0, row : row + 8, col : col + 8]


@pytest.mark.parametrize("two", [False, True])
def test_digits_are_where_and_what_the_canvas_says(task, two):
    canvases = task.draw(200, generator_of(0, 0), two=two)
    known = {DATA.images[i, 0].numpy().tobytes(): int(DATA.labels[i]) for i in range(len(DATA))}
    for i in range(len(canvases)):
        for which in range(2):
            assert known[picture(canvases, i, which).numpy().tobytes()] == canvases.labels[i, which]
    assert bool((canvases.labels[:, 0] != canvases.labels[:, 1]).all()) == two
    assert len({tuple(corner) for corner in canvases.corners[:, 0].tolist()}) > 30  # of 36 places


def test_inside_is_the_four_patches_of_a_digit(task):
    canvases = task.draw(50, generator_of(0, 1), two=True)
    for which in range(2):
        inside = canvases.inside(which)
        assert inside.sum((1, 2)).tolist() == [4] * 50
        bright = torch.full((1, 28, 28), -1.0)
        row, col = (PATCH * canvases.corners[7, which]).tolist()
        bright[0, row : row + 8, col : col + 8] = 1.0
        lit = (patchify(bright, PATCH) == 1).all(-1).reshape(GRID)
        np.testing.assert_array_equal(inside[7], lit)
    assert not (canvases.inside(0) & canvases.inside(1)).any()


def test_every_piece_of_clutter_is_a_quarter_of_some_digit(task):
    canvases = task.draw(30, generator_of(0, 2), two=False)
    quarters = {q.numpy().tobytes() for q in patchify(DATA.images, PATCH).flatten(0, 1)}
    patches = patchify(canvases.images, PATCH)
    outside = ~canvases.inside().flatten(1)
    filled = (patches > -1).any(-1) & outside
    assert 3 < float(filled.sum(1).double().mean()) < 10
    assert all(patch.numpy().tobytes() in quarters for patch in patches[filled])


def test_clutter_says_nothing_of_the_answer():
    """The same clutter is drawn whatever the digits are."""
    one = Find(DATA, 0).draw(20, generator_of(0, 3), two=False)
    other = Find(Labelled(DATA.images, (DATA.labels + 1) % 10), 0).draw(
        20, generator_of(0, 3), two=False
    )
    np.testing.assert_array_equal(one.images, other.images)
    assert not (one.labels == other.labels).any()


def test_a_batch_has_both_kinds():
    labels = Find(DATA, 0).batch(5, 64)[1]
    assert 16 < int((labels[:, 0] == labels[:, 1]).sum()) < 48


def test_the_loss_shares_the_probability(task):
    labels = torch.tensor([[3, 3], [3, 7]])
    logits = torch.full((2, 10), -30.0)
    logits[0, 3] = logits[1, 3] = logits[1, 7] = 30.0
    np.testing.assert_allclose(task.loss(logits, labels), np.log(2) / 2, rtol=1e-6)


def test_right_ones_are_right(task):
    model = build("find", "registers", seed=0).eval()
    canvases = right_ones(model, task, 5, two=False)
    with torch.no_grad():
        answers = model(canvases.images).argmax(-1)
    np.testing.assert_array_equal(answers, canvases.labels[:, 0])
    assert len(canvases) == 5


def test_every_reading_has_its_yardsticks():
    assert set(readers()) == {*READINGS, *YARDSTICKS}
