"""A pupil is given its teachers' answers on the very pictures that it sees."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from studies import distil, teacher
from studies.classify import Classify
from vitexplain.experiments.datasets import Labelled

SIZE = 8
MANY = 1000  # steps: more than there are answers


@pytest.fixture(scope="module", autouse=True)
def _little_to_learn():
    """Two narrow teachers, of twenty batches of eight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distil, "RECIPE", replace(teacher.RECIPE, batch=8))
        patch.setattr(distil, "TEACHERS", (0, 1))
        patch.setattr(teacher, "WIDTHS", (8, 8, 8))
        yield


@pytest.fixture(scope="module")
def pictures() -> Classify:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(40, 3, 32, 32, generator=generator) * 2 - 1
    return Classify(Labelled(images, torch.arange(40) % 10), seed=3, shift=4, flip=True)


@pytest.fixture(scope="module")
def taught(pictures, tmp_path_factory) -> distil.Distil:
    return distil.taught(pictures, SIZE, MANY, tmp_path_factory.mktemp("teachers"), share=0.0)


def test_the_answers_are_the_mean_of_the_teachers_on_that_batch(pictures, tmp_path):
    task = distil.taught(pictures, SIZE, MANY, tmp_path, share=0.0)
    steps = distil.EPOCHS * 40 // SIZE
    assert task.answers.shape == (steps * SIZE, 10)
    committee = [distil.teacher(pictures.data, seed, tmp_path) for seed in distil.TEACHERS]
    images, answers = task.batch(7, SIZE)
    np.testing.assert_array_equal(images, pictures.batch(7, SIZE)[0])
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        each = [one(images).float() for one in committee]
    expected = torch.stack(each).mean(0)
    spread = float(expected.std())
    np.testing.assert_allclose(answers, expected, rtol=0.02, atol=0.02 * spread)
    assert not torch.allclose(*each, atol=0.1 * spread)


def test_after_the_last_epoch_they_begin_anew(taught):
    steps = distil.EPOCHS * 40 // SIZE
    for one, other in zip(taught.batch(2, SIZE), taught.batch(2 + steps, SIZE), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not torch.equal(taught.batch(2, SIZE)[0], taught.batch(3, SIZE)[0])


def test_a_short_pupil_asks_for_the_first_answers_alone(taught, pictures, tmp_path):
    few = distil.taught(pictures, SIZE, 3, tmp_path, share=0.0)
    np.testing.assert_array_equal(few.answers, taught.answers[: 3 * SIZE])


def test_answers_are_computed_once(taught, pictures, tmp_path, monkeypatch):
    distil.taught(pictures, SIZE, MANY, tmp_path, share=0.0)
    monkeypatch.setattr(distil, "answers", None)
    monkeypatch.setattr(distil, "teacher", None)
    again = distil.taught(pictures, SIZE, MANY, tmp_path)
    np.testing.assert_array_equal(again.answers, taught.answers)


def test_the_loss_is_least_where_the_pupil_says_what_the_teacher_says(taught):
    answers = torch.tensor([[2.0, -1.0, 0.5]])
    # By hand: T² times the cross-entropy of softmax(answers / T) and softmax(outputs / T), T = 2.
    p = np.exp([1.0, -0.5, 0.25]) / np.exp([1.0, -0.5, 0.25]).sum()
    outputs = torch.tensor([[0.0, 2.0, 4.0]])
    q = np.exp([0.0, 1.0, 2.0]) / np.exp([0.0, 1.0, 2.0]).sum()
    assert float(taught.loss(outputs, answers)) == pytest.approx(-4 * (p * np.log(q)).sum())
    same = answers.clone().requires_grad_()
    taught.loss(same, answers).backward()
    assert same.grad is not None
    np.testing.assert_allclose(same.grad, 0, atol=1e-6)


def test_the_first_layer_whitens(pictures):
    images = pictures.data.images
    kernels = teacher.whitening(images, epsilon=0)
    assert kernels.shape == (24, 3, 2, 2)
    found = F.conv2d(images, kernels).transpose(0, 1).reshape(24, -1)
    np.testing.assert_allclose(found[:12] @ found[:12].T / found.shape[1], np.eye(12), atol=1e-3)
    np.testing.assert_array_equal(found[12:], -found[:12])


def test_a_fresh_teacher_hands_on_what_it_sees(pictures):
    torch.manual_seed(0)
    group = teacher.Group(3, 8)
    x = pictures.data.images[:2]
    np.testing.assert_allclose(group.conv1(x)[:, :3].detach(), x, atol=1e-6)
