"""DeiT's losses are its two equations, written out in NumPy, and its two answers transformers'."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, rel_entr, softmax

from studies.classify import Classify
from studies.pupils import Pupil, Taught, measure
from tests.checkpoints.libraries import pretrained, transformers_model
from vitexplain import checkpoints
from vitexplain.experiments.datasets import Labelled, digits
from vitexplain.experiments.deit import NO_LABEL, hard_loss, soft_loss, two_answers
from vitexplain.experiments.families import build
from vitexplain.experiments.tasks import accuracy
from vitexplain.vit import ViT, ViTConfig

LABELS = torch.tensor([2, 0, 6, 3])


def logits() -> list[torch.Tensor]:
    """What the class token, the distillation token and the teacher say of four pictures."""
    return [3 * torch.randn(4, 7, dtype=torch.float64) for _ in range(3)]


def cross_entropy(said, labels) -> np.ndarray:
    return -log_softmax(said.numpy(), -1)[np.arange(len(labels)), labels]


@pytest.mark.parametrize(("temperature", "share"), [(3.0, 0.1), (1.0, 0.5), (5.0, 1.0)])
def test_the_soft_loss_is_equation_2(temperature, share):
    said, pupil, teacher = logits()
    theirs, ours = (softmax(x.numpy() / temperature, -1) for x in (teacher, pupil))
    apart = rel_entr(theirs, ours).sum(-1)
    expected = (1 - share) * cross_entropy(said, LABELS).mean()
    expected += share * temperature**2 * apart.mean()
    got = soft_loss(said, pupil, LABELS, teacher, temperature=temperature, share=share)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    agreeing = soft_loss(said, teacher, LABELS, teacher, temperature=temperature, share=1.0)
    np.testing.assert_allclose(agreeing, 0, atol=1e-12)


def test_the_hard_loss_is_equation_3():
    said, pupil, teacher = logits()
    decided = teacher.numpy().argmax(-1)
    expected = (cross_entropy(said, LABELS).mean() + cross_entropy(pupil, decided).mean()) / 2
    np.testing.assert_allclose(hard_loss(said, pupil, LABELS, teacher), expected, rtol=1e-12)


def test_a_picture_without_a_label_is_heard_of_from_the_teacher_alone():
    said, pupil, teacher = logits()
    some = torch.tensor([2, NO_LABEL, 6, NO_LABEL])
    decided = teacher.numpy().argmax(-1)
    known = cross_entropy(said, LABELS)[[0, 2]].mean()
    expected = (known + cross_entropy(pupil, decided).mean()) / 2
    np.testing.assert_allclose(hard_loss(said, pupil, some, teacher), expected, rtol=1e-12)
    none = torch.full((4,), NO_LABEL)
    expected = cross_entropy(pupil, decided).mean() / 2
    np.testing.assert_allclose(hard_loss(said, pupil, none, teacher), expected, rtol=1e-12)


def test_two_answers_and_their_mean_are_those_of_transformers(tmp_path):
    model = transformers_model("DeiTForImageClassificationWithTeacher").double()
    ours = checkpoints.load(pretrained(model, tmp_path)).double()
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        expected, got, whole = model(images), two_answers(ours, images), ours(images)
    for one, theirs in zip(got, (expected.cls_logits, expected.distillation_logits), strict=True):
        torch.testing.assert_close(one, theirs, rtol=0, atol=1e-10)
    torch.testing.assert_close(whole, expected.logits, rtol=0, atol=1e-10)
    torch.testing.assert_close(whole, got.mean(0), rtol=0, atol=1e-10)


def test_a_pupil_hears_label_and_teacher_of_the_picture_it_sees():
    data = digits().train[:20]
    teacher = build("digits", "cnn", seed=0).eval()
    pictures = Classify(Labelled(data.images, data.labels), seed=3, shift=1)
    task = Taught(pictures, teacher, "hard")
    images, targets = task.batch(5, 8)
    moved, labels = pictures.batch(5, 8)
    torch.testing.assert_close(images, moved)
    assert targets[:, 0].tolist() == labels.tolist()
    with torch.no_grad():
        torch.testing.assert_close(targets[:, 1:], teacher(images))
    pupil = Pupil(ViT(ViTConfig(8, 2, 16, 2, 4, 32, classes=10, channels=1, distillation=True)))
    outputs = pupil(images)
    said, distilled = two_answers(pupil.vit, images)
    expected = hard_loss(said, distilled, labels, targets[:, 1:])
    torch.testing.assert_close(task.loss(outputs, targets), expected)
    found = measure(pupil.vit, teacher, data)
    assert found["right"]["both"] == pytest.approx(accuracy(pupil.vit, data))
    assert found["agrees"]["both"] == pytest.approx(
        float(
            (pupil.vit(data.images).argmax(-1) == teacher(data.images).argmax(-1)).double().mean()
        )
    )
    assert list(found["overlap"]) == list(found["cosine"]) == ["0", "1"]
    assert all(0 < share <= 1.0001 for share in found["overlap"].values())
