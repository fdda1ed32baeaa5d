"""A test that needs no baseline: break the model and see whether the map notices.

Weights are drawn anew from the top down (cascading randomisation). A map that stays the same
when the head is noise cannot tell what the head made of the image. Source: Adebayo et al.,
"Sanity Checks for Saliency Maps", NeurIPS 2018, arXiv 1810.03292, section 3.1.

Limits. To change is not to be right: noise passes. A reading of attention alone cannot change
when only the head is drawn anew, by construction, which is the point. How fast a map changes
depends on the model as well.
"""

import copy
from typing import TYPE_CHECKING

from jaxtyping import Float

from vitexplain.arrays import Array, namespace, require
from vitexplain.vit import ViTConfig

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def parts(config: ViTConfig) -> list[str]:
    """Return a model's parts from the top: "head", "block L-1", …, "block 0", "embedding".

    The last norm belongs to the head.
    """
    return ["head", *(f"block {i}" for i in reversed(range(config.depth))), "embedding"]


def randomised(vit: "ViT", *, from_top: int | None = None, seed: int = 0) -> "ViT":
    """Return a copy of a model whose top `from_top` parts are drawn anew, the rest untouched.

    The new weights are those of an untrained `ViT`. One seed draws the same for every
    `from_top`, so that each step of the cascade adds to the one before. The model itself and
    torch's generator stay as they are.

    Args:
        from_top: how many of `parts`; None is all of them.

    Raises:
        ValueError: fewer than none or more than there are.
    """
    import torch

    from vitexplain.vit import ViT
    from vitexplain.vit.drawing import drawing

    names = parts(vit.config)
    count = len(names) if from_top is None else from_top
    if not 0 <= count <= len(names):
        raise ValueError(f"from_top must be from 0 to {len(names)}, got {from_top}")
    with drawing(seed):
        fresh = dict(ViT(vit.config).named_parameters())
    broken = copy.deepcopy(vit)
    with torch.no_grad():
        for name, parameter in broken.named_parameters():
            if names.index(_part(name)) < count:
                parameter.copy_(fresh[name])
    return broken


def similarity(
    maps: Float[Array, "batch *map"], others: Float[Array, "batch *map"]
) -> Float[Array, " batch"]:
    """Return the rank correlation (Spearman's ρ) of each map with its other, from -1 to 1.

    The correlation of the ranks, equal values sharing the mean of theirs. NaN where a map is
    the same everywhere, which has no order.

    Raises:
        TypeError: not floating arrays of one library and dtype.
        ValueError: shapes that differ, or fewer than two numbers a map.
    """
    xp = require(rank=2, maps=maps, others=others)
    if maps.shape != others.shape or maps[0, ...].reshape(-1).shape[0] < 2:
        raise ValueError(
            "maps must have one shape and two numbers at least, "
            f"got {tuple(maps.shape)} and {tuple(others.shape)}"
        )
    a, b = (_centred_ranks(x.reshape(x.shape[0], -1)) for x in (maps, others))
    product = xp.sum(a * b, axis=-1)
    length = xp.sqrt(xp.sum(a * a, axis=-1) * xp.sum(b * b, axis=-1))
    even = length == 0
    ratio = product / xp.where(even, xp.ones_like(length), length)
    return xp.where(even, xp.full_like(ratio, float("nan")), ratio)


def _centred_ranks(x: Float[Array, "batch n"]) -> Float[Array, "batch n"]:
    """Return half of (how many are smaller) - (how many are larger): ranks less their mean."""
    xp = namespace(x)
    smaller = xp.astype(x[:, None, :] < x[:, :, None], x.dtype)
    return xp.sum(smaller - smaller.mT, axis=-1) / 2


def _part(parameter: str) -> str:
    if parameter.startswith("blocks."):
        return f"block {parameter.split('.')[1]}"
    embedding = ("patch_embed", "cls_token", "dist_token", "reg_token", "pos_embed")
    return "embedding" if parameter.startswith(embedding) else "head"
