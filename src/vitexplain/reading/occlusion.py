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
from vitexplain.vit import ViTConfig

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

    if at_once < 1:
        raise ValueError(f"at_once must be at least 1, got {at_once}")
    config = vit.config
    with torch.no_grad():
        cover = baseline_images(images, baseline)
        whole = chosen(vit(images), target)
        batch, patches = len(images), config.patches
        target = torch.as_tensor(target, device=images.device)
        single = torch.eye(patches, dtype=torch.bool, device=images.device)
        falls: list[Array] = []
        for some in torch.split(single, max(1, at_once // batch)):
            covered = replace_patches(
                images[:, None].expand(-1, len(some), -1, -1, -1).flatten(0, 1),
                cover[:, None].expand(-1, len(some), -1, -1, -1).flatten(0, 1),
                some.repeat(batch, 1),
                config,
            )
            left = chosen(vit(covered), target.repeat_interleave(len(some)))
            falls.append(whole[:, None] - left.view(batch, -1))
        return on_grid(torch.cat(falls, 1), config)


def replace_patches(
    images: Float[Array, "batch channel row col"],
    others: Float[Array, "batch channel row col"],
    which: Bool[Array, "batch patch"],
    config: ViTConfig,
) -> Float[Array, "batch channel row col"]:
    """Return the images with those patches taken from the others."""
    import torch

    old, new = patchify(images, config.patch), patchify(others, config.patch)
    mixed = torch.where(which[..., None], new, old)
    return unpatchify(mixed, config.grid, channels=config.channels, patch=config.patch)
