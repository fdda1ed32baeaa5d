"""Files that are no checkpoints, and what all bad files share; `test_hostile` opens them all."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.checkpoints.libraries import (
    tiny_timm,
)

Make = Callable[[Path], Path]
BAD: dict[str, tuple[Make, str]] = {}  # what is bad: who makes it, and what the error must say


def bad(what: str, said: str) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        BAD[what] = make, said
        return make

    return register


def state(**changes: Tensor | None) -> dict[str, Tensor]:
    """A good state dict, with some parameters changed, added, or taken out (None)."""
    changed = {**tiny_timm().state_dict(), **{k.replace("__", "."): v for k, v in changes.items()}}
    return {name: value for name, value in changed.items() if value is not None}


def saved(folder: Path, tensors: dict[str, Tensor]) -> Path:
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "model.safetensors")
    return folder / "model.safetensors"


def torch_saved(folder: Path, content: Any, **options: Any) -> Path:
    torch.save(content, folder / "model.pth", **options)
    return folder / "model.pth"


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@bad("no such file", "there is no file")
def _(folder: Path) -> Path:
    return folder / "model.safetensors"


@bad("link to nowhere", "is a link to nowhere.pth, which is not there")
def _(folder: Path) -> Path:
    (folder / "model.pth").symlink_to("nowhere.pth")
    return folder / "model.pth"


@bad("link to itself", "is a link to model.pth, which is not there")
def _(folder: Path) -> Path:
    (folder / "model.pth").symlink_to("model.pth")
    return folder / "model.pth"


@bad("pipe", "is a device or pipe; expected a file")
def _(folder: Path) -> Path:
    os.mkfifo(folder / "model.pth")
    return folder / "model.pth"


@bad("empty file", "is empty")
def _(folder: Path) -> Path:
    return written(folder, "model.safetensors", b"")


@bad("empty folder", "holds no files of weights")
def _(folder: Path) -> Path:
    return folder


@bad("folder with other things", "holds no files of weights")
def _(folder: Path) -> Path:
    written(folder, "README.md", b"weights to follow")
    written(folder, "config.json", b"{}")
    return folder


@bad("folder with two models", "holds 2 files of weights")
def _(folder: Path) -> Path:
    written(folder, "one.pth", b"")
    written(folder, "two.pth", b"")
    return folder


@bad("text renamed", "is text that starts with 'These are not")
def _(folder: Path) -> Path:
    return written(folder, "model.safetensors", b"These are not the weights you are looking for.")


@bad("web page instead of a download", "is a web page")
def _(folder: Path) -> Path:
    return written(folder, "model.pth", b"<!doctype html><title>404</title>")


@bad("Git LFS pointer", "is a Git LFS pointer")
def _(folder: Path) -> Path:
    return written(folder, "model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:0")


@bad("HDF5", "is an HDF5 file")
def _(folder: Path) -> Path:
    return written(folder, "model.h5", b"\x89HDF\r\n\x1a\n" + bytes(64))


@bad("random bytes", "of no known format")
def _(folder: Path) -> Path:
    return written(folder, "model.bin", b"\x07\xff\x00\x9c" * 64)


@bad("zip of documents", "neither torch's data.pkl nor arrays")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.pth", "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    return folder / "model.pth"
