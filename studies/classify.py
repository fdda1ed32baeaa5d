"""The task of telling the class of labelled images, moved and mirrored at random."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.tasks import Task, generator_of


@dataclass
class Classify(Task):
    """Tell the class of labelled images, shuffled anew in every epoch.

    `shift` moves an image by up to that many pixels each way (what comes in is -1, the darkest),
    `flip` mirrors half of them.
    """

    data: Labelled
    seed: int
    shift: int = 0
    flip: bool = False
    _orders: dict[int, Tensor] = field(default_factory=dict, repr=False)

    def ask(self, size, generator, step):
        first, total = step * size, len(self.data)
        index = torch.stack(
            [self._order(i // total)[i % total] for i in range(first, first + size)]
        )
        images, labels = self.data.images[index], self.data.labels[index]
        if self.shift:
            images = shifted(images, self.shift, generator)
        if self.flip:
            mirrored = torch.rand(size, generator=generator) < 0.5
            images = torch.where(mirrored[:, None, None, None], images.flip(-1), images)
        return images, labels

    def _order(self, epoch: int) -> Tensor:
        """Return the order of one epoch; the last two are kept, since a batch can span them."""
        if epoch not in self._orders:
            self._orders = {key: self._orders[key] for key in self._orders if key == epoch - 1}
            generator = generator_of(self.seed, -1 - epoch)
            self._orders[epoch] = torch.randperm(len(self.data), generator=generator)
        return self._orders[epoch]


def shifted(
    images: Float[Tensor, "image channel row col"], most: int, generator: torch.Generator
) -> Float[Tensor, "image channel row col"]:
    """Return each image moved by its own random number of pixels, up to `most` each way."""
    number, _, rows, cols = images.shape
    padded = F.pad(images, (most,) * 4, value=-1.0)
    down, right = torch.randint(2 * most + 1, (2, number), generator=generator)
    row = (down[:, None] + torch.arange(rows))[:, None, :, None]
    col = (right[:, None] + torch.arange(cols))[:, None, None, :]
    image = torch.arange(number)[:, None, None, None]
    channel = torch.arange(images.shape[1])[None, :, None, None]
    return padded[image, channel, row, col]
