"""The plainest yardstick: cover a patch and see how the answer changes.

    o_p = s_t(x) - s_t(x with patch p covered)

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014,
arXiv 1311.2901, section 4.2, who slide a grey square and watch the probability of the class.
"""

from typing import TYPE_CHECKING

from jaxtyping import Bool, Float, Int

from vitexplain.arrays import Array
from vitexplain.patches import patchify, unpatchify
from vitexplain.reading.answer import chosen, on_grid
from vitexplain.reading.baseline import Baseline, baseline_images

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def occlusion(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    target: Int[Array, " batch"],
    *,
    baseline: Baseline = "mean",
    at_once: int = 64,
) -> Float[Array, "batch patch_row patch_col"]:
    """Return the fall of the target's logit when each patch is covered, on the patch grid.

    One forward pass a patch. Two patches that hold the same evidence each look unimportant,
    as the other remains; and a covered image is one that the model has never seen.

    Args:
        baseline: what covers, see `vitexplain.reading.baseline`.
        at_once: images in one forward pass.

    Raises:
        TypeError, ValueError: the images, targets or baseline do not fit, or at_once below 1.
    """
    import torch

    patches, batch = vit.config.patches, len(images)
    with torch.no_grad():
        cover = baseline_images(images, baseline)
        whole = chosen(vit(images), target)
        one = torch.eye(patches, dtype=torch.bool, device=images.device)[:, None]
        logits = logits_with(vit, images, cover, one.expand(-1, batch, -1), at_once)
        left = torch.stack([chosen(each, target) for each in logits], 1)
        return on_grid(whole[:, None] - left, vit.config)


def logits_with(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    others: Float[Array, "batch channel row col"],
    which: Bool[Array, "case batch patch"],
    at_once: int,
) -> Float[Array, "case batch *each classes"]:
    """Return the logits of the images in each case, with some patches taken from the others.

    Args:
        which: the patches that are replaced.
        at_once: images in one forward pass.

    Raises:
        ValueError: at_once below 1.
    """
    import torch

    if at_once < 1:
        raise ValueError(f"at_once must be at least 1, got {at_once}")
    config = vit.config
    old, new = (patchify(x, config.patch) for x in (images, others))
    of_image = torch.arange(len(images), device=images.device).repeat(len(which))
    found: list[Array] = []
    parts = (torch.split(x, at_once) for x in (of_image, which.flatten(0, 1)))
    for some, here in zip(*parts, strict=True):
        mixed = torch.where(here[..., None], new[some], old[some])
        image = unpatchify(mixed, config.grid, channels=config.channels, patch=config.patch)
        found.append(vit(image))
    logits = torch.cat(found)
    return logits.view(*which.shape[:2], *logits.shape[1:])
