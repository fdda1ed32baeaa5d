"""What a model does not care about: where things are, in what order, and what the image shows.

A function f is equivariant to a change T of its input if f(T x) = T f(x). We measure by how
much that fails, as a share of what came out:

    error = ‖f(T x) - T f(x)‖ / ‖f(x) - mean of f(x) over places‖

The mean over places is taken off below, for it is there whatever T does. 0 is equivariant; two
maps of one mean and spread that have nothing else in common are about √2 apart.

Sources: Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019,
arXiv 1904.11486 (shifts); Lee et al., "Set Transformer", ICML 2019, arXiv 1810.00825
(permutations).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vitexplain.compare.effective import Map, features_of
from vitexplain.patches import patchify, unpatchify


def translation_error(
    model: Map,
    images: Float[Tensor, "batch channel row col"],
    shift: tuple[int, int],
    *,
    margin: int | None = None,
) -> float:
    """Return the error of f(shifted images) against the shifted f(images).

    The image is rolled: what leaves it on one side enters on the other. The map is rolled by as
    many places, to the nearest, as those pixels make.

    Args:
        shift: pixels (down, right).
        margin: places left out along each side of the map, beyond those that were rolled in:
            what padding and the roll's seam can reach. None counts every place.

    Raises:
        ValueError: shapes as in `features_of`, a map whose sides do not divide the image's, or
            a margin that leaves nothing.
    """
    with torch.no_grad():
        before = features_of(model, images)
        after = features_of(model, images.roll(shift, (2, 3)))
    steps = tuple(
        round(pixels / cell) for pixels, cell in zip(shift, _cell(images, before), strict=True)
    )
    before = before.roll(steps, (2, 3))
    if margin is not None:
        inside = (
            ...,
            *(_inside(*side, margin) for side in zip(before.shape[2:], steps, strict=True)),
        )
        before, after = before[inside], after[inside]
    return _error(after.flatten(2), before.flatten(2))


def permutation_error(
    function: Callable[[Tensor], Tensor],
    tokens: Float[Tensor, "*batch token dim"],
    *,
    seed: int = 0,
) -> float:
    """Return the error of f(permuted tokens) against the permuted f(tokens).

    Args:
        function: from tokens to as many tokens.
        seed: of the permutation.

    Raises:
        ValueError: fewer than two axes or tokens, or another number of tokens that come out.
    """
    if tokens.ndim < 2 or tokens.shape[-2] < 2:
        raise ValueError(f"tokens must be (…, token, dim), two or more, got {tuple(tokens.shape)}")
    order = _order(tokens.shape[-2], seed)
    with torch.no_grad():
        before, after = function(tokens), function(tokens[..., order, :])
    if before.shape[-2] != tokens.shape[-2]:
        raise ValueError(f"{tokens.shape[-2]} tokens went in, {before.shape[-2]} came out")
    return _error(after.mT, before[..., order, :].mT)


def shuffle_error(
    model: Map, images: Float[Tensor, "batch channel row col"], *, seed: int = 0
) -> float:
    """Return the error of f(image with its patches shuffled) against the shuffled f(image).

    A patch is the square of pixels that one place of the feature map stands for.

    Raises:
        ValueError: as `translation_error`.
    """
    with torch.no_grad():
        before = features_of(model, images)
        order = _order(before.shape[2] * before.shape[3], seed)
        after = features_of(model, shuffle(images, _cell(images, before), order))
    return _error(after.flatten(2), shuffle(before, (1, 1), order).flatten(2))


def shuffle(
    images: Float[Tensor, "batch channel row col"],
    patch: tuple[int, int],
    order: Int[Tensor, "*batch patch"],
) -> Float[Tensor, "batch channel row col"]:
    """Return images whose patch i is what was patch order[i], patches counted row by row.

    One order for all images, or one for each.
    """
    grid = images.shape[2] // patch[0], images.shape[3] // patch[1]
    moved = patchify(images, patch).take_along_dim(order.reshape(-1, grid[0] * grid[1], 1), 1)
    return unpatchify(moved, grid, channels=images.shape[1], patch=patch)


@dataclass(frozen=True, eq=False)
class Mixing:
    """With what weights one place takes in its surroundings, for each image."""

    static: Float[Tensor, "image row col"]  # a convolution's
    dynamic: Float[Tensor, "image patch_row patch_col"]  # one head's

    @property
    def static_change(self) -> float:
        """The largest difference that the image makes to the convolution's weights."""
        return _largest_change(self.static)

    @property
    def dynamic_change(self) -> float:
        """The largest difference that the image makes to the attention weights."""
        return _largest_change(self.dynamic)


