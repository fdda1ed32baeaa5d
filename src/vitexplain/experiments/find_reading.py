"""Readings of a model that finds digits, and the pictures that they are put to the test with.

The pictures are never seen in training, and the model is right about each: what a map should
show is then known by construction. The tests themselves are in the repository's `studies`.
"""

from collections.abc import Callable
from itertools import count

import torch
from jaxtyping import Float
from torch import Tensor

from vitexplain.experiments.find_task import Canvases, Find
from vitexplain.experiments.tasks import generator_of
from vitexplain.moved import tell
from vitexplain.patches import patchify
from vitexplain.reading import READINGS
from vitexplain.vit import ViT

NUMBER = 100  # pictures of each kind
FEW = 40  # of them, where a test takes long and varies little
STEPS = 24  # in which the patches of a picture go or come: about two at a time
PERMUTATIONS = 100  # of the weights of each picture
EMPTY = -1.0  # the colour of a patch with nothing in it

Maps = Float[Tensor, "image row col"]
Reader = Callable[[ViT, Tensor, Tensor], Maps]


def _brightness(vit: ViT, images: Tensor, target: Tensor) -> Maps:
    """Return each patch's mean brightness: the model is not asked."""
    bright = patchify(images, vit.config.patch).mean(-1)
    return bright.reshape(-1, *vit.config.grid)


def _chance(vit: ViT, images: Tensor, target: Tensor) -> Maps:
    """Return random numbers."""
    return torch.rand(len(images), *vit.config.grid, generator=generator_of(0, len(images)))


YARDSTICKS: dict[str, Reader] = {"brightness": _brightness, "random": _chance}
"""Maps that know nothing of the model: what passes a test must do better than these."""


def readers() -> dict[str, Reader]:
    """Return every reading and every yardstick by name."""
    return {**READINGS, **YARDSTICKS}


def right_ones(model: ViT, task: Find, number: int, *, two: bool) -> Canvases:
    """Return the first `number` pictures of which the model names every digit."""
    kept: list[Canvases] = []
    for step in count(1):
        canvases = task.draw(500, generator_of(task.seed + 1, 2 * step + two), two=two)
        with torch.no_grad():
            kept.append(canvases[canvases.named(model(canvases.images), two=two)])
        if sum(map(len, kept)) >= number or step == 100:
            break
    parts = zip(*(vars(canvases).values() for canvases in kept), strict=True)
    return Canvases(*map(torch.cat, parts))[:number]


tell(globals())
