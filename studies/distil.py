"""Learning from a teacher's answers: they are computed once, on pictures that move and turn.

A batch is a function of the seed and the step. So the teachers can answer on the first epochs
ahead of time, and each pupil goes through these again and again: Beyer et al., "Knowledge
distillation: A good teacher is patient and consistent", CVPR 2022, arXiv 2106.05237, show that
teacher and pupil must see the same crop.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studies.classify import Classify
from studies.teacher import RECIPE, TEACHERS, Teacher
from studies.training import train
from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.tasks import Task
from vitexplain.files import whole

EPOCHS = 8  # of answers at most; a ninth begins anew with the first


@dataclass
class Distil(Task):
    """Give the teachers' probabilities, softened by the temperature.

    The loss is the cross-entropy to the softened probabilities, times the temperature squared:
    Hinton, Vinyals and Dean 2015, arXiv 1503.02531, section 2.
    """

    pictures: Classify
    answers: Tensor  # logits, (step · size, class), in the order of the batches
    temperature: float = 2.0

    @property
    def seed(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """That of the pictures, whose order the answers follow."""
        return self.pictures.seed

    def batch(self, step, size):
        step %= len(self.answers) // size
        images, _ = self.pictures.batch(step, size)
        return images, self.answers[step * size : (step + 1) * size].float()

    def loss(self, outputs, targets):
        warmth = self.temperature
        return F.cross_entropy(outputs / warmth, (targets / warmth).softmax(-1)) * warmth**2


def taught(pictures: Classify, size: int, steps: int, folder: Path, share: float = 1.0) -> Distil:
    """Return the task of learning what the teachers say of these pictures.

    Teachers and answers are made at the first call and then read from files in the folder.

    Args:
        size: of a batch.
        steps: that a pupil takes; so many batches are answered, or the first epochs.
        share: of the recipe's steps that the teachers get.
    """
    steps = min(steps, EPOCHS * len(pictures.data) // size)
    path = folder / f"answers-{pictures.seed}-{size}-{steps}.pt"
    if not path.exists():
        committee = [teacher(pictures.data, seed, folder, share) for seed in TEACHERS]
        folder.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            torch.save(answers(committee, pictures, size, steps), file)
    return Distil(pictures, torch.load(path, weights_only=True))


def teacher(data: Labelled, seed: int, folder: Path, share: float = 1.0) -> nn.Module:
    """Return a trained teacher, read from its file if there is one."""
    torch.manual_seed(seed)
    model = Teacher(data.images[:5000], int(data.labels.max()) + 1)
    path = folder / f"teacher-{seed}.pt"
    if path.exists():
        model.load_state_dict(torch.load(path, weights_only=True))
        return model.eval()
    recipe = RECIPE.shortened(share)
    task = Classify(data, seed, shift=4, flip=True)
    train(model, task, recipe, checkpoint=folder / f"teacher-{seed}.checkpoint", every=20)
    with whole(path) as file:
        torch.save(model.state_dict(), file)
    return model


@torch.no_grad()
def answers(committee: list[nn.Module], pictures: Classify, size: int, steps: int) -> Tensor:
    """Return the teachers' mean logits on the first batches, float16, (picture, class)."""
    found = []
    for step in range(steps):
        images = pictures.batch(step, size)[0]
        with torch.autocast("cpu", torch.bfloat16):
            found.append(torch.stack([each(images) for each in committee]).mean(0).half())
    return torch.cat(found)
