"""How well a masked autoencoder paints what it has not seen, by the share that is hidden."""

from dataclasses import replace

import torch

from vitexplain.experiments.datasets import Dataset
from vitexplain.experiments.mae import Mask, MaskedAutoencoder
from vitexplain.experiments.tasks import generator_of
from vitexplain.patches import patchify

SHARES = (0.25, 0.5, 0.75, 0.875, 0.9375)
CHANCE = 7  # the seed of what is hidden


@torch.no_grad()
def measure(model: MaskedAutoencoder, task: Mask, data: Dataset) -> dict[str, object]:
    """Return the squared error over hidden patches of the test images, by the share hidden.

    `mean patch` is the error of painting each place's mean over the training images.
    """
    device = next(model.parameters()).device
    mean = patchify(data.train.images, task.patch).mean(0)
    found, plain = {}, {}
    for share in SHARES:
        asked = replace(task, share=share)
        images, target = asked.asked(data.test.images, generator_of(CHANCE, 0))
        found[str(share)] = float(task.loss(model(images.to(device)).cpu(), target))
        plain[str(share)] = float(task.loss(mean.expand_as(target), target))
    return {"error": found[str(task.share)], "hidden": found, "mean patch": plain}
