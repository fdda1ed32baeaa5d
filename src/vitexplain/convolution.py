"""A convolution, with every product of every position.

    y[i, j] = Σ_c Σ_a Σ_b w[c, a, b] · x[c, i s + a - p, j s + b - p]

s is the stride, p the padding with zeros. What networks call a convolution does not turn its kernel
round; mathematics calls it a cross-correlation. Source: Dumoulin and Visin, "A guide to convolution
arithmetic for deep learning", 2016, arXiv 1603.07285. All functions take NumPy arrays or torch
tensors and return the same. `slide` with a stride as large as its window cuts patches, or pools.
"""

from dataclasses import dataclass

from jaxtyping import Float

from vitexplain.arrays import Array, require
from vitexplain.patches import sides


@dataclass(frozen=True, eq=False)
class Convolution:
    """Every quantity of one kernel's convolution, in the order it is computed."""

    windows: Float[Array, "*channel row col k_row k_col"]  # what lies under the kernel
    products: Float[Array, "*channel row col k_row k_col"]  # each times the kernel's number
    output: Float[Array, "row col"]  # each position's products, added up


def slide(
    image: Float[Array, "*batch row col"],
    window: int | tuple[int, int],
    *,
    stride: int = 1,
    padding: int = 0,
) -> Float[Array, "*batch out_row out_col k_row k_col"]:
    """Return what a window of that size sees at each of its stops.

    There are ⌊(n + 2p - k) / s⌋ + 1 stops along a side of n pixels.

    Raises:
        TypeError: not a floating array.
        ValueError: fewer than two axes, a stride below 1, a negative padding, or a window larger
            than the padded image.
    """
    xp = require(rank=2, image=image)
    size = sides(window)
    if stride < 1 or padding < 0:
        raise ValueError(f"stride must be at least 1 and padding 0, got {stride} and {padding}")
    for axis in (-2, -1):
        shape = list(image.shape)
        shape[axis] = padding
        rim = xp.zeros(tuple(shape), dtype=image.dtype, device=image.device)
        image = xp.concat([rim, image, rim], axis=axis) if padding else image
    stops = [(n - k) // stride + 1 for n, k in zip(image.shape[-2:], size, strict=True)]
    if min(stops) < 1:
        raise ValueError(f"a window of {size[0]}×{size[1]} does not fit {tuple(image.shape[-2:])}")
    rows, cols = (stride * (n - 1) + 1 for n in stops)
    seen = [
        image[..., a : a + rows : stride, b : b + cols : stride]
        for a in range(size[0])
        for b in range(size[1])
    ]
    return xp.reshape(xp.stack(seen, axis=-1), (*image.shape[:-2], *stops, *size))


def convolve(
    image: Float[Array, "*channel row col"],
    kernel: Float[Array, "*channel k_row k_col"],
    *,
    stride: int = 1,
    padding: int = 0,
) -> Convolution:
    """Return one kernel's convolution with every product on the way; channels are added up.

    Raises:
        TypeError: as `slide`, or arrays of two libraries or dtypes.
        ValueError: as `slide`, or a kernel of other channels than the image's.
    """
    xp = require(rank=2, image=image, kernel=kernel)
    if image.shape[:-2] != kernel.shape[:-2]:
        raise ValueError(
            "image and kernel must have the same channels, "
            f"got shapes {tuple(image.shape)} and {tuple(kernel.shape)}"
        )
    windows = slide(image, tuple(kernel.shape[-2:]), stride=stride, padding=padding)
    products = windows * kernel[..., None, None, :, :]
    channels = tuple(range(image.ndim - 2))
    return Convolution(windows, products, xp.sum(products, axis=(*channels, -2, -1)))
