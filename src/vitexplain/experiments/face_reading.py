"""Where the eyes of drawn faces look, in a model that learned from them."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from vitexplain.faces import GRID, PATCH
from vitexplain.moved import tell
from vitexplain.patches import patchify, unpatchify
from vitexplain.vit import ViT, attention_weights

NUMBER = 500  # faces


@torch.no_grad()
def eye_weights(
    model: ViT, images: Float[Tensor, "face 3 row col"], query: Int[Tensor, " face"]
) -> Float[Tensor, "face block head patch"]:
    """Return the weights from one patch of each image to all patches, in every block and head."""
    device = next(model.parameters()).device
    prefix = model.config.prefix
    every = torch.arange(len(images), device=device)
    rows = [
        weights[every, :, prefix + query.to(device), prefix:]
        for weights in attention_weights(model.walk(images.to(device)))
    ]
    return torch.stack(rows, 1).cpu()


def erase(
    images: Float[Tensor, "face 3 row col"],
    patch: Int[Tensor, " face"],
    by: Int[Tensor, " face"],
) -> Float[Tensor, "face 3 row col"]:
    """Return the images with one patch each replaced by another of the same image."""
    patches = patchify(images, PATCH).clone()
    every = torch.arange(len(images))
    patches[every, patch] = patches[every, by]
    return unpatchify(patches, GRID)


tell(globals())
