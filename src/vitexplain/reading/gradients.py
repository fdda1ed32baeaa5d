"""Yardsticks that ask the model, not its attention: gradient and integrated gradients.

    g = ∂s_t / ∂x                                                      (gradient)
    I = (x - x′) ⊙ ∫₀¹ ∂s_t / ∂x (x′ + a (x - x′)) da                  (integrated gradients)

s_t is the logit of the target, x the image, x′ the baseline.
Sources: Simonyan, Vedaldi and Zisserman 2014, arXiv 1312.6034, section 3; Sundararajan, Taly
and Yan, ICML 2017, arXiv 1703.01365, section 3.
"""

from typing import TYPE_CHECKING

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
        return torch.autograd.grad(logit.sum(), images)[0]


def integrated_gradients(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    target: Int[Array, " batch"],
    *,
    baseline: Baseline = "mean",
    steps: int = 32,
) -> Float[Array, "batch channel row col"]:
    """Return each pixel's part in the difference of the logit between image and baseline.

    The parts sum to s_t(x) - s_t(x′): completeness, up to the error of the integral, which is
    taken by Gauss-Legendre quadrature at `steps` points (the paper takes a Riemann sum). Most
    of the straight way between the two are images that no camera takes.

    Args:
        baseline: x′, see `vitexplain.reading.baseline`.

    Raises:
        TypeError, ValueError: the images, targets or baseline do not fit, or steps below 1.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    start = baseline_images(images, baseline)
    places, weights = np.polynomial.legendre.leggauss(steps)  # on [-1, 1], weights sum to 2
    mean = 0.0
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        between = start + float(place) * (images - start)
        mean = mean + float(weight) * gradient(vit, between, target)
    return (images - start).detach() * mean


def over_patches(
    pixels: Float[Array, "batch channel row col"], config: ViTConfig
) -> Float[Array, "batch patch_row patch_col"]:
    """Return the sum over the pixels and channels of each patch, on the patch grid."""
    return on_grid(patchify(pixels, config.patch).sum(-1), config)
