"""A task with an object to find: handwritten digits somewhere among pieces of other digits.

What decides the answer is known by construction, so that a reading of the model can be tested:
does its map point to the digit? The idea is that of cluttered translated MNIST (Mnih et al. 2014,
arXiv 1406.6247), here with scikit-learn's digits, and with two of them in half of the pictures.
"""

from dataclasses import dataclass
from itertools import product

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.tasks import Task
from vitexplain.moved import tell
from vitexplain.patches import patchify, unpatchify

PATCH = 4  # pixels along a side
GRID = (7, 7)  # patches
DIGIT = 2  # patches along a side of a digit's box
PIECES = 10  # of clutter, before others or digits cover some of them


@dataclass(frozen=True, eq=False)
class Canvases:
    """Pictures with two digits or one, what they are, and where.

    `labels` and `corners` are of the first and the second digit; where there is one digit, both
    are of it. Labels of two digits differ. A corner is the row and column of the first patch.
    """

    images: Float[Tensor, "image 1 row col"]
    labels: Int[Tensor, "image 2"]
    corners: Int[Tensor, "image 2 2"]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: slice | Tensor) -> "Canvases":
        return Canvases(self.images[index], self.labels[index], self.corners[index])

    def named(self, logits: Float[Tensor, "image classes"], *, two: bool) -> Bool[Tensor, " image"]:
        """Return whether the largest logit is the digit's, or the two largest both digits'."""
        best = logits.topk(1 + two).indices.sort(-1).values
        return (best == self.labels.sort(-1).values[:, : 1 + two]).all(-1)

    def inside(self, which: int = 0) -> Bool[Tensor, "image row col"]:
        """Return which patches the first (0) or the second (1) digit takes: four."""
        away = torch.arange(GRID[0]) - self.corners[:, which, :, None]  # (image, axis, patch)
        taken = (away >= 0) & (away < DIGIT)
        return taken[:, 0, :, None] & taken[:, 1, None, :]


@dataclass
class Find(Task):
    """Say which digits are there: the probability is to be shared among them.

    Digits and clutter lie on the grid of patches. A piece of clutter is a quarter of some digit,
    whichever, so that no patch by itself belongs to the answer: only the company of four does.
    Clutter is drawn without regard to the answer and covered by the digits.
    """

    data: Labelled  # digits, 8×8 pixels
    seed: int

    def ask(self, size, generator, step):
        two = torch.rand(size, generator=generator) < 0.5
        canvases = self.draw(size, generator, two=two)
        return canvases.images, canvases.labels

    def draw(
        self, number: int, generator: torch.Generator, *, two: Bool[Tensor, " image"] | bool
    ) -> Canvases:
        """Draw pictures, each with two digits of different classes or with one."""
        second = torch.as_tensor(two).expand(number)
        digit = self._digits(number, generator)
        corner = _corners(number, generator)
        digit[:, 1] = torch.where(second, digit[:, 1], digit[:, 0])
        corner[:, 1] = torch.where(second[:, None], corner[:, 1], corner[:, 0])
        patches = -torch.ones(number, *GRID, PATCH, PATCH)
        quarters = self._quarters()
        every = torch.arange(number)
        for _ in range(PIECES):
            piece, row, col = (
                torch.randint(most, (number,), generator=generator)
                for most in (len(quarters) * DIGIT**2, *GRID)
            )
            patches[every, row, col] = quarters.flatten(0, 2)[piece]
        for which in range(2):
            row, col = corner[:, which].T
            for i, j in product(range(DIGIT), repeat=2):
                patches[every, row + i, col + j] = quarters[digit[:, which], i, j]
        images = unpatchify(patches.reshape(number, -1, PATCH**2), GRID, channels=1)
        return Canvases(images, self.data.labels[digit], corner)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        shares = F.one_hot(targets, outputs.shape[-1]).to(outputs.dtype).mean(1)
        return F.cross_entropy(outputs, shares)

    def _quarters(self) -> Float[Tensor, "digit row col pixel_row pixel_col"]:
        """Return each digit cut into its four patches."""
        return patchify(self.data.images, PATCH).reshape(-1, DIGIT, DIGIT, PATCH, PATCH)

    def _digits(self, number: int, generator: torch.Generator) -> Int[Tensor, "image 2"]:
        """Return two digits of different classes for each picture."""
        digit = torch.randint(len(self.data), (number, 2), generator=generator)
        labels = self.data.labels
        while bool((same := labels[digit[:, 0]] == labels[digit[:, 1]]).any()):
            again = torch.randint(len(self.data), (number,), generator=generator)
            digit[:, 1] = torch.where(same, again, digit[:, 1])
        return digit


def _corners(number: int, generator: torch.Generator) -> Int[Tensor, "image 2 2"]:
    """Return two places for digits in each picture that do not overlap."""
    most = GRID[0] - DIGIT + 1
    corners = torch.randint(most, (number, 2, 2), generator=generator)
    while bool((near := (corners[:, 0] - corners[:, 1]).abs().amax(1) < DIGIT).any()):
        again = torch.randint(most, corners.shape, generator=generator)
        corners = torch.where(near[:, None, None], again, corners)
    return corners


tell(globals())
