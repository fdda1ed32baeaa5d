"""Files that are no checkpoints, and what all bad files share; `test_hostile` opens them all."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.checkpoints.libraries import tiny_timm

Make = Callable[..., Path]
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


for what, target in {"link to nowhere": "nowhere.pth", "link to itself": "model.pth"}.items():

    @bad(what, f"is a link to {target}, which is not there")
    def _(folder: Path, target: str = target) -> Path:
        (folder / "model.pth").symlink_to(target)
        return folder / "model.pth"


@bad("pipe", "is a device or pipe; expected a file")
def _(folder: Path) -> Path:
    os.mkfifo(folder / "model.pth")
    return folder / "model.pth"


CONTENTS = {  # what is bad: the file's name, its bytes, and what the error must say
    "empty file": ("model.safetensors", b"", "is empty"),
    "text renamed": (
        "model.safetensors", b"These are not the weights you are looking for.",
        "is text that starts with 'These are not",
    ),
    "web page instead of a download": (
        "model.pth", b"<!doctype html><title>404</title>", "is a web page",
    ),
    "Git LFS pointer": (
        "model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
        "is a Git LFS pointer",
    ),
    "HDF5": ("model.h5", b"\x89HDF\r\n\x1a\n" + bytes(64), "is an HDF5 file"),
    "random bytes": ("model.bin", b"\x07\xff\x00\x9c" * 64, "of no known format"),
}  # fmt: skip
for what, (name, content, said) in CONTENTS.items():

    @bad(what, said)
    def _(folder: Path, name: str = name, content: bytes = content) -> Path:
        return written(folder, name, content)


FOLDERS = {
    "empty folder": ([], "holds no files of weights"),
    "folder with other things": (["README.md"], "holds no files of weights"),
    "folder with two models": (["one.pth", "two.pth"], "holds 2 files of weights"),
}
for what, (names, said) in FOLDERS.items():

    @bad(what, said)
    def _(folder: Path, names: list[str] = names) -> Path:
        for name in names:
            (folder / name).touch()
        return folder


@bad("zip of documents", "neither torch's data.pkl nor arrays")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.pth", "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    return folder / "model.pth"
