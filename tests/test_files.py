"""Files are whole or absent, and of several that create one a single one succeeds."""

import errno
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vitexplain.files import whole

BOTH = pytest.mark.parametrize("over", [True, False])


def write(path: Path, content: bytes, *, over: bool = True) -> None:
    with whole(path, over=over) as file:
        file.write(content)


def refusing(number: int) -> Callable[[Path, Path], None]:
    def hardlink_to(self: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    return hardlink_to


def test_of_many_that_create_a_file_one_does_and_its_file_stays(tmp_path):
    for round_ in range(20):
        path, start = tmp_path / str(round_), threading.Barrier(8)

        def create(content, path=path, start=start):
            start.wait()
            write(path, content, over=False)
            return path.read_bytes(), path.stat().st_ino

        contents = [bytes([i]) * 5000 for i in range(8)]
        with ThreadPoolExecutor(8) as pool:
            (seen,) = set(pool.map(create, contents))  # whenever one looks, it is the same file
        assert seen[0] in contents
    assert len(list(tmp_path.iterdir())) == 20


def test_what_is_there_is_replaced_or_kept(tmp_path):
    for content, over, left in [(b"1", True, b"1"), (b"2", True, b"2"), (b"3", False, b"2")]:
        write(tmp_path / "a", content, over=over)
        assert (tmp_path / "a").read_bytes() == left
    assert len(list(tmp_path.iterdir())) == 1


@BOTH
def test_the_content_is_on_the_disk_before_the_name(tmp_path, monkeypatch, over):
    synchronised = []

    def fsync(file: int) -> None:
        assert not (tmp_path / "a").exists()
        synchronised.append(os.fstat(file).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path / "a", b"12345", over=over)
    assert synchronised == [5]


@BOTH
@pytest.mark.parametrize("before", [None, b"before"])
def test_who_is_interrupted_leaves_what_was_there(tmp_path, monkeypatch, over, before):
    def interrupt(file: int) -> None:
        raise KeyboardInterrupt

    if before:
        (tmp_path / "a").write_bytes(before)
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a", b"12345", over=over)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before] * bool(before)


def test_without_hard_links_files_are_still_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", refusing(errno.EPERM))
    write(tmp_path / "a", b"one", over=False)
    write(tmp_path / "a", b"two", over=False)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"one"]


def test_an_error_of_the_disk_is_not_taken_for_a_missing_feature(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", refusing(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        write(tmp_path / "a", b"one", over=False)
    assert not list(tmp_path.iterdir())


def test_a_device_takes_what_is_written(tmp_path):
    write(Path(os.devnull), b"one")
    assert Path(os.devnull).is_char_device()
