"""What a model that learned from faces attends to, measured on faces it has never seen."""

import torch
from torch import Tensor

from vitexplain.experiments.face_reading import NUMBER, erase, eye_weights
from vitexplain.experiments.face_tasks import (
    LEFT_EYE,
    RIGHT_EYE,
    Drawn,
    FaceTask,
    Fill,
    Tag,
    hide,
    tags,
)
from vitexplain.experiments.tasks import generator_of
from vitexplain.faces import GRID, PATCH
from vitexplain.patches import patchify
from vitexplain.vit import ViT


@torch.no_grad()
def measure(model: ViT, task: FaceTask) -> dict[str, float]:
    """Return how well the model does and where its eyes look.

    "eye to eye" is the weight from the left eye's patch to the right eye's, the mean over heads,
    blocks and faces; "strongest head" the same in the head that has most. In the task `Fill` the
    left eye is hidden and asks. "eye to erased eye" is measured with the right eye's patch
    replaced by plain background.
    """
    drawn = task.draw(NUMBER, generator_of(task.seed, 0))
    images = _asked(task, drawn.images, drawn)
    left, right = drawn.eye(LEFT_EYE), drawn.eye(RIGHT_EYE)
    plain = drawn.eye(2 * GRID[1]) % (GRID[0] * GRID[1])  # under the face; at the end, above it
    heads = eye_weights(model, images, left)  # (face, block, head, patch)
    every = torch.arange(NUMBER)
    mean = heads.mean((1, 2))
    to_right = heads[every, :, :, right]
    erased = _asked(task, erase(drawn.images, right, plain), drawn)
    after = eye_weights(model, erased, left).mean((1, 2))
    return _score(model, task, drawn) | {
        "eye to eye": float(to_right.mean()),
        "eye to itself": float(mean[every, left].mean()),
        "eye to background": float(mean[every, plain].mean()),
        "eye to erased eye": float(after[every, right].mean()),
        "strongest head": float(to_right.mean(0).max()),
    }


def _asked(task: FaceTask, images: Tensor, drawn: Drawn) -> Tensor:
    """Return what the model sees: in `Fill`, the left eye is hidden."""
    if not isinstance(task, Fill):
        return images
    hidden = torch.zeros(len(images), GRID[0] * GRID[1], dtype=torch.bool)
    hidden[torch.arange(len(images)), drawn.eye(LEFT_EYE)] = True
    return hide(images, hidden)


def _score(model: ViT, task: FaceTask, drawn: Drawn) -> dict[str, float]:
    device = next(model.parameters()).device
    if isinstance(task, Fill):
        images = _asked(task, drawn.images, drawn)
        left = drawn.eye(LEFT_EYE)
        every = torch.arange(len(images))
        target = patchify(drawn.images, PATCH)
        painted = model(images.to(device)).cpu()
        mean_patch = target[every, left].mean(0)  # what one would paint without looking
        error = (painted - target)[every, left].square().mean()
        blind = (mean_patch - target[every, left]).square().mean()
        return {"error": float(error), "error without looking": float(blind)}
    answers = model(drawn.images.to(device)).argmax(-1).cpu()
    if isinstance(task, Tag):
        right = tags(drawn)
        eyes = right > 0
        return {
            "accuracy": float((answers == right)[eyes].double().mean()),
            "accuracy, every patch": float((answers == right).double().mean()),
        }
    return {"accuracy": float((answers == drawn.expression).double().mean())}
