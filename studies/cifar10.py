"""CIFAR-10 (Krizhevsky 2009), read from its binary version in a local folder."""

from pathlib import Path

import numpy as np
import torch

from vitexplain.experiments.datasets import Dataset, Labelled


def load(folder: Path) -> Dataset:
    """Return CIFAR-10 from data_batch_1.bin to test_batch.bin.

    The last 5,000 training images are kept to choose by.

    Raises:
        FileNotFoundError: a file is missing; the message says which and where it comes from.
        ValueError: a file is not a whole number of records.
    """
    inner = folder / "cifar-10-batches-bin"  # as it is unpacked
    folder = inner if inner.is_dir() else folder
    batches = [_batch(folder / f"data_batch_{i}.bin") for i in range(1, 6)]
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    train, test = _labelled(images, labels), _labelled(*_batch(folder / "test_batch.bin"))
    return Dataset("cifar10", 10, train[:-5000], train[-5000:], test)


def _labelled(images: np.ndarray, labels: np.ndarray) -> Labelled:
    pixels = torch.tensor(images).float() / 127.5 - 1
    return Labelled(pixels, torch.tensor(labels, dtype=torch.int64))


def _batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read records of one label byte and 3072 bytes: 32×32 red, then green, then blue."""
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: download CIFAR-10's binary version into {path.parent}"
        )
    data = np.fromfile(path, np.uint8)
    if data.size == 0 or data.size % 3073:
        raise ValueError(f"{path} is not CIFAR-10's binary version: {data.size} bytes")
    records = data.reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]
