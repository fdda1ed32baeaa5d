"""The parts do not overlap, the original formats are read bit for bit, wrong files are named."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch

from vitexplain.experiments import datasets


def idx(array: np.ndarray) -> bytes:
    """Write bytes as IDX, independently of the reader."""
    lengths = b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return b"\x00\x00\x08" + bytes([array.ndim]) + lengths + array.tobytes()


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "train-images-idx3-ubyte": rng.integers(256, size=(5010, 28, 28), dtype=np.uint8),
        "train-labels-idx1-ubyte": rng.integers(10, size=5010, dtype=np.uint8),
        "t10k-images-idx3-ubyte": rng.integers(256, size=(7, 28, 28), dtype=np.uint8),
        "t10k-labels-idx1-ubyte": rng.integers(10, size=7, dtype=np.uint8),
    }


def write_mnist(folder: Path, arrays: dict[str, np.ndarray], zipped: bool) -> None:
    folder.mkdir(parents=True)
    for name, array in arrays.items():
        path = folder / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))


def write_cifar(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    records = rng.integers(256, size=(6, 1100, 3073), dtype=np.uint8)
    records[..., 0] %= 10
    for name, batch in zip(
        [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"], records, strict=True
    ):
        (folder / name).write_bytes(batch.tobytes())
    return records[..., 1:], records[..., 0]


def test_digits_are_split_once_for_good():
    first, again = datasets.digits(), datasets.digits()
    assert (len(first.train), len(first.validation), len(first.test)) == (1097, 200, 500)
    assert torch.equal(first.test.images, again.test.images)
    every = torch.cat(
        [part.images.flatten(1) for part in (first.train, first.validation, first.test)]
    )
    assert len(torch.unique(every, dim=0)) == len(every) == 1797
    assert float(every.min()) == -1.0
    assert float(every.max()) == 1.0
    assert set(first.test.labels.tolist()) == set(range(10))


@pytest.mark.parametrize("zipped", [False, True])
def test_mnist_is_read_from_its_idx_files(tmp_path, arrays, zipped):
    write_mnist(tmp_path / "fashion-mnist", arrays, zipped)
    data = datasets.load("fashion-mnist", tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (10, 5000, 7)
    expected = arrays["t10k-images-idx3-ubyte"][3] / 127.5 - 1
    np.testing.assert_allclose(data.test.images[3, 0], expected, atol=1e-6)
    np.testing.assert_array_equal(data.validation.labels, arrays["train-labels-idx1-ubyte"][10:])


def test_cifar_is_read_from_its_binary_version(tmp_path):
    images, labels = write_cifar(tmp_path / "cifar10" / "cifar-10-batches-bin")
    data = datasets.load("cifar10", tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (500, 5000, 1100)
    red, green, blue = images[5, 2].reshape(3, 32, 32) / 127.5 - 1
    np.testing.assert_allclose(data.test.images[2], np.stack([red, green, blue]), atol=1e-6)
    np.testing.assert_array_equal(data.train.labels, labels[:5].reshape(-1)[:500])


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], r"announces \(7, 28, 28\) and holds 5487 bytes"),
        (lambda data: b"\x00\x00\x0d" + data[3:], "not an IDX file of bytes"),
        (lambda data: b"GIF89a", "not an IDX file of bytes"),
        (lambda data: b"", "not an IDX file of bytes"),
    ],
)
def test_damaged_idx_files_are_named(tmp_path, arrays, damage, message):
    write_mnist(tmp_path / "mnist", arrays, zipped=False)
    path = tmp_path / "mnist" / "t10k-images-idx3-ubyte"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=message):
        datasets.load("mnist", tmp_path)


@pytest.mark.rejects
def test_what_is_missing_is_said(tmp_path, arrays):
    with pytest.raises(FileNotFoundError, match=r"data_batch_1.bin is missing: download CIFAR-10"):
        datasets.load("cifar10", tmp_path)
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte"):
        datasets.load("mnist", tmp_path)
    with pytest.raises(ValueError, match="say --data FOLDER"):
        datasets.load("mnist")
    with pytest.raises(ValueError, match="not 'imagenet'"):
        datasets.load("imagenet", tmp_path)
    arrays["t10k-labels-idx1-ubyte"] = arrays["t10k-labels-idx1-ubyte"][:6]
    write_mnist(tmp_path / "mnist", arrays, zipped=False)
    with pytest.raises(ValueError, match="7 images have 6 labels"):
        datasets.load("mnist", tmp_path)
    write_cifar(tmp_path / "cifar10")
    (tmp_path / "cifar10" / "test_batch.bin").write_bytes(b"\x00" * 3000)
    with pytest.raises(ValueError, match="3000 bytes"):
        datasets.load("cifar10", tmp_path)
