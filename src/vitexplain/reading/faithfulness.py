"""How to test a reading on the model: take away what it calls important, or point and check.

Source of deletion and insertion: Petsiuk, Das and Saenko, RISE, BMVC 2018, arXiv 1806.07421; of
the pointing game: Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016,
arXiv 1608.00507.

No test is above the choice of what is put in the place of a patch (`vitexplain.reading.baseline`):
the model sees images unlike any it learned from, and an area tells as much of that as of the
map. `occlusion` with the same baseline is nearly the test itself, and does well at it for that
reason. Compare with the area of random maps on the same images.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int, Integer

from vitexplain.arrays import Array, require
from vitexplain.reading.answer import chosen
from vitexplain.reading.baseline import Baseline, baseline_images
from vitexplain.reading.occlusion import logits_with

if TYPE_CHECKING:
    from vitexplain.vit import ViT


@dataclass(frozen=True, eq=False)
class Curve:
    """The probability of the target against the share of patches taken away or put in."""

    shares: Float[np.ndarray, " step"]  # from 0 to 1
    probabilities: Float[Array, "batch step"]
    area: Float[Array, " batch"]  # under the curve, 0 to 1, by trapezia


@dataclass(frozen=True)
class Pointing:
    """The share of maps whose maximum lies inside, and what a random map would reach."""

    share: float
    chance: float


def deletion(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    maps: Float[Array, "batch patch_row patch_col"],
    target: Int[Array, " batch"],
    *,
    steps: int | None = None,
    baseline: Baseline = "mean",
    seed: int = 0,
    at_once: int = 64,
) -> Curve:
    """Return how the target's probability falls as patches go, the most important first.

    A small area speaks for the map.

    Args:
        steps: how many times patches go; left out, one at a time.
        baseline: what is put in their place.
        seed: of the order among patches of one and the same value.
        at_once: images in one forward pass.

    Raises:
        TypeError, ValueError: images, maps, targets or baseline do not fit, or steps are not
            from 1 to the number of patches.
    """
    cover = baseline_images(images, baseline)
    return _curve(vit, images, cover, maps, target, steps, seed, at_once)


def insertion(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    maps: Float[Array, "batch patch_row patch_col"],
    target: Int[Array, " batch"],
    *,
    steps: int | None = None,
    baseline: Baseline = "blur",
    seed: int = 0,
    at_once: int = 64,
) -> Curve:
    """Return how the target's probability rises as patches come, the most important first.

    It starts from the baseline, in RISE the blurred image. A large area speaks for the map.

    Args:
        steps: as in `deletion`.
        baseline: as in `deletion`.
        seed: as in `deletion`.
        at_once: as in `deletion`.

    Raises:
        TypeError, ValueError: as `deletion`.
    """
    cover = baseline_images(images, baseline)
    return _curve(vit, cover, images, maps, target, steps, seed, at_once)


def pointing(maps: Float[Array, "batch row col"], inside: Bool[Array, "batch row col"]) -> Pointing:
    """Return how often the maximum of a map lies inside, and how often a random map's would.

    Of several equal maxima, the share that lies inside counts: an even map gets the chance level.

    Args:
        inside: where the answer is, known by construction.

    Raises:
        TypeError: maps are not floating, or inside is not boolean.
        ValueError: shapes that differ.
    """
    xp = require(rank=3, maps=maps)
    if not hasattr(inside, "dtype") or not xp.isdtype(inside.dtype, "bool"):
        raise TypeError("inside must be a boolean array")
    if tuple(maps.shape) != tuple(inside.shape):
        raise ValueError(
            f"maps and inside must have one shape, got {tuple(maps.shape)} "
            f"and {tuple(inside.shape)}"
        )
    top = maps == xp.max(maps, axis=(-2, -1), keepdims=True)
    top, inside = (xp.astype(x, xp.float64) for x in (top, inside))
    share = xp.sum(top * inside, axis=(-2, -1)) / xp.sum(top, axis=(-2, -1))
    return Pointing(float(xp.mean(share)), float(xp.mean(inside)))


def importance_ranks(
    maps: Float[Array, "batch row col"], *, seed: int = 0
) -> Integer[Array, "batch patch"]:
    """Return each patch's place in the order of importance, 0 the most important.

    Patches of one value come in random order, so that no corner of the image is favoured.
    """
    import torch

    flat = maps.flatten(1)
    generator = torch.Generator().manual_seed(seed)
    shuffled = torch.rand(flat.shape, generator=generator).argsort(1).to(flat.device)
    order = flat.gather(1, shuffled).argsort(stable=True, dim=1, descending=True)
    return shuffled.gather(1, order).argsort(1)


def _curve(
    vit: "ViT",
    start: Float[Array, "batch channel row col"],
    end: Float[Array, "batch channel row col"],
    maps: Float[Array, "batch patch_row patch_col"],
    target: Int[Array, " batch"],
    steps: int | None,
    seed: int,
    at_once: int,
) -> Curve:
    """Return the probabilities on the way from `start` to `end`, patch by patch."""
    import torch

    patches, batch = vit.config.patches, len(start)
    if tuple(maps.shape) != (batch, *vit.config.grid):
        raise ValueError(
            f"maps must be {(batch, *vit.config.grid)}, one number a patch, "
            f"got shape {tuple(maps.shape)}"
        )
    require(maps=maps)
    steps = patches if steps is None else steps
    if not 1 <= steps <= patches:
        raise ValueError(f"steps must be from 1 to {patches}, got {steps}")
    counts = np.rint(np.linspace(0, patches, steps + 1)).astype(int)
    ranks = importance_ranks(maps.detach(), seed=seed).to(start.device)
    which = ranks < torch.as_tensor(counts, device=start.device)[:, None, None]
    with torch.no_grad():
        logits = logits_with(vit, start, end, which, at_once)
        probabilities = torch.stack([chosen(each.softmax(-1), target) for each in logits], 1)
    shares = counts / patches
    width = torch.as_tensor(np.diff(shares), dtype=probabilities.dtype, device=start.device)
    area = ((probabilities[:, 1:] + probabilities[:, :-1]) / 2 * width).sum(1)
    return Curve(shares, probabilities, area)
