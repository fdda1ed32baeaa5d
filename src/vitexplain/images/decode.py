"""Any image file, PIL image or array as floats in [0, 1].

Files come from anywhere: only formats that decode without running another program are
opened, and an image is refused by the size its header states before a pixel is decoded.
"""

import os
import re
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from vitexplain.images.limits import LIMIT, ImageError, check_range, check_size, pillow, printable

if TYPE_CHECKING:
    from PIL import Image

# Not EPS, which Pillow hands to Ghostscript, and none that lacks a signature, such as TGA.
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000")

_ORIENTATION = 0x0112  # the EXIF tag
_WHITE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}

Source = Any  # a path, a binary file, a PIL image or a NumPy array


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded image, and what was done to it on the way."""

    pixels: Float[np.ndarray, "3 row col"]  # in [0, 1]
    notes: tuple[str, ...]  # such as "transparent parts shown on white"


def load_image(source: Source, *, limit: int = LIMIT) -> Float[np.ndarray, "3 row col"]:
    """Return any image as float32 in [0, 1]; `read_image` also says what was done to it.

    Args:
        source: a path, an open binary file, a PIL image, or an array (row, col) or
            (row, col, channel) of uint8, uint16, or floats in [0, 1].
        limit: most pixels, against files that are small on disk and huge in memory.

    Raises:
        ImageError: not an image, broken, of a format that is not opened, above the limit,
            or numbers that are no colours.
        ModuleNotFoundError: a file or PIL image, and Pillow is missing.
    """
    return read_image(source, limit=limit).pixels


def read_image(source: Source, *, limit: int = LIMIT) -> Picture:
    """Return any image with notes on how it was read.

    An image is turned as its EXIF orientation says; transparent parts are shown on white; of
    an animation or several pages the first is read; grey becomes three equal channels; 16 bits
    keep their steps where the format has one channel (Pillow reads 16-bit colour as 8-bit).
    Colour profiles are not applied.

    Raises:
        ImageError, ModuleNotFoundError: as `load_image`.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, limit)
    from_path = isinstance(source, (str, os.PathLike))
    if not (from_path or hasattr(source, "read") or hasattr(source, "convert")):
        raise ImageError(
            f"an image must be a path, a binary file, a PIL image or an array, "
            f"got {type(source).__name__}"
        )
    name = printable(source) if from_path else "image"
    if from_path:
        _check_file(Path(source), name)
    library = pillow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's on size: ours is an error, and earlier
            if not from_path and isinstance(source, library.Image):
                return _decode(source, limit, name)
            with library.open(source, formats=FORMATS) as image:
                return _decode(image, limit, name)
    except ImageError:
        raise
    except library.DecompressionBombError as error:  # Pillow's own limit, above ours
        found = int(re.findall(r"\d+", str(error))[0])
        limit = min(limit, 2 * library.MAX_IMAGE_PIXELS)
        raise ImageError(f"{name}: {found:,} pixels, the limit is {limit:,}") from error
    except Exception as error:  # decoders raise whatever a broken file leads them to
        if type(error).__name__ == "UnidentifiedImageError":
            message = f"not an image of a known format ({', '.join(FORMATS)})"
        else:
            message = f"broken image: {printable(error) or type(error).__name__}"
        raise ImageError(f"{name}: {message}") from error


def _check_file(path: Path, name: str) -> None:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(f"{name}: {reason[0].lower()}{reason[1:]}") from error
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise ImageError(f"{name}: expected an image file, this is {what}")
    if status.st_size == 0:
        raise ImageError(f"{name}: the file is empty")


def _decode(image: "Image.Image", limit: int, name: str) -> Picture:
    from PIL import ImageOps

    check_size(*image.size, limit, name)
    notes = []
    if getattr(image, "is_animated", False):
        image.seek(0)
        notes.append("the first of several frames")
    if 2 <= image.getexif().get(_ORIENTATION, 1) <= 8:
        image = ImageOps.exif_transpose(image)
        notes.append("turned as its EXIF orientation says")
    if image.mode == "F":
        array = np.asarray(image)
    elif image.mode.startswith("I"):  # integers of 16 or 32 bits
        array = np.asarray(image)
        low, high = int(array.min()), int(array.max())
        if low < 0 or high > 65535:
            raise ImageError(f"{name}: integers must lie in 0 to 65535, got {low} to {high}")
        array = array.astype(np.uint16)
    else:
        array = np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
    return _from_array(array, limit, name, tuple(notes))


def _from_array(
    array: np.ndarray, limit: int, name: str = "array", notes: tuple[str, ...] = ()
) -> Picture:
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (1,), (3,), (4,)):
        raise ImageError(
            f"{name}: an array must be (row, col) or (row, col, 1, 3 or 4), got {array.shape}"
        )
    check_size(array.shape[1], array.shape[0], limit, name)
    channels = (array[..., None] if array.ndim == 2 else array).transpose(2, 0, 1)
    if array.dtype in _WHITE:
        white = np.float32(_WHITE[array.dtype])
        pixels = np.divide(channels, white, dtype=np.float32, order="C")
    elif np.issubdtype(array.dtype, np.floating):
        check_range(array, name)
        pixels = channels.astype(np.float32, order="C")
    else:
        raise ImageError(f"{name}: numbers must be uint8, uint16 or floating, got {array.dtype}")
    if len(pixels) == 1:
        pixels = np.repeat(pixels, 3, axis=0)
    elif len(pixels) == 4:
        pixels, alpha = pixels[:3], pixels[3]
        if alpha.min() < 1:
            notes = (*notes, "transparent parts shown on white")
            pixels = np.clip(pixels * alpha + (1 - alpha), 0, 1)
    return Picture(pixels, notes)
