"""Random views of scenes: large crops, sheets of small ones, and the task of naming the kind."""

from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from vitexplain.experiments.scenes import draw_scenes, lit_alike
from vitexplain.experiments.tasks import Task, generator_of

SCENES = 4000  # that are learned from
LARGE, SMALL = 24, 12  # pixels along a side of the crops that the models get
SMALL_ONES = (LARGE // SMALL) ** 2  # of a scene: as many as fill a large one
LARGE_AREA, SMALL_AREA = (0.5, 1.0), (0.25, 0.5)  # least and largest share of the scene


@dataclass
class Kinds(Task):
    """Name the kind of the object, seen in one large crop: what the twin with labels learns."""

    seed: int

    def ask(self, size, generator, step):
        images, labels = some(self.seed, size, generator)
        return crop(images, LARGE_AREA, LARGE, generator), labels


@cache
def pool(seed: int) -> tuple[Tensor, Tensor]:
    """Return the scenes that are learned from, in grey, and their kinds; drawn once a seed."""
    scenes = draw_scenes(SCENES, generator_of(seed, -1))
    return scenes.grey, scenes.labels


def some(seed: int, number: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return scenes of the pool at random, and their kinds."""
    images, labels = pool(seed)
    index = torch.randint(len(labels), (number,), generator=generator)
    return images[index], labels[index]


def views(images: Tensor, generator: torch.Generator) -> Float[Tensor, "image 3 channel row col"]:
    """Return two large crops of each image, and small ones side by side on a sheet as large."""
    large = [crop(images, LARGE_AREA, LARGE, generator) for _ in range(2)]
    small = [crop(images, SMALL_AREA, SMALL, generator) for _ in range(SMALL_ONES)]
    across = LARGE // SMALL
    rows = [torch.cat(small[i : i + across], -1) for i in range(0, SMALL_ONES, across)]
    return torch.stack([*large, torch.cat(rows, -2)], 1)


def cut(sheets: Float[Tensor, "image channel row col"]) -> Float[Tensor, "crop channel y x"]:
    """Return the small crops of sheets: the first of every image, then the second, and so on."""
    tiles = sheets.unfold(2, SMALL, SMALL).unfold(3, SMALL, SMALL)  # image channel i j row col
    return tiles.permute(2, 3, 0, 1, 4, 5).flatten(0, 2)


def crop(
    images: Float[Tensor, "image channel row col"],
    area: tuple[float, float],
    side: int,
    generator: torch.Generator,
) -> Float[Tensor, "image channel y x"]:
    """Return a random square of each image: resized, mirrored half of the times, lit alike.

    Mean and spread are the same in all, so that no two crops are matched by their light.
    """
    number, channels = images.shape[:2]

    def drawn(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(number, *shape, generator=generator)

    part = drawn(*area).sqrt()
    mirrored = torch.where(torch.rand(number, generator=generator) < 0.5, -part, part)
    right, down = (drawn(-1, 1) * (1 - part) for _ in range(2))
    zero = torch.zeros(number)
    across, along = (
        torch.stack([mirrored, zero, right], -1),
        torch.stack([zero, part, down], -1),
    )
    grid = F.affine_grid(
        torch.stack([across, along], 1), [number, channels, side, side], align_corners=False
    )
    found = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    return lit_alike(found)
