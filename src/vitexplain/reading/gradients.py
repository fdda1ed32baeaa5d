"""Yardsticks that ask the model, not its attention: gradient and integrated gradients.

    g = ∂s_t / ∂x                                                      (gradient)
    I = (x - x′) ⊙ ∫₀¹ ∂s_t / ∂x (x′ + a (x - x′)) da                  (integrated gradients)

s_t is the logit of the target, x the image, x′ the baseline.
Sources: Simonyan, Vedaldi and Zisserman 2014, arXiv 1312.6034, section 3; Sundararajan, Taly
and Yan, ICML 2017, arXiv 1703.01365, section 3.
"""

from typing import TYPE_CHECKING, cast

import numpy as np
from jaxtyping import Float, Int

from vitexplain.arrays import Array
from vitexplain.patches import patchify
from vitexplain.reading.answer import chosen, graph, on_grid
from vitexplain.reading.baseline import Baseline, baseline_images
from vitexplain.vit import ViTConfig

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def gradient(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> Float[Array, "batch channel row col"]:
    """Return how the target's logit changes with each pixel, ∂s_t / ∂x.

    It is true of a step too small to see, and only of that: where the model is saturated the
    gradient is small though the pixel matters.

    Raises:
        TypeError, ValueError: the images or targets do not fit the model.
    """
    import torch

    with graph():
        images = images.detach().clone().requires_grad_()
        logit = chosen(vit(images), target)
        return cast(tuple[Array, ...], torch.autograd.grad(logit.sum(), images))[0]


def integrated_gradients(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    target: Int[Array, " batch"],
    *,
    baseline: Baseline = "mean",
    steps: int = 32,
    at_once: int = 8,
) -> Float[Array, "batch channel row col"]:
    """Return each pixel's part in the difference of the logit between image and baseline.

    The parts sum to s_t(x) - s_t(x′): completeness, up to the error of the integral, which is
    taken by Gauss-Legendre quadrature at `steps` points (the paper takes a Riemann sum). Most
    of the straight way between the two are images that no camera takes.

    Args:
        baseline: x′, see `vitexplain.reading.baseline`.
        at_once: images in one pass, as far as one step is not more.

    Raises:
        TypeError, ValueError: the images, targets or baseline do not fit, or steps or at_once
            below 1.
    """
    import torch

    if steps < 1 or at_once < 1:
        raise ValueError(f"steps and at_once must be at least 1, got {steps} and {at_once}")
    images = images.detach()
    start = baseline_images(images, baseline)
    points = np.polynomial.legendre.leggauss(steps)  # on [-1, 1], the weights sum to 2
    places, weights = torch.tensor(np.stack(points) / 2, dtype=images.dtype, device=images.device)
    target = torch.as_tensor(target, device=images.device)
    mean = torch.zeros_like(images)
    every = torch.arange(steps, device=images.device)
    for some in torch.split(every, max(1, at_once // len(images))):
        way = (places[some] + 0.5).view(-1, 1, 1, 1, 1)
        between = start + way * (images - start)  # (step, batch, channel, row, col)
        found = gradient(vit, between.flatten(0, 1), target.repeat(len(some)))
        mean += (weights[some][None] @ found.reshape(len(some), -1)).view_as(mean)
    return (images - start) * mean


def over_patches(
    pixels: Float[Array, "batch channel row col"], config: ViTConfig
) -> Float[Array, "batch patch_row patch_col"]:
    """Return the sum over the pixels and channels of each patch, on the patch grid."""
    return on_grid(patchify(pixels, config.patch).sum(-1), config)
