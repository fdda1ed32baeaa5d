"""Images rearranged, covered and moved: what does a trained model still see?

Patch shuffling and occlusion follow Naseer et al. 2021, arXiv 2105.10497, at our small sizes.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from vitexplain.compare import symmetry
from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.tasks import accuracy, generator_of
from vitexplain.patches import patchify, unpatchify

Images = Float[Tensor, "image channel row col"]
DARKEST = -1.0  # a pixel that shows nothing


def shuffle(images: Images, parts: int, *, seed: int = 0) -> Images:
    """Return each image cut into parts × parts tiles, put together in a random order of its own.

    Raises:
        ValueError: the parts do not divide the image's sides.
    """
    return symmetry.shuffle(images, _tile(images, parts), _orders(images, parts, seed))


def occlude(images: Images, parts: int, share: float, *, seed: int = 0) -> Images:
    """Return each image with that share of its parts × parts tiles, chosen at random, darkened.

    Raises:
        ValueError: the parts do not divide the image's sides, or the share is not 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be from 0 to 1, got {share}")
    tile = _tile(images, parts)
    tiles, chosen = (
        patchify(images, tile),
        _orders(images, parts, seed)[:, : round(share * parts**2)],
    )
    tiles = tiles.scatter(1, chosen[:, :, None].expand(-1, -1, tiles.shape[-1]), DARKEST)
    return unpatchify(tiles, (parts, parts), channels=images.shape[1], patch=tile)


def shift(images: Images, pixels: int) -> Images:
    """Return the images moved right by that many pixels; what comes in is darkest."""
    if pixels == 0:
        return images
    moved = torch.full_like(images, DARKEST)
    moved[..., pixels:] = images[..., :-pixels]
    return moved


def _orders(images: Images, parts: int, seed: int) -> Tensor:
    """Return a random order of the tiles for each image."""
    generators = (generator_of(seed, i) for i in range(len(images)))
    return torch.stack([torch.randperm(parts**2, generator=each) for each in generators])


def _tile(images: Images, parts: int) -> tuple[int, int]:
    rows, cols = images.shape[-2:]
    if parts < 1 or rows % parts or cols % parts:
        raise ValueError(f"{parts}×{parts} tiles do not cut an image of {rows}×{cols} pixels")
    return rows // parts, cols // parts


def curves(model: nn.Module, data: Labelled, parts: int) -> dict[str, dict[str, float]]:
    """Return the accuracy under each change: {"shuffle": {tiles a side: accuracy}, …}.

    Args:
        parts: tiles along a side of the finest cut; the coarser ones halve it.
    """
    cuts = [1]
    while cuts[-1] * 2 <= parts:
        cuts.append(cuts[-1] * 2)

    def measure(images: Tensor) -> float:
        return accuracy(model, Labelled(images, data.labels))

    width = data.images.shape[-1]
    return {
        "shuffle": {str(cut): measure(shuffle(data.images, cut)) for cut in cuts},
        "occlude": {
            str(share): measure(occlude(data.images, parts, share))
            for share in (0.0, 0.25, 0.5, 0.75)
        },
        "shift": {
            str(n): measure(shift(data.images, n)) for n in range(0, width // 4 + 1, width // 8)
        },
    }
