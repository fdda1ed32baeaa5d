"""An image as what a model was trained to see: resized, cropped, normalised."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from vitexplain.images.limits import LIMIT, ImageError, check_range, pillow
from vitexplain.patches import sides

Interpolation = Literal["bicubic", "bilinear"]
Fit = Literal["crop", "stretch"]
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow turns colour into grey


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes a model's input, as the model was trained.

    Raises:
        ValueError: a size below 1, a crop outside (0, 1], a mean and std that are not 1 or 3
            numbers each, a std that is not positive, or an unknown choice.
    """

    size: int | tuple[int, int] = 224  # pixels: one side, or (rows, columns)
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)  # of each channel; one number: a grey image
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    crop: float = 1.0  # share of the resized image's shorter side that is kept
    interpolation: Interpolation = "bicubic"
    fit: Fit = "crop"  # keep the aspect ratio and cut off what is over, or stretch

    def __post_init__(self) -> None:
        sides(self.size)
        if not 0 < self.crop <= 1:
            raise ValueError(f"crop must be more than 0 and at most 1, got {self.crop}")
        if len(self.mean) not in (1, 3) or len(self.std) != len(self.mean):
            raise ValueError(
                f"mean and std must have 1 or 3 numbers each, got {self.mean} and {self.std}"
            )
        if not all(number > 0 for number in self.std):
            raise ValueError(f"std must be positive, got {self.std}")
        for name, known in (("interpolation", get_args(Interpolation)), ("fit", get_args(Fit))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}")

    def words(self) -> tuple[str, str]:
        """Return how images are resized, and their mean and std, in words."""
        fit = "stretched" if self.fit == "stretch" else "centre crop"
        crop = f" of {100 * self.crop:.4g} %" if self.crop < 1 else ""
        mean, std = (" ".join(f"{x:g}" for x in numbers) for numbers in (self.mean, self.std))
        return f"{self.interpolation}, {fit}{crop}", f"mean {mean}, std {std}"


def fit(
    image: Float[np.ndarray, "3 row col"], preprocessing: Preprocessing
) -> Float[np.ndarray, "channel row_seen col_seen"]:
    """Return the part of the image that the model sees, at its size, still in [0, 1].

    The shorter side becomes size / crop and the centre is cut out, or the whole is stretched;
    both with Pillow's antialiased filters. Only what is cut out is computed, so that an image
    of 1 × 1 000 000 pixels costs no more than another.

    Raises:
        ImageError: not (3, row, col), or not floats in [0, 1].
        ModuleNotFoundError: Pillow is missing.
    """
    if image.ndim != 3 or image.shape[0] != 3 or 0 in image.shape:
        raise ImageError(f"an image must be (3, row, col), got shape {image.shape}")
    check_range(image, "image")
    library = pillow()
    rows, cols = sides(preprocessing.size)
    left, top, right, bottom = _box(image.shape[1:], (rows, cols), preprocessing)
    method = getattr(library.Resampling, preprocessing.interpolation.upper())

    def resize(image: np.ndarray, size: tuple[int, int], box: tuple[float, ...]) -> np.ndarray:
        planes = [library.fromarray(plane).resize(size, method, box) for plane in image]
        # Bicubic overshoots at edges; bytes would be cut after each pass, so are floats.
        return np.clip(np.stack([np.asarray(plane) for plane in planes]), 0, 1)

    seen, (height, width) = image.astype(np.float32, copy=False), image.shape[1:]
    if height * cols <= LIMIT:  # across, then down, as Pillow does
        seen = resize(seen, (cols, height), (left, 0, right, height))
        seen = resize(seen, (cols, rows), (0, top, cols, bottom))
    else:  # very high and thin
        seen = resize(seen, (width, rows), (0, top, width, bottom))
        seen = resize(seen, (cols, rows), (left, 0, right, rows))
    if len(preprocessing.mean) == 1:
        seen = np.tensordot(np.asarray(LUMA, np.float32), seen, 1)[None]
    return seen


def prepare(
    image: Float[np.ndarray, "3 row col"], preprocessing: Preprocessing
) -> Float[np.ndarray, "channel row_seen col_seen"]:
    """Return (fit(image) - mean) / std, the model's input: (3, size, size), float32.

    Raises:
        ImageError, ModuleNotFoundError: as `fit`.
    """
    return normalise(fit(image, preprocessing), preprocessing)


def normalise(
    seen: Float[np.ndarray, "channel row col"], preprocessing: Preprocessing
) -> Float[np.ndarray, "channel row col"]:
    """Return (seen - mean) / std, channel by channel."""
    mean = np.asarray(preprocessing.mean, np.float32)[:, None, None]
    std = np.asarray(preprocessing.std, np.float32)[:, None, None]
    return (seen - mean) / std


def _box(
    found: tuple[int, ...], wanted: tuple[int, int], preprocessing: Preprocessing
) -> tuple[float, float, float, float]:
    """Return the part of the image that is shown, (left, top, right, bottom) in its pixels.

    Rounded as torchvision's Resize and CenterCrop do, which timm's evaluation uses.
    """
    height, width = found
    if preprocessing.fit == "stretch":
        return 0, 0, width, height
    rows, cols = (math.floor(side / preprocessing.crop) for side in wanted)
    if rows / height >= cols / width:  # the columns have to spare
        resized = rows, max(int(rows * width / height), cols)
    else:
        resized = max(int(cols * height / width), rows), cols
    top, left = (round((full - side) / 2) for full, side in zip(resized, wanted, strict=True))
    y, x = height / resized[0], width / resized[1]
    right, bottom = min((left + wanted[1]) * x, width), min((top + wanted[0]) * y, height)
    return left * x, top * y, right, bottom