def static_and_dynamic(
    convolution: nn.Conv2d,
    images: Float[Tensor, "image channel row col"],
    weights: Float[Tensor, "image query key"],
    *,
    query: int,
    grid: tuple[int, int],
    channels: tuple[int, int] = (0, 0),
) -> Mixing:
    """Return the weights of one place in a convolution and in attention, on the same images.

    Both mix: y_i = Σ_j w_ij (…)_j. The convolution's w_ij is measured as the derivative of its
    output at the place by each input pixel, on each image; the attention's is given.

    Args:
        images: as the convolution takes them, one for each of the weights.
        weights: one head's attention over the patches of each image.
        query: the patch whose row is taken; the convolution's output at the same share of the
            way down and across.
        grid: patches in a column and in a row.
        channels: (out, in) of the kernel.

    Raises:
        ValueError: not a row of weights for each image, or the grid is not that of the keys.
        IndexError: no such query.
    """
    rows, cols = grid
    if weights.ndim != 3 or len(weights) != len(images) or weights.shape[-1] != rows * cols:
        raise ValueError(
            f"weights must be ({len(images)}, query, {rows * cols}), got {tuple(weights.shape)}"
        )
    if not 0 <= query < weights.shape[1]:
        raise IndexError(f"query must be 0 to {weights.shape[1] - 1}, got {query}")
    images = images.detach().requires_grad_()
    with torch.enable_grad():
        output = convolution(images)[:, channels[0]]
        row = (2 * (query // cols) + 1) * output.shape[1] // (2 * rows)
        col = (2 * (query % cols) + 1) * output.shape[2] // (2 * cols)
        (kernel,) = torch.autograd.grad(output[:, row, col].sum(), images)
    return Mixing(kernel[:, channels[1]], weights[:, query].unflatten(-1, grid).detach())


def _error(found: Tensor, expected: Tensor) -> float:
    """Return ‖found - expected‖ / ‖expected - its mean over places‖, the last axis the places."""
    spread = torch.linalg.vector_norm(expected - expected.mean(-1, keepdim=True))
    if not spread > 0:
        raise ValueError("every place gives the same, so there is nothing to compare with")
    return float(torch.linalg.vector_norm(found - expected) / spread)


def _cell(images: Tensor, features: Tensor) -> tuple[int, int]:
    """Return the pixels that one place of the map stands for, (rows, columns)."""
    (height, width), (rows, cols) = images.shape[2:], features.shape[2:]
    if height % rows or width % cols:
        raise ValueError(f"a map of {rows}×{cols} does not divide an image of {height}×{width}")
    return height // rows, width // cols


def _inside(count: int, step: int, margin: int) -> slice:
    """Return the places farther than the margin from the border and from the roll's seam."""
    low, high = margin + max(step, 0), count - margin + min(step, 0)
    if margin < 0 or low >= high:
        raise ValueError(f"a margin of {margin} and a shift of {step} leave none of {count} places")
    return slice(low, high)


def _order(count: int, seed: int) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed))


def _largest_change(weights: Tensor) -> float:
    return float((weights.amax(0) - weights.amin(0)).max())
