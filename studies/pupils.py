"""A ViT that learns from labels with one token and from a teacher with another, as DeiT does."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.deit import hard_loss, soft_loss, two_answers
from vitexplain.experiments.tasks import Task, accuracy
from vitexplain.vit import Block, ViT, attention_weights

# DeiT gives a soft teacher a share of 0.1; where few pictures have a label, 0.9 is fairer.
LOSSES = {"hard": hard_loss, "soft": soft_loss, "soft 0.9": partial(soft_loss, share=0.9)}


class Pupil(nn.Module):
    """A ViT that answers with both of its tokens, (image, token, class), to be trained."""

    def __init__(self, vit: ViT) -> None:
        super().__init__()
        self.vit = vit

    def forward(self, images: Tensor) -> Tensor:
        return two_answers(self.vit, images).movedim(0, 1)


@dataclass
class Taught(Task):
    """Tell the label and the teacher's answer, each with a token of its own.

    The teacher sees each picture as the pupil does: moved.
    """

    pictures: Task
    teacher: nn.Module
    formula: str

    @property
    def seed(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """That of the pictures."""
        return self.pictures.seed

    @torch.no_grad()
    def ask(self, size, generator, step):
        images, labels = self.pictures.ask(size, generator, step)
        said = self.teacher(images.to(next(self.teacher.parameters()).device)).cpu()
        return images, torch.cat([labels[:, None].to(said), said], 1)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        labels, said = targets[:, 0].long(), targets[:, 1:]
        return LOSSES[self.formula](outputs[:, 0], outputs[:, 1], labels, said)


@torch.no_grad()
def measure(model: ViT, teacher: nn.Module, data: Labelled) -> dict[str, Any]:
    """Return what the two tokens say, how often as the teacher does, and how alike they are.

    `overlap` is the attention that both give to the same token, sum over keys of the smaller
    weight, in each block, a mean over heads and images; `cosine` is of the tokens after it.
    """
    device = next(model.parameters()).device
    images = data.images.to(device)
    both = two_answers(model, images)
    theirs = teacher.to(device)(images).argmax(-1)
    labels = data.labels.to(device)
    said = {"class token": both[0], "distillation token": both[1], "both": both.mean(0)}
    chosen = {name: x.argmax(-1) for name, x in said.items()}
    blocks = [step for step in model.walk(images[:250]) if isinstance(step, Block)]
    rows = [weights[:, :, :2] for weights in attention_weights(blocks)]
    tokens = [block.output[:, :2] for block in blocks]
    return {
        "teacher": accuracy(teacher, data),
        "right": {name: float((x == labels).double().mean()) for name, x in chosen.items()},
        "agrees": {name: float((x == theirs).double().mean()) for name, x in chosen.items()},
        "overlap": {
            str(i): float(torch.minimum(x[:, :, 0], x[:, :, 1]).sum(-1).mean())
            for i, x in enumerate(rows)
        },
        "cosine": {
            str(i): float(torch.cosine_similarity(x[:, 0], x[:, 1], dim=-1).mean())
            for i, x in enumerate(tokens)
        },
    }
