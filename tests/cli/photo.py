"""A picture like a photograph: sky, ground, a ball with light on it, and grain."""

from pathlib import Path

import numpy as np
from PIL import Image


def photo(rows: int = 90, cols: int = 120, seed: int = 0) -> np.ndarray:
    """Return it as uint8, (row, col, 3)."""
    y, x = np.mgrid[:rows, :cols] / rows
    sky = np.stack([0.35 + 0.3 * y, 0.55 + 0.2 * y, 0.9 - 0.2 * y], -1)
    ground = np.stack([0.3 + 0.1 * x, 0.45 - 0.1 * y, np.full_like(x, 0.2)], -1)
    image = np.where((y > 0.6 + 0.05 * np.sin(9 * x))[..., None], ground, sky)
    light = 0.95 - 3 * ((x - 0.55) ** 2 + (y - 0.5) ** 2)
    ball = np.stack([light, np.full_like(x, 0.4), np.full_like(x, 0.15)], -1)
    image = np.where(((y - 0.55) ** 2 + (x - 0.6) ** 2 < 0.05)[..., None], ball, image)
    image = image + np.random.default_rng(seed).normal(0, 0.03, image.shape)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def save_photo(path: Path, **options) -> Path:
    """Write it as the path's suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo(**options)).save(path)
    return path
