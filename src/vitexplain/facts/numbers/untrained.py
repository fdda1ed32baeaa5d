"""Untrained networks on the drawn face, and two trained ones at one place: what they look at."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vitexplain.compare.distance import attention_distance
from vitexplain.faces import draw_face
from vitexplain.facts.numbers.counted import SIDE
from vitexplain.facts.numbers.number_rows import Rows, span
from vitexplain.vit import PRESETS, ViTConfig, attention_weights

if TYPE_CHECKING:
    from torch import Tensor, nn

    from vitexplain.compare.symmetry import Mixing

DIGITS = 2, 3  # which images of the test set show the kernel and the head


@cache
def face() -> "Tensor":
    """Return the drawn face with 224 × 224 pixels, as a batch of one."""
    import torch

    pixels = np.kron(draw_face().pixels, np.ones((1, 7, 7)))  # 448 × 448
    pixels = pixels.reshape(3, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
    return torch.tensor(pixels, dtype=torch.float32)[None]


@cache
def untrained(name: str, seed: int = 0) -> "nn.Module":
    """Return ResNet-50 or ViT-S/16 with random weights, in evaluation mode."""
    from vitexplain.compare.resnet import RESNETS, ResNet
    from vitexplain.vit import ViT
    from vitexplain.vit.drawing import drawing

    make = {
        "ResNet-50": lambda: ResNet(RESNETS["resnet50"]),
        "ViT-S/16": lambda: ViT(PRESETS["S/16"]),
    }
    with drawing(seed):
        return make[name]().eval()


@cache
def first_distances() -> tuple[tuple[float, ...], ...]:
    """Return the attention distance of every head of an untrained ViT-S/16, block by block."""
    import torch

    vit = untrained("ViT-S/16")
    config: ViTConfig = vit.config  # pyright: ignore[reportAssignmentType]
    with torch.no_grad():
        return tuple(
            tuple(map(float, attention_distance(w, config.grid, config.patch, prefix=1)))
            for w in attention_weights(vit.walk(face()))  # pyright: ignore[reportCallIssue]
        )


@dataclass(frozen=True)
class Shifts:
    """Equivariance errors of a model: an image moved by a pixel, by a place, and shuffled."""

    pixel: float
    place: float
    shuffled: float


@cache
def shifts() -> dict[str, Shifts]:
    """Return the errors of untrained models on the drawn face; 0 is equivariant.

    A place is what one entry of the last map stands for. The convolution is counted away from
    the border, the others everywhere: their fields reach the border from every place.
    """
    import torch
    from torch import nn

    from vitexplain.compare.symmetry import shuffle_error, translation_error
    from vitexplain.vit import ViT
    from vitexplain.vit.drawing import drawing

    with_positions = untrained("ViT-S/16")
    without = ViT(PRESETS["S/16"]).eval()
    without.load_state_dict(with_positions.state_dict())
    with drawing(0), torch.no_grad():
        convolution = nn.Conv2d(3, 8, 3, padding=1)
        nn.init.zeros_(without.pos_embed)
    models: dict[str, tuple[nn.Module, int, int | None]] = {
        "one 3 × 3 convolution": (convolution, 1, 1),
        "ResNet-50": (untrained("ResNet-50"), 32, None),
        "ViT-S/16 without positions": (without, 16, None),
        "ViT-S/16": (with_positions, 16, None),
    }
    return {
        name: Shifts(
            translation_error(model, face(), (0, 1), margin=margin),
            translation_error(model, face(), (0, cell), margin=margin),
            shuffle_error(model, face()),
        )
        for name, (model, cell, margin) in models.items()
    }


@cache
def mixing(head: int = 0, query: int = 5) -> "tuple[Tensor, Mixing]":
    """Return two digits, and how trained models take in a place of each: kernel and attention."""
    import torch

    from vitexplain.compare.symmetry import static_and_dynamic
    from vitexplain.experiments import datasets, weights

    images = datasets.digits().test.images[list(DIGITS)]
    vit, cnn = weights.load("digits-vit"), weights.load("digits-cnn")
    with torch.no_grad():
        first = next(iter(attention_weights(vit.walk(images))))  # pyright: ignore[reportCallIssue]
    grid: tuple[int, int] = vit.config.grid  # pyright: ignore
    kernel: nn.Conv2d = cnn.conv1  # pyright: ignore[reportAssignmentType]
    return images, static_and_dynamic(kernel, images, first[:, head], query=query, grid=grid)


NUMBERS: Rows = {
    # How far the heads of the first block of an untrained ViT-S/16 look, in pixels.
    "first_heads": lambda: span(first_distances()[0]),
    # How the weights of a trained kernel and of a trained head change with the image.
    "mixed": lambda: mixing()[1],
}
