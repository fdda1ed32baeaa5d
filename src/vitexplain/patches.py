"""An image as a sequence of patches.

Images are channel-first, as in torch: (..., channel, row, col). Patches come row by row,
and the numbers of one patch in the order channel, row, column, so that projecting
flattened patches equals a convolution whose stride is its kernel size.

Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021, arXiv 2010.11929,
section 3.1 and equation (1).
"""

from math import isqrt

from jaxtyping import Float

from vitexplain.arrays import Array, linear, require


def patchify(
    images: Float[Array, "*batch channel row col"], patch: int | tuple[int, int]
) -> Float[Array, "*batch patch dim"]:
    """Return each image cut into flattened, non-overlapping patches.

    An H × W image gives N = H W / P² patches of P² C numbers.

    Args:
        patch: side P in pixels, or (rows, columns) of a patch.

    Raises:
        TypeError: not a floating array.
        ValueError: fewer than three axes, or a side that the patch does not divide.
    """
    xp = require(rank=3, images=images)
    *batch, channel, row, col = images.shape
    height, width = sides(patch)
    if row % height or col % width:
        raise ValueError(
            f"patches of {height}×{width} do not tile an image of {row}×{col} pixels, "
            f"shape {tuple(images.shape)}"
        )
    grid = xp.reshape(images, (*batch, channel, row // height, height, col // width, width))
    first = len(batch)  # (..., channel, i, row, j, col) -> (..., i, j, channel, row, col)
    order = (*range(first), *(first + axis for axis in (1, 3, 0, 2, 4)))
    cells = xp.permute_dims(grid, order)
    count = (row // height) * (col // width)
    return xp.reshape(cells, (*batch, count, channel * height * width))


def unpatchify(
    patches: Float[Array, "*batch patch dim"],
    grid: tuple[int, int],
    *,
    channels: int = 3,
    patch: int | tuple[int, int] | None = None,
) -> Float[Array, "*batch channel row col"]:
    """Return the image that `patchify` cut, its inverse.

    Args:
        grid: patches per column and per row of the image, (rows, columns).
        patch: as in `patchify`; left out, patches are square.

    Raises:
        TypeError: not a floating array.
        ValueError: the number of patches is not that of the grid, or their length is not
            channels × rows × columns of a patch.
    """
    xp = require(rank=2, patches=patches)
    *batch, count, dim = patches.shape
    rows, cols = grid
    height, width = sides(patch if patch is not None else isqrt(dim // channels))
    if count != rows * cols:
        raise ValueError(f"a {rows}×{cols} grid needs {rows * cols} patches, got {count}")
    if dim != channels * height * width:
        raise ValueError(
            f"a patch of {height}×{width} pixels and {channels} channels has "
            f"{channels * height * width} numbers, got {dim}"
        )
    cells = xp.reshape(patches, (*batch, rows, cols, channels, height, width))
    first = len(batch)  # (..., i, j, channel, row, col) -> (..., channel, i, row, j, col)
    order = (*range(first), *(first + axis for axis in (2, 0, 3, 1, 4)))
    image = xp.permute_dims(cells, order)
    return xp.reshape(image, (*batch, channels, rows * height, cols * width))


def project(
    patches: Float[Array, "*batch patch dim_in"],
    weight: Float[Array, "dim_in dim"],
    bias: Float[Array, " dim"] | None = None,
) -> Float[Array, "*batch patch dim"]:
    """Return x E + b, each flattened patch as a token of `dim` numbers.

    The paper's equation (1) has no bias; its code, and everybody's since, has one.

    Raises:
        TypeError, ValueError: not floating arrays, or shapes that do not fit.
    """
    require(rank=2, patches=patches, weight=weight)
    return linear(patches, weight, bias)


def sides(patch: int | tuple[int, int]) -> tuple[int, int]:
    """Return (rows, columns) of a patch, an image or a grid given as one number or as two.

    Raises:
        ValueError: a side is less than 1.
    """
    height, width = (patch, patch) if isinstance(patch, int) else patch
    if height < 1 or width < 1:
        raise ValueError(f"sides must be at least 1, got {height}×{width}")
    return height, width
