"""What is put where a part of an image is taken away.

No choice is neutral, and what a reading or a test says depends on it:

- a number is one colour for every image. 0 is black where pixels lie in [0, 1], and grey (the
  mean of the training set) where they are normalised. To a model black may be a thing of its own;
- "mean" is each image's own mean colour: the brightness stays, the edges of a patch appear;
- "blur" is the image itself, blurred: no new edge and no new colour, but coarse things stay;
- an array is anything else: another image, noise, the mean of a data set.

Source: Petsiuk et al., RISE, BMVC 2018, arXiv 1806.07421, use a constant for deletion and a
blurred image for insertion.
"""

import math
from typing import Literal

from jaxtyping import Float

from vitexplain.arrays import Array, fitted, require

Baseline = float | Literal["mean", "blur"] | Array


def baseline_images(
    images: Float[Array, "batch channel row col"], baseline: Baseline
) -> Float[Array, "batch channel row col"]:
    """Return what replaces each image where it is taken away.

    Args:
        baseline: a number; "mean" of each image and channel; "blur", with a standard deviation
            of a tenth of the shorter side; or an array that broadcasts to the images.

    Raises:
        TypeError: images or baseline are of a wrong kind, library or dtype.
        ValueError: an unknown name, or a baseline that does not broadcast or is not finite.
    """
    xp = require(rank=4, images=images)
    if isinstance(baseline, str):
        if baseline == "mean":
            mean = xp.mean(images, axis=(-2, -1), keepdims=True)
            return xp.broadcast_to(mean, images.shape)
        if baseline == "blur":
            return blur(images, min(images.shape[-2:]) / 10)
        raise ValueError(f"baseline must be a number, 'mean', 'blur' or an array, got {baseline!r}")
    if isinstance(baseline, int | float):
        if not math.isfinite(baseline):
            raise ValueError(f"baseline must be finite, got {baseline}")
        return xp.full_like(images, float(baseline))
    require(baseline=baseline, images=images)
    return fitted("baseline", baseline, images, "the images")


def blur(images: Float[Array, "*batch row col"], sigma: float) -> Float[Array, "*batch row col"]:
    """Return the images smoothed by a Gaussian of standard deviation `sigma` pixels.

    Near a border the weights that are left are made to sum to 1, so that an even image stays even.

    Raises:
        TypeError: not a floating array.
        ValueError: sigma is not above 0.
    """
    xp = require(rank=2, images=images)
    if not sigma > 0:
        raise ValueError(f"sigma must be above 0, got {sigma}")

    def kernel(side: int) -> Array:
        place = xp.arange(side, dtype=images.dtype, device=images.device)
        weights = xp.exp(-((place[:, None] - place[None]) ** 2) / (2 * sigma**2))
        return weights / xp.sum(weights, axis=-1, keepdims=True)

    rows, cols = images.shape[-2:]
    return kernel(rows) @ images @ kernel(cols).mT
