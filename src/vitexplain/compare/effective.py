"""Which pixels a unit of the last feature map really depends on, measured by gradients.

    field(pixel) = mean over images of  Σ_channel |∂(Σ_c s_c y_c) / ∂x(pixel, channel)|

y_c are the channels of one place of the map, s_c signs drawn at random for each image. The
theoretical receptive field says which pixels *can* matter; this says how much they do. Source:
Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
NIPS 2016, arXiv 1701.04128, where y has one channel and s = 1. Signs are needed because the
channels of a LayerNorm add up to a constant: their plain sum has no gradient at all.
"""

from collections.abc import Callable
from math import sqrt
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

WITHIN_TWO_SIGMA = 0.9545  # of a normal distribution


@runtime_checkable
class HasFeatures(Protocol):
    """Anything with a last feature map: every model of `vitexplain.compare`, and `ViT`."""

    def features(self, images: Tensor, /) -> Tensor:
        """Return the map (batch, dim, row, col) of images (batch, channel, row, col)."""
        ...


Map = HasFeatures | Callable[[Tensor], Tensor]


def features_of(model: Map, images: Tensor) -> Tensor:
    """Return the model's feature map, (batch, dim, row, col); a function is its own.

    Raises:
        ValueError: the images or the map have another number of axes than four.
    """
    if images.ndim != 4:
        raise ValueError(
            f"images must be (batch, channel, row, col), got shape {tuple(images.shape)}"
        )
    features = model.features(images) if isinstance(model, HasFeatures) else model(images)
    if features.ndim != 4:
        raise ValueError(
            f"features must be (batch, dim, row, col), got shape {tuple(features.shape)}"
        )
    return features


def effective_field(
    model: Map,
    images: Float[Tensor, "batch channel row col"],
    *,
    place: tuple[int, int] | None = None,
    seed: int = 0,
) -> Float[Tensor, "row col"]:
    """Return each pixel's share in what one unit of the feature map depends on; they sum to 1.

    Args:
        model: has `features(images)`, or is that function; run as it is, so call `.eval()`
            first where BatchNorm or dropout should not act as in training.
        place: (row, col) in the feature map; left out, the one in the middle, or of an even
            number the one below and to the right of it.
        seed: of the signs.

    Raises:
        IndexError: the place is not in the map.
        ValueError: shapes as in `features_of`, or a unit that no pixel changes.
    """
    images = images.detach().requires_grad_()
    with torch.enable_grad():
        features = features_of(model, images)
        row, col = place or (features.shape[2] // 2, features.shape[3] // 2)
        if not (0 <= row < features.shape[2] and 0 <= col < features.shape[3]):
            raise IndexError(f"place {(row, col)} is not in a map of {tuple(features.shape[2:])}")
        unit = features[:, :, row, col]
        generator = torch.Generator().manual_seed(seed)
        signs = 2 * torch.randint(2, unit.shape, generator=generator) - 1
        (gradient,) = torch.autograd.grad((unit * signs.to(unit)).sum(), images)
    field = gradient.abs().sum(1).mean(0)
    if not field.sum() > 0:
        raise ValueError("no pixel changes this unit, its field is empty")
    return field / field.sum()


def field_size(field: Float[Tensor, "row col"], *, share: float = WITHIN_TWO_SIGMA) -> float:
    """Return √n of the fewest pixels n that hold that share of the field: a side in pixels.

    Of a uniform field over a square of side a, a √share; of the whole image at most its side.

    Raises:
        ValueError: the share is not in (0, 1], or the field is empty or has negative entries.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be more than 0 and at most 1, got {share}")
    if field.min() < 0 or not field.sum() > 0:
        raise ValueError("a field must have no negative entries and not be all 0")
    held = field.double().flatten().sort(descending=True).values.cumsum(0)
    # Rounding in the sum must not cost a pixel more.
    return sqrt(int((held < held[-1] * share * (1 - 1e-9)).sum()) + 1)


def field_extent(field: Float[Tensor, "row col"]) -> tuple[int, int]:
    """Return the rows and columns of the smallest box around all pixels that matter at all.

    At most the theoretical receptive field, whatever the weights are.
    """
    rows, cols = torch.nonzero(field, as_tuple=True)
    if not len(rows):
        return 0, 0
    return int(rows.max() - rows.min()) + 1, int(cols.max() - cols.min()) + 1
