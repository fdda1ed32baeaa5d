"""Three things to learn from drawn faces, to see whether attention goes from eye to eye.

`Tag` asks each patch: no eye, an eye whose pair matches, an eye whose pair does not. It cannot be
answered without comparing the eyes. `Fill` paints hidden patches from those in sight; nobody says
that eyes matter. `Expression` reads the face from the class token: the control.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from vitexplain.experiments.tasks import Task
from vitexplain.faces import EXPRESSIONS, GRID, PATCH, Look, draw_face
from vitexplain.moved import tell
from vitexplain.patches import patchify, unpatchify

LEFT_EYE, RIGHT_EYE = 1, 2  # patches of the canonical place, row by row
TAGS = ("not an eye", "an eye, both match", "an eye, they differ")
OPEN = tuple(name for name in EXPRESSIONS if name not in ("laugh", "wink"))  # both irises show
IRISES = torch.tensor(
    [
        (0.10, 0.50, 0.50),
        (0.36, 0.20, 0.10),
        (0.30, 0.62, 0.20),
        (0.20, 0.40, 0.85),
        (0.62, 0.30, 0.75),
    ]
)
LOWEST = GRID[0] - 2  # patches that a face can be lower than at the top


@dataclass(frozen=True, eq=False)
class Faces:
    """Drawn faces in the top half, without colour in their irises, and where the irises are.

    `images` are in [0, 1], black in the irises; `iris` is the share of each pixel that the left
    and the right iris cover; `expression` is an index into `EXPRESSIONS`.
    """

    images: Float[Tensor, "image 3 row col"]
    iris: Float[Tensor, "image 2 row col"]
    expression: Int[Tensor, " image"]

    def __len__(self) -> int:
        return len(self.expression)

    def __getitem__(self, index: slice | Tensor) -> "Faces":
        return Faces(self.images[index], self.iris[index], self.expression[index])

    def coloured(self, colours: Float[Tensor, "image 2 3"]) -> Float[Tensor, "image 3 row col"]:
        """Return the images in [-1, 1] with each iris in its colour."""
        added = (self.iris[:, :, None] * colours[..., None, None]).sum(1)
        return 2 * (self.images + added) - 1


def draw_faces(number: int, *, seed: int, expressions: tuple[str, ...] = EXPRESSIONS) -> Faces:
    """Draw faces of varied looks, nearly in the canonical place: each eye stays in its patch."""
    rng = np.random.default_rng(seed)
    images, irises, expression = [], [], []
    for _ in range(number):
        name = str(rng.choice(expressions))
        place = float(rng.uniform(-2, 2)), float(rng.uniform(-1, 1))
        look = replace(Look.random(rng), size=1.0, shift=place, iris="#000000")
        black = draw_face(expression=name, look=look).pixels
        white = draw_face(expression=name, look=replace(look, iris="#ffffff")).pixels
        cover = (white - black)[0]  # drawing is linear in the colour
        middle = cover.shape[1] // 2
        left, right = cover.copy(), cover.copy()
        left[:, middle:], right[:, :middle] = 0, 0
        images.append(black)
        irises.append(np.stack([left, right]))
        expression.append(EXPRESSIONS.index(name))
    return Faces(_tensor(images), _tensor(irises), torch.tensor(expression))


def _tensor(arrays: list[np.ndarray]) -> Tensor:
    return torch.as_tensor(np.stack(arrays), dtype=torch.float32)


def colours(
    number: int, generator: torch.Generator, *, match: Bool[Tensor, " image"]
) -> Float[Tensor, "image 2 3"]:
    """Return a colour for each left and right iris, the same one where they match."""
    left = torch.randint(len(IRISES), (number,), generator=generator)
    step = torch.randint(1, len(IRISES), (number,), generator=generator)
    right = torch.where(match, left, (left + step) % len(IRISES))
    return IRISES[torch.stack([left, right], 1)]


def lowered(images: Float[Tensor, "image 3 row col"], rows: Int[Tensor, " image"]) -> Tensor:
    """Return each image moved down by whole rows of patches; what leaves comes in above."""
    index = (torch.arange(images.shape[-2]) - PATCH * rows[:, None]) % images.shape[-2]
    return images.gather(2, index[:, None, :, None].expand_as(images))


@dataclass
class FaceTask(Task):
    """Faces in a random order, each lowered by whole patches at random, with a little noise."""

    faces: Faces
    seed: int
    noise: float = 0.02
    always_match: ClassVar[bool] = False  # else the eyes of every second face differ

    def ask(self, size, generator, step):
        return self.asked(self.draw(size, generator), generator)

    def draw(self, size: int, generator: torch.Generator) -> "Drawn":
        """Return `size` faces chosen, coloured and placed at random."""
        faces = self.faces[torch.randint(len(self.faces), (size,), generator=generator)]
        match = torch.rand(size, generator=generator) < 0.5
        if self.always_match:
            match = torch.ones_like(match)
        rows = torch.randint(LOWEST + 1, (size,), generator=generator)
        images = lowered(faces.coloured(colours(size, generator, match=match)), rows)
        images = images + self.noise * torch.randn(images.shape, generator=generator)
        return Drawn(images, match, rows, faces.expression)

    def asked(self, drawn: "Drawn", generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return inputs and targets of these images."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Drawn:
    """Faces of a batch: patches each is lowered by, whether its eyes match, its expression."""

    images: Float[Tensor, "image 3 row col"]
    match: Bool[Tensor, " image"]
    rows: Int[Tensor, " image"]
    expression: Int[Tensor, " image"]

    def eye(self, patch: int | Int[Tensor, " image"]) -> Int[Tensor, " image"]:
        """Return where an eye is, from its patch in the canonical place."""
        return patch + GRID[1] * self.rows


class Tag(FaceTask):
    """Name each patch: an index into `TAGS`. The few eyes weigh as much as all other patches."""

    def asked(self, drawn, generator):
        return drawn.images, tags(drawn)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        others = GRID[0] * GRID[1] - 2
        weight = torch.tensor([2 / others, 1.0, 1.0], device=outputs.device)
        return F.cross_entropy(outputs.flatten(0, -2), targets.flatten(), weight)


def tags(drawn: Drawn) -> Int[Tensor, "image patch"]:
    """Return the right tag of each patch."""
    number = len(drawn.match)
    target = torch.zeros(number, GRID[0] * GRID[1], dtype=torch.int64)
    for eye in (LEFT_EYE, RIGHT_EYE):
        target[torch.arange(number), drawn.eye(eye)] = torch.where(drawn.match, 1, 2)
    return target


class Fill(FaceTask):
    """Paint the hidden patches: three at random, and one eye in half of the images."""

    always_match = True

    def asked(self, drawn, generator):
        number = len(drawn.images)
        hidden = torch.rand(number, GRID[0] * GRID[1], generator=generator).argsort(1) < 3
        eye = torch.where(torch.rand(number, generator=generator) < 0.5, LEFT_EYE, RIGHT_EYE)
        asked = torch.rand(number, generator=generator) < 0.5
        hidden[torch.arange(number)[asked], drawn.eye(eye)[asked]] = True
        target = torch.where(hidden[:, :, None], patchify(drawn.images, PATCH), torch.nan)
        return hide(drawn.images, hidden), target

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        hidden = ~targets.isnan()
        return (outputs[hidden] - targets[hidden]).square().mean()


def hide(
    images: Float[Tensor, "image 3 row col"], hidden: Bool[Tensor, "image patch"]
) -> Float[Tensor, "image 3 row col"]:
    """Return the images with their hidden patches painted the middle grey, 0."""
    patches = torch.where(hidden[:, :, None], 0.0, patchify(images, PATCH))
    return unpatchify(patches, GRID)


class Expression(FaceTask):
    """Name the expression, an index into `EXPRESSIONS`, from the class token."""

    def asked(self, drawn, generator):
        return drawn.images, drawn.expression


tell(globals())
