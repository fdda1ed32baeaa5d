"""The original format is read bit for bit, wrong files are named."""

from pathlib import Path

import numpy as np
import pytest

from studies import cifar10


def write_cifar(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    records = rng.integers(256, size=(6, 1100, 3073), dtype=np.uint8)
    records[..., 0] %= 10
    for name, batch in zip(
        [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"], records, strict=True
    ):
        (folder / name).write_bytes(batch.tobytes())
    return records[..., 1:], records[..., 0]


def test_cifar_is_read_from_its_binary_version(tmp_path):
    images, labels = write_cifar(tmp_path / "cifar-10-batches-bin")
    data = cifar10.load(tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (500, 5000, 1100)
    red, green, blue = images[5, 2].reshape(3, 32, 32) / 127.5 - 1
    np.testing.assert_allclose(data.test.images[2], np.stack([red, green, blue]), atol=1e-6)
    np.testing.assert_array_equal(data.train.labels, labels[:5].reshape(-1)[:500])


@pytest.mark.rejects
def test_what_is_missing_or_cut_short_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_batch_1.bin is missing: download CIFAR-10"):
        cifar10.load(tmp_path)
    write_cifar(tmp_path)
    (tmp_path / "test_batch.bin").write_bytes(b"\x00" * 3000)
    with pytest.raises(ValueError, match="3000 bytes"):
        cifar10.load(tmp_path)
