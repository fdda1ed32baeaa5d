"""Scenes with one object whose outline is known, so that “attention that segments” can be measured.

A scene has one object of six kinds somewhere in front of blotches. A kind is a shape and a
pattern, as a zebra is both. Light tells neither where nor what it is: object and background are as
bright and as rich in contrast, bright and dark may be exchanged in each, and colours are drawn
alike. Those are for our eyes; models see grey (`Scenes.grey`): two crops of a scene share its
colours, and who may match crops by colour need learn nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

SIDE = 48  # pixels
RADII = (10.0, 17.0)  # of an object, pixels
TILT = 0.4  # of an object, radians each way
SPREAD = 0.35  # standard deviation of what models see
CONTRAST, TINT, NOISE = 0.45, 0.35, 0.05  # of grey, of colours, of each pixel
BLOTCHES = (8, 16, 24)  # cells along a side of the noises whose sum is a background

Pattern = Callable[[Tensor, Tensor], Tensor]
"""From x and y, where the object reaches from -1 to 1, to a value from -1 to 1."""

KINDS: dict[str, tuple[int, float, Pattern]] = {  # lobes, how deep they are, pattern
    "disc with rings": (0, 0.0, lambda x, y: torch.cos(13 * torch.hypot(x, y))),
    "triangle with stripes": (3, 0.22, lambda x, y: torch.sin(11 * x)),
    "square with checks": (4, 0.13, lambda x, y: 2 * torch.sin(8 * x) * torch.sin(8 * y)),
    "star with spokes": (5, 0.28, lambda x, y: torch.sin(5 * torch.atan2(y, x))),
    "clover with dots": (
        3, 0.4, lambda x, y: 1 - 2 * (torch.cos(10 * x) + torch.cos(10 * y) - 0.6).clamp(0, 1),
    ),
    "cog with waves": (8, 0.12, lambda x, y: torch.sin(11 * x + 2 * torch.sin(6 * y))),
}  # fmt: skip
"""The six kinds: outlines r(θ) = 1 + depth · cos(lobes · θ), each with a pattern of its own."""


@dataclass(frozen=True, eq=False)
class Scenes:
    """Pictures about 0 (mostly in [-1, 1]), which pixels the object takes, and its kind."""

    images: Float[Tensor, "image 3 row col"]
    masks: Bool[Tensor, "image row col"]
    labels: Int[Tensor, " image"]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def grey(self) -> Float[Tensor, "image 1 row col"]:
        """The pictures without their colours, as models see them."""
        return self.images.mean(1, keepdim=True)

    def __getitem__(self, index: slice | Tensor) -> "Scenes":
        return Scenes(self.images[index], self.masks[index], self.labels[index])


def lit_alike(
    images: Float[Tensor, "image 1 row col"],
) -> Float[Tensor, "image 1 row col"]:
    """Return images of mean 0 and standard deviation `SPREAD`: none is known by its light."""
    grey = images - images.mean((1, 2, 3), keepdim=True)
    return SPREAD * grey / grey.std((1, 2, 3), keepdim=True)


def draw_scenes(number: int, generator: torch.Generator) -> Scenes:
    """Draw scenes: kind, place, size, angle and colours of each at random."""

    def drawn(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(number, *shape, generator=generator)

    labels = torch.randint(len(KINDS), (number,), generator=generator)
    radius = drawn(*RADII, 1, 1)
    room = SIDE / 2 - radius
    row, col = (SIDE / 2 + room * drawn(-1, 1, 1, 1) for _ in range(2))
    pixel = torch.arange(SIDE) + 0.5
    down, right = (pixel[:, None] - row) / radius, (pixel[None, :] - col) / radius
    angle = drawn(-TILT, TILT, 1, 1)
    x = right * angle.cos() + down * angle.sin()
    y = down * angle.cos() - right * angle.sin()
    mask = torch.zeros(number, SIDE, SIDE, dtype=torch.bool)
    pattern = torch.zeros(number, SIDE, SIDE)
    for kind, (lobes, depth, painted) in enumerate(KINDS.values()):
        these = labels == kind
        around = 1 + depth * torch.cos(lobes * torch.atan2(y[these], x[these]))
        mask[these] = torch.hypot(x[these], y[these]) < around / (1 + depth)
        pattern[these] = painted(x[these], y[these]).clamp(-1, 1)
    sign = torch.where(torch.rand(number, 1, 1, generator=generator) < 0.5, -1.0, 1.0)
    value = torch.where(mask, sign * pattern, _blotches(number, generator))[:, None]
    tint = drawn(-TINT, TINT, 2, 3, 1, 1)  # of object and background
    tint -= tint.mean(2, keepdim=True)
    images = CONTRAST * value + torch.where(mask[:, None], *tint.unbind(1))
    images += NOISE * torch.randn(number, 1, SIDE, SIDE, generator=generator)
    return Scenes(images, mask, labels)


def _blotches(number: int, generator: torch.Generator) -> Float[Tensor, "image row col"]:
    """Return smooth noise of several sizes, its contrast as strong as the patterns'."""
    total = torch.zeros(number, 1, SIDE, SIDE)
    for cells in BLOTCHES:
        noise = torch.randn(number, 1, cells, cells, generator=generator)
        total += F.interpolate(noise, (SIDE, SIDE), mode="bicubic", align_corners=False)
    spread = total.std((-1, -2), keepdim=True)
    return torch.tanh(1.5 * (total - total.mean((-1, -2), keepdim=True)) / spread)[:, 0]
