"""How well a masked autoencoder paints what it has not seen, by how many patches are hidden."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from vitexplain.experiments.datasets import Dataset
from vitexplain.experiments.mae import Images, Mask, MaskedAutoencoder
from vitexplain.experiments.tasks import generator_of

HIDDEN = (4, 8, 10, 12, 13, 14, 15)  # of a digit's 16 patches
CHANCE = 7  # the seed of what is hidden
SHOWN = (3, 6, 9, 0)  # classes whose first test image is kept as it was painted
RIDGE = 30.0  # what the squared weights of a straight line cost


@torch.no_grad()
def measure(model: MaskedAutoencoder, task: Mask, data: Dataset) -> dict[str, Any]:
    """Return the squared error over hidden pixels of the test images, by how many patches hide.

    Three painters see the same: the model; who paints the mean training image; and `lines`.
    `painted`, of seed 0, has a few images, seen (hidden: None) and filled, in the digits' greys.
    """
    whole, device = data.test.images, next(model.parameters()).device
    shown = [int((data.test.labels == digit).nonzero()[0]) for digit in SHOWN]
    mean = data.train.images.mean(0, keepdim=True)
    errors: dict[str, dict[str, float]] = {"model": {}, "mean image": {}, "straight line": {}}
    painted = {}
    for number in HIDDEN:
        seen = replace(task, share=number / 16).asked(whole, generator_of(CHANCE, 0))[0]
        gone = seen.isnan()
        filled = model.filled(seen.to(device)).cpu().clamp(-1, 1)
        for name, guess in (
            ("model", filled), ("mean image", mean.expand_as(whole)),
            ("straight line", lines(data.train.images, seen)),
        ):  # fmt: skip
            errors[name][str(number)] = float((guess - whole)[gone].square().mean())
        painted[str(number)] = {
            "seen": _greys(seen[shown]), "filled": _greys(filled[shown]),
        }  # fmt: skip
    trained = str(round(16 * task.share))
    found: dict[str, Any] = {"error": errors["model"][trained], "hidden": errors}
    if not task.seed:
        found["painted"] = painted | {"whole": _greys(whole[shown])}
    return found


def lines(known: Images, seen: Images) -> Images:
    """Return what a straight line from visible pixels to hidden ones paints, cut to [-1, 1].

    One line for each image's own mask, fitted to whole images: y = m_y + (x - m_x) (A + r I)⁻¹ B,
    A and B the parts of the known images' scatter matrix. It is retrained for each mask, and so is
    no rival but a yardstick.
    """
    flat = known.flatten(1).double()
    mean = flat.mean(0)
    scatter = (flat - mean).mT @ (flat - mean)
    filled = seen.flatten(1).double()
    for one in filled:
        gone = one.isnan()
        matrix = scatter[~gone][:, ~gone] + RIDGE * torch.eye(int((~gone).sum()))
        weights = torch.linalg.solve(matrix, scatter[~gone][:, gone])
        one[gone] = mean[gone] + (one[~gone] - mean[~gone]) @ weights
    return filled.clamp(-1, 1).float().reshape(seen.shape)


def _greys(images: Tensor) -> list[list[int | None]]:
    """Return images as whole numbers from 0 to 16, None where hidden."""
    return [
        [None if x != x else round(8 * x + 8) for x in one.flatten().tolist()] for one in images
    ]
