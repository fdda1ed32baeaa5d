"""A task that a tiny Vision Transformer learns in seconds: where is red, seen from blue?

A red and a blue tile lie on a grid of light ones, and the answer is the direction from blue to
red. Both tiles and both places are needed, so a model without positions can only guess. The
pages use it where a ViT-B/16 would need weights trained elsewhere.
"""

from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from vitexplain.patches import patchify, unpatchify
from vitexplain.vit.config import ViTConfig
from vitexplain.vit.drawing import drawing
from vitexplain.vit.module import ViT

GRID = (6, 6)  # tiles; a tile is a patch
SIDE = 4  # pixels along a tile
ANSWERS = ("above", "below", "left", "right")  # of blue is red
RED, BLUE = (0.8, 0.2, 0.2), (0.2, 0.3, 0.8)
LIGHTEST, DARKEST = 0.95, 0.85  # of the other tiles, greys drawn at random

TOY = ViTConfig(
    image_size=(GRID[0] * SIDE, GRID[1] * SIDE),
    patch=SIDE, dim=32, depth=2, heads=2, mlp_dim=64, classes=len(ANSWERS),
)  # fmt: skip
"""The model of the task: 36 patches and a class token, two blocks of two heads."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Images, their answers (indices into `ANSWERS`), and the index of the coloured tiles."""

    images: Float[Tensor, "batch 3 row col"]
    answers: Int[Tensor, " batch"]
    red: Int[Tensor, " batch"]
    blue: Int[Tensor, " batch"]


def draw_pictures(number: int, *, seed: int | torch.Generator) -> Pictures:
    """Draw pictures of the task; the same seed gives the same pictures.

    The two places are uniform over all pairs that have an answer: as many rows as columns
    apart is a tie, and left out.

    Raises:
        ValueError: fewer than one picture.
    """
    if number < 1:
        raise ValueError(f"number must be at least 1, got {number}")
    generator = seed if isinstance(seed, torch.Generator) else torch.Generator().manual_seed(seed)
    pairs = _pairs()
    red, blue, answers = pairs[torch.randint(len(pairs), (number,), generator=generator)].T
    greys = torch.rand(number, GRID[0] * GRID[1], 1, generator=generator)
    tiles = (DARKEST + (LIGHTEST - DARKEST) * greys).repeat(1, 1, 3)
    every = torch.arange(number)
    tiles[every, red], tiles[every, blue] = torch.tensor(RED), torch.tensor(BLUE)
    pixels = tiles.repeat_interleave(SIDE * SIDE, dim=-1)  # (batch, tile, channel row col)
    return Pictures(unpatchify(pixels, GRID), answers, red, blue)


def _pairs() -> Int[Tensor, "pair 3"]:
    """Return every (red, blue, answer) without a tie."""
    row, col = torch.meshgrid(torch.arange(GRID[0]), torch.arange(GRID[1]), indexing="ij")
    down = row.reshape(-1, 1) - row.reshape(1, -1)  # (red, blue): how far red is below blue
    right = col.reshape(-1, 1) - col.reshape(1, -1)
    upright = torch.where(down < 0, ANSWERS.index("above"), ANSWERS.index("below"))
    sideways = torch.where(right < 0, ANSWERS.index("left"), ANSWERS.index("right"))
    answers = torch.where(down.abs() > right.abs(), upright, sideways)
    red, blue = (down.abs() != right.abs()).nonzero().T
    return torch.stack([red, blue, answers[red, blue]], dim=1)


def paint_over(
    images: Float[Tensor, "batch 3 row col"], tiles: Int[Tensor, " batch"]
) -> Float[Tensor, "batch 3 row col"]:
    """Return the images with one tile each painted in the middle grey of the light tiles."""
    pixels = patchify(images, SIDE).clone()
    pixels[torch.arange(len(images)), tiles] = (LIGHTEST + DARKEST) / 2
    return unpatchify(pixels, GRID)


@torch.enable_grad()
def train(*, positions: bool = True, seed: int = 0, steps: int = 300, batch: int = 64) -> ViT:
    """Return a ViT of size `TOY` trained on fresh pictures at every step.

    AdamW (Loshchilov and Hutter 2019) with a one-cycle schedule; a few seconds on one core.

    Args:
        positions: without, the position table is zero and stays zero.
        seed: of the weights and the pictures.

    Raises:
        ValueError: fewer than one step or picture.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    generator = torch.Generator().manual_seed(seed)
    with drawing(seed):
        vit = ViT(TOY)
    if not positions:
        torch.nn.init.zeros_(vit.pos_embed).requires_grad_(False)
    learned = [parameter for parameter in vit.parameters() if parameter.requires_grad]
    adam = torch.optim.AdamW(learned, lr=5e-3, weight_decay=0.01)
    optimizer = cast(torch.optim.Optimizer, adam)  # its `step` has types, theirs has none
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(steps):
        pictures = draw_pictures(batch, seed=generator)
        loss = F.cross_entropy(vit(pictures.images), pictures.answers)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
    return vit.eval()


@torch.no_grad()
def accuracy(
    vit: ViT, images: Float[Tensor, "batch 3 row col"], answers: Int[Tensor, " batch"]
) -> float:
    """Return the share of images, 0 to 1, that the model answers rightly."""
    return (vit(images).argmax(-1) == answers).double().mean().item()
