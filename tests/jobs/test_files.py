"""Files are whole or absent, and of several that create one a single one succeeds."""

import errno
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vitexplain.jobs import files, fingerprint


def test_of_many_that_create_a_file_one_does(tmp_path):
    for round_ in range(20):
        start = threading.Barrier(8)

        def create(content, path=tmp_path / str(round_), start=start):
            start.wait()
            return files.create(path, content)

        contents = [bytes([i]) * 5000 for i in range(8)]
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(create, contents))
        assert won.count(True) == 1
        assert (tmp_path / str(round_)).read_bytes() == contents[won.index(True)]
    assert len(list(tmp_path.iterdir())) == 20


def test_replace_goes_over_what_is_there(tmp_path):
    files.replace(tmp_path / "a", b"one")
    files.replace(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("write", [files.create, files.replace])
def test_the_content_is_on_the_disk_before_the_name(tmp_path, monkeypatch, write):
    synchronised = []

    def fsync(file: int) -> None:
        assert not (tmp_path / "a").exists()
        synchronised.append(os.fstat(file).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path / "a", b"12345")
    assert synchronised == [5]


@pytest.mark.parametrize("write", [files.create, files.replace])
def test_who_is_interrupted_leaves_nothing(tmp_path, monkeypatch, write):
    def interrupt(file: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a", b"12345")
    assert not list(tmp_path.iterdir())


def test_without_hard_links_files_are_still_whole(tmp_path, monkeypatch):
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert files.create(tmp_path / "a", b"one")
    assert not files.create(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_error_of_the_disk_is_not_taken_for_a_missing_feature(tmp_path, monkeypatch):
    def fail(self: Path, target: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "hardlink_to", fail)
    with pytest.raises(OSError, match="Input/output"):
        files.create(tmp_path / "a", b"one")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_swept_by_its_mark(tmp_path):
    for name in (".a1.0123.part", ".a1.4567.part", ".b2.0123.part", "a1.txt"):
        (tmp_path / name).touch()
    files.sweep(tmp_path, "a1")
    assert {path.name for path in tmp_path.iterdir()} == {".b2.0123.part", "a1.txt"}


def test_who_was_swept_while_writing_finds_the_file_of_the_faster(tmp_path, monkeypatch):
    def be_late(file: int) -> None:
        files.sweep(tmp_path, "mark")
        (tmp_path / "a").write_bytes(b"faster")

    monkeypatch.setattr(os, "fsync", be_late)
    assert not files.create(tmp_path / "a", b"slower", mark="mark")
    assert (tmp_path / "a").read_bytes() == b"faster"


def test_a_fingerprint_sees_content_and_names(tmp_path):
    model = tmp_path / "model"
    (model / "parts").mkdir(parents=True)
    (model / "config.json").write_text("{}")
    (model / "parts" / "weights").write_bytes(b"12")
    seen = {fingerprint(model)}
    (model / "parts" / "weights").write_bytes(b"21")
    seen.add(fingerprint(model))
    (model / "parts" / "weights").rename(model / "parts" / "other")
    seen.add(fingerprint(model))
    assert len(seen) == 3
    assert fingerprint(model / "config.json") == hashlib.sha256(b"{}").hexdigest()
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "nothing")
