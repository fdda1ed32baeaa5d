"""Pictures that tests look into."""

import base64
import io

import numpy as np
from PIL import Image


def opened(uri: str) -> np.ndarray:
    """Return the pixels of a PNG data URI, (row, col, 3), or 4 where it has opacity."""
    image = Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    return np.asarray(image if image.mode == "RGBA" else image.convert("RGB"))
