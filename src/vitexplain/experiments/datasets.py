"""Labelled images, and the digits that come with scikit-learn, split once for good."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from vitexplain.extras import needed
from vitexplain.moved import tell


@dataclass(frozen=True, eq=False)
class Labelled:
    """Images in [-1, 1] with one label each."""

    images: Float[Tensor, "image channel row col"]
    labels: Int[Tensor, " image"]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: slice | Tensor) -> "Labelled":
        return Labelled(self.images[index], self.labels[index])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three disjoint parts: to learn from, to choose by, and to report."""

    name: str
    classes: int
    train: Labelled
    validation: Labelled
    test: Labelled


def digits() -> Dataset:
    """Return scikit-learn's 1797 digits, 8×8 pixels: 1097 to learn, 200 to choose, 500 to test.

    They are of Alpaydin and Kaynak 1998, UCI.
    """
    with needed("experiments.datasets.digits", "experiments", ["sklearn"], called="scikit-learn"):
        from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    images = torch.as_tensor(pixels, dtype=torch.float32).reshape(-1, 1, 8, 8) / 8 - 1
    every = Labelled(images, torch.as_tensor(labels, dtype=torch.int64))
    # The file is ordered by writer: a random split shares writers between the parts.
    every = every[torch.as_tensor(np.random.default_rng(0).permutation(len(every)))]
    return Dataset("digits", 10, every[:1097], every[1097:1297], every[1297:])


tell(globals())
