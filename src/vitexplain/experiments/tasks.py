"""What a task is, one whose answer is far apart, and accuracy on labelled images."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.experiments.datasets import Labelled
from vitexplain.moved import tell


def generator_of(seed: int, step: int) -> torch.Generator:
    """Return a generator for one step of one seed; neighbouring steps are independent."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) * 2_654_435_761 % 2**63)


class Task:
    """What is learned: batches that depend on the seed and the step alone, and the loss on one."""

    seed: int

    def batch(self, step: int, size: int) -> tuple[Tensor, Tensor]:
        """Return the whole batch of a step: inputs and targets, `size` of each."""
        return self.ask(size, generator_of(self.seed, step), step)

    def ask(self, size: int, generator: torch.Generator, step: int) -> tuple[Tensor, Tensor]:
        """Return that many inputs and targets, drawn from the step's generator."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss over a batch: by default, targets are classes."""
        return F.cross_entropy(outputs, targets)


SIDE = 32  # pixels of a far-places picture
ADDITIVE = 0.75  # the best accuracy of a sum of opinions on each edge alone
_COARSE = torch.tensor(
    [
        [[1, 0, 1], [0, 1, 0], [1, 0, 1]],  # a cross
        [[1, 1, 1], [1, 0, 1], [1, 1, 1]],  # a ring
    ],
    dtype=torch.float32,
)
GLYPHS = _COARSE.repeat_interleave(2, 1).repeat_interleave(2, 2)  # 6×6 pixels


@dataclass
class FarPlaces(Task):
    """Two glyphs, one at the left edge and one at the right: are they the same (1) or not (0)?

    A picture is 32×32. Each glyph lies wholly in the outermost 8 columns at a random place, so
    that the two are at least 16 columns apart. Half the answers are "same". Normal noise of
    standard deviation `noise` is added.

    Who cannot relate the edges can still add up an opinion of each, as a mean over places and a
    linear layer do. Two crosses, two rings and one of each then score 2a, 2b and a + b: one
    threshold puts two crosses apart, and is right three times in four (`ADDITIVE`). More than
    that takes both glyphs at once.
    """

    seed: int
    noise: float = 0.15

    def ask(self, size, generator, step):
        data = self.draw(size, generator)
        return data.images, data.labels

    def draw(self, number: int, generator: torch.Generator) -> Labelled:
        """Draw pictures with their answers."""
        same = torch.rand(number, generator=generator) < 0.5
        left = torch.randint(len(GLYPHS), (number,), generator=generator)
        other = (left + torch.randint(1, len(GLYPHS), (number,), generator=generator)) % len(GLYPHS)
        images = -torch.ones(number, 1, SIDE, SIDE)
        for glyph, edge in ((left, 0), (torch.where(same, left, other), SIDE - 8)):
            row = torch.randint(SIDE - 5, (number,), generator=generator)
            col = edge + torch.randint(3, (number,), generator=generator)
            place = torch.arange(number)[:, None, None]
            rows = row[:, None, None] + torch.arange(6)[None, :, None]
            cols = col[:, None, None] + torch.arange(6)[None, None, :]
            images[place, 0, rows, cols] = 2 * GLYPHS[glyph] - 1
        images += self.noise * torch.randn(images.shape, generator=generator)
        return Labelled(images, same.long())


@torch.no_grad()
def accuracy(model: nn.Module, data: Labelled, *, batch: int = 500) -> float:
    """Return the share of images, 0 to 1, whose largest logit is that of their label."""
    device = next(model.parameters()).device
    right = 0
    for first in range(0, len(data), batch):
        part = data[first : first + batch]
        right += int((model(part.images.to(device)).argmax(-1).cpu() == part.labels).sum())
    return right / len(data)


tell(globals())
