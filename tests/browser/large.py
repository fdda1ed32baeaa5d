"""Explorers as large as those of real Vision Transformers, from attention made up in NumPy.

The heads look here and there as trained ones do: some near, some far, some at what looks
alike, all a little at the class token.
"""

import functools

import numpy as np

from tests.browser import pages
from vitexplain.explorer import Explorer, Map, explorer


@functools.cache
def picture(side: int = 224) -> np.ndarray:
    """A sun over hills, (row, col, channel) in [0, 1]."""
    y, x = np.mgrid[0:side, 0:side] / side
    sky = np.stack([0.45 + 0.5 * y, 0.65 + 0.2 * y, 0.95 - 0.2 * y], -1)
    sun = np.hypot(x - 0.7, y - 0.3)[..., None]
    made = np.where(sun < 0.13, [1, 0.85, 0.35], sky)
    for height, colour in ((0.62, [0.3, 0.5, 0.45]), (0.75, [0.2, 0.4, 0.2])):
        hill = height + 0.08 * np.sin(9 * x + 20 * height)
        made = np.where((y > hill)[..., None], colour, made)
    noise = np.random.default_rng(0).normal(size=(side, side, 1))
    return np.clip(made + 0.03 * noise, 0, 1)


def attention(grid: int, layer: int, head: int, masked: bool = False) -> np.ndarray:
    """Weights (query, key) of a class token and grid * grid patches, float32."""
    random = np.random.default_rng([layer, head])
    image = picture()
    size = len(image) // grid
    crop = image[: size * grid, : size * grid]
    colour = crop.reshape(grid, size, grid, size, 3).mean((1, 3)).reshape(-1, 3)
    place = np.stack(list(np.mgrid[0:grid, 0:grid]), -1).reshape(-1, 2) / grid
    far = ((place[:, None] + random.normal(0, 0.1, 2) - place) ** 2).sum(-1)
    alike = ((colour[:, None] - colour) ** 2).sum(-1)
    logits = -far * random.uniform(2, 60) / (1 + layer) - alike * random.uniform(0, 12)
    full = np.zeros((grid * grid + 1,) * 2)
    full[1:, 1:] = logits
    full[:, 0] = random.uniform(-2, 2.5)
    full[0] = random.normal(size=len(full)) * random.uniform(0.5, 2)
    if masked:  # windows of 7 × 7 patches; the class token sees all and is seen by all
        window = (place * grid // 7) @ [100, 1]
        full[1:, 1:][window[:, None] != window] = -np.inf
    weights = np.exp(full - full.max(1, keepdims=True))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def made(grid: int, layers: int = 1, heads: int = 1, masked: bool = False, **changes) -> Explorer:
    """An explorer of `layers` × `heads` maps with their means; a single map has no layer."""
    maps = [Map("Made up", attention(grid, 0, 0, masked))]
    if layers * heads > 1:
        maps = []
        for layer in range(layers):
            own = [attention(grid, layer, head) for head in range(heads)]
            named = [*enumerate(own), ("mean", np.mean(own, axis=0))]
            maps += [
                Map(f"Layer {layer}, head {head}", weights, layer=layer, head=head)
                for head, weights in named
            ]
    names = [f"patch ({r}, {c})" for r in range(grid) for c in range(grid)]
    short = [f"{r}, {c}" for r in range(grid) for c in range(grid)]
    return explorer(
        maps,
        tokens=["class token", *names],
        short=["class", *short],
        title=f"{grid} × {grid} patches",
        image=(255 * picture()).astype(np.uint8),
        grid=(grid, grid),
        **changes,
    )


def page_of(source: str, attributes: str = "") -> str:
    """Return a page with one explorer; its scripts are in explorer/."""
    return pages.page_of(f'<attention-explorer {attributes} src="{source}"></attention-explorer>')
