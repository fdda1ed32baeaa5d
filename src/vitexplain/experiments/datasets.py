"""Labelled images, read from the formats their authors publish, and split once for good.

scikit-learn's digits come with scikit-learn (Alpaydin and Kaynak 1998, UCI). MNIST (LeCun et al.
1998) and Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747) are read from their IDX files,
plain or gzipped, and CIFAR-10 (Krizhevsky 2009) from its binary version, all from a local folder.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from vitexplain.extras import needed


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
    """Return scikit-learn's 1797 digits, 8×8 pixels: 1097 to learn, 200 to choose, 500 to test."""
    with needed("experiments.datasets.digits", "experiments", ["sklearn"], called="scikit-learn"):
        from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    images = torch.as_tensor(pixels, dtype=torch.float32).reshape(-1, 1, 8, 8) / 8 - 1
    every = Labelled(images, torch.as_tensor(labels, dtype=torch.int64))
    # The file is ordered by writer: a random split shares writers between the parts.
    every = every[torch.as_tensor(np.random.default_rng(0).permutation(len(every)))]
    return Dataset("digits", 10, every[:1097], every[1097:1297], every[1297:])


def mnist(folder: Path | str, name: str = "mnist") -> Dataset:
    """Return MNIST or Fashion-MNIST from `folder`/train-images-idx3-ubyte and its three siblings.

    The last 5,000 training images are kept to choose by.

    Raises:
        FileNotFoundError: a file is missing; the message says which and where it comes from.
        ValueError: a file is not in IDX format or cut short.
    """
    folder = Path(folder)
    parts = [
        _labelled(
            _idx(folder, f"{part}-images-idx3-ubyte"), _idx(folder, f"{part}-labels-idx1-ubyte")
        )
        for part in ("train", "t10k")
    ]
    train, test = parts
    return Dataset(name, 10, train[:-5000], train[-5000:], test)


def cifar10(folder: Path | str) -> Dataset:
    """Return CIFAR-10 from the files of its binary version, data_batch_1.bin to test_batch.bin.

    The last 5,000 training images are kept to choose by.

    Raises:
        FileNotFoundError: a file is missing; the message says which and where it comes from.
        ValueError: a file is not a whole number of records.
    """
    folder = Path(folder)
    folder = (
        folder / "cifar-10-batches-bin" if (folder / "cifar-10-batches-bin").is_dir() else folder
    )
    batches = [_cifar_batch(folder / f"data_batch_{i}.bin") for i in range(1, 6)]
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    train, test = _labelled(images, labels), _labelled(*_cifar_batch(folder / "test_batch.bin"))
    return Dataset("cifar10", 10, train[:-5000], train[-5000:], test)


def load(name: str, folder: Path | str | None = None) -> Dataset:
    """Return a dataset by name; all but "digits" are read from `folder`/name.

    Raises:
        ValueError: an unknown name, or no folder where one is needed.
    """
    if name == "digits":
        return digits()
    if name not in ("mnist", "fashion-mnist", "cifar10"):
        raise ValueError(f"datasets are digits, mnist, fashion-mnist and cifar10, not {name!r}")
    if folder is None:
        raise ValueError(
            f"{name} is read from a folder: say --data FOLDER, with FOLDER/{name} in it"
        )
    place = Path(folder) / name
    return cifar10(place) if name == "cifar10" else mnist(place, name)


def _labelled(images: np.ndarray, labels: np.ndarray) -> Labelled:
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images have {len(labels)} labels")
    pixels = torch.tensor(images).float() / 127.5 - 1
    if pixels.ndim == 3:
        pixels = pixels[:, None]
    return Labelled(pixels, torch.tensor(labels, dtype=torch.int64))


def _idx(folder: Path, name: str) -> np.ndarray:
    """Read an IDX file of bytes: two zero bytes, type 8, the number of axes, their lengths."""
    for path in (folder / name, folder / f"{name}.gz", folder / name.replace("-idx", ".idx")):
        if path.exists():
            break
    else:
        raise FileNotFoundError(
            f"{folder / name}(.gz) is missing: download the IDX files of the dataset into {folder}"
        )
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    if len(data) < 4 or data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * data[3]:
        raise ValueError(f"{path} is not an IDX file of bytes")
    axes = data[3]
    shape = np.frombuffer(data, ">u4", axes, offset=4)
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * axes)
    if values.size != int(np.prod(shape, dtype=np.int64)):
        raise ValueError(f"{path} announces {tuple(map(int, shape))} and holds {values.size} bytes")
    return values.reshape(shape)


def _cifar_batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
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
