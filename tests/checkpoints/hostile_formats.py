"""Bad safetensors, pickles and arrays: truncated, lying about sizes, or made to run code."""

import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.checkpoints.hostile import BAD, bad, saved, state, torch_saved, written
from tests.checkpoints.libraries import google_arrays, save_arrays, tiny_timm


class Evil:
    """A pickle of it leaves a file named "executed" behind when it is opened as usual."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder / "executed"),)


class Filler:
    """A pickle of it fills 10 GB when torch opens it, even with weights_only=True."""

    def __reduce__(self) -> tuple[Any, ...]:
        return bytearray, (10**10,)


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: list[int], *offsets: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


DEEP = b'{"a":' + b"[" * 100_000
SAFETENSORS: dict[str, Callable[[bytes], bytes]] = {  # of the bytes of a good file
    "truncated": lambda good: good[:-1000],
    "with a tail": lambda good: good + b"#!/bin/sh",
    "header cut off": lambda good: good[:100],
    "header of 2^63 bytes": lambda good: struct.pack("<Q", 2**63) + b"{}" + bytes(100),
    "header no JSON": lambda good: struct.pack("<Q", 8) + b"{weights" + bytes(8),
    "header nested 100,000 deep": lambda good: struct.pack("<Q", len(DEEP)) + DEEP,
    "shape larger than its data": lambda good: header(
        {"pos_embed": entry([10**6, 10**6], 0, 4)}, bytes(4)
    ),
    "an end of 4,300 digits": lambda good: header(
        {"pos_embed": entry([1], 0, 10**4300 - 1)}, bytes(4)
    ),
    "an unknown dtype": lambda good: header({"pos_embed": entry([1], 0, 4, dtype="X")}, bytes(4)),
    "tensors that overlap": lambda good: header(
        {"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)
    ),
}
for what, change in SAFETENSORS.items():

    @bad(f"safetensors, {what}", "is a damaged safetensors file")
    def _(folder: Path, change: Callable[[bytes], bytes] = change) -> Path:
        path = saved(folder, state())
        return written(folder, path.name, change(path.read_bytes()))


@bad("pickle with code, alone", "a plain pickle, which can run code and is not opened")
def _(folder: Path) -> Path:
    return written(folder, "model.pth", pickle.dumps(Evil(folder)))


@bad("pickle with code, in .npz", "Object arrays cannot be loaded when allow_pickle=False")
def _(folder: Path) -> Path:
    arrays = google_arrays(tiny_timm()) | {"cls": np.array([Evil(folder)], dtype=object)}
    return save_arrays(folder / "model.npz", arrays)


OLD = {"_use_new_zipfile_serialization": False}  # as before torch 1.6
PICKLES: dict[str, tuple[Callable[[Path], Any], dict[str, Any], str]] = {
    "code": (lambda folder: {"state_dict": state(), "epoch": Evil(folder)}, {}, "posix.mkdir;"),
    "code, torch before 1.6": (lambda folder: {"a": Evil(folder)}, OLD, "posix.mkdir;"),
    "10 GB made by its instructions": (
        lambda folder: {"model": state(), "log": Filler()}, {}, "bytearray;",
    ),
    "the same before 1.6": (lambda folder: {"log": Filler()}, OLD, "bytearray;"),
    "the whole model": (
        lambda folder: tiny_timm(), {}, "timm.models.vision_transformer.VisionTransformer;",
    ),
}  # fmt: skip
for what, (content, options, asked) in PICKLES.items():

    @bad(f".pth, {what}", f"is a pickle that asks for {asked} what tensors do not need")
    def _(folder: Path, content=content, options=options) -> Path:
        return torch_saved(folder, content(folder), **options)


@bad(".pth, 10 GB before 1.6 with a zip behind it", "asks for bytearray")
def _(folder: Path) -> Path:
    good = torch_saved(folder, state()).read_bytes()
    path = torch_saved(folder, {"log": Filler()}, **OLD)
    return written(folder, path.name, path.read_bytes() + good)


@bad(".pth, truncated", "is damaged or truncated")
def _(folder: Path) -> Path:
    path = torch_saved(folder, state())
    return written(folder, path.name, path.read_bytes()[:-5000])


@bad(".pth, bytes changed", "damaged, truncated or hostile")
def _(folder: Path) -> Path:
    path = torch_saved(folder, state())
    data = path.read_bytes()
    return written(folder, path.name, data.replace(b"_rebuild_tensor_v2", b"\x80" * 18, 1))


@bad(".pth, one number repeated 10^12 times", "1,000,000,000,000 numbers, and the file stores 1")
def _(folder: Path) -> Path:
    huge = torch.zeros(1).expand(10**6, 10**6)
    return torch_saved(folder, state(head__weight=huge))


@bad(".pth, no tensors", "holds a dictionary with accuracy, epoch")
def _(folder: Path) -> Path:
    return torch_saved(folder, {"epoch": 3, "accuracy": 0.9})


@bad(".pth, a list", "holds list; expected a state dict")
def _(folder: Path) -> Path:
    return torch_saved(folder, [torch.zeros(3)])


def zipped(path: Path, members: dict[str, bytes], way: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", way) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@bad(".pth, zip bomb", "as a zip bomb does")
def _(folder: Path) -> Path:
    members = {"model/data.pkl": b"\x80\x02}.", "model/data/0": bytes(100_000_000)}
    return zipped(folder / "model.pth", members, zipfile.ZIP_DEFLATED)


@bad(".npz, zip bomb", "as a zip bomb does")
def _(folder: Path) -> Path:
    members = {"embedding/kernel.npy": bytes(100_000_000)}
    return zipped(folder / "model.npz", members, zipfile.ZIP_DEFLATED)


@bad(".npz, 1 TB declared in 100 bytes", "would unpack to 1,000,000,000,000 bytes")
def _(folder: Path) -> Path:
    path = folder / "model.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"x" * 100)
        archive.filelist[0].file_size = 10**12  # the directory is written from this
    return path


@bad(".npz, two members that readers may confuse", "names a member twice")
def _(folder: Path) -> Path:
    return zipped(folder / "model.npz", {"a.npy": b"", "A.npy": b""})


def array(shape: tuple[int, ...], data: bytes = b"") -> bytes:
    member = io.BytesIO()
    declared = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(member, declared)
    return member.getvalue() + data


ENDLESS = b"{'descr': '<f4', 'shape': (\x00"
MEMBERS = {
    "shape larger than its data": array((150, 150), bytes(64)),
    "1 TB declared by its shape": array((10**6, 250_000), bytes(64)),
    "shape of 4,000 digits": array((10**4000, 10**4000)),
    "header that never ends": b"\x93NUMPY\x01\x00" + struct.pack("<H", len(ENDLESS)) + ENDLESS,
}
for what, content in MEMBERS.items():

    @bad(f".npz, {what}", "is a damaged or hostile .npz file")
    def _(folder: Path, content: bytes = content) -> Path:
        return zipped(folder / "model.npz", {"embedding/kernel.npy": content})


@bad(".npz, no arrays in it", "embedding/kernel is of dtype None; expected floats")
def _(folder: Path) -> Path:
    text = b"__import__('os').mkdir('executed')"
    return zipped(folder / "model.npz", {"embedding/kernel.npy": text})


@bad(".npz, wrong checksum", "is a damaged or hostile .npz file: Bad CRC-32")
def _(folder: Path) -> Path:
    numbers = np.arange(1000.0)
    path = save_arrays(folder / "model.npz", {"embedding/kernel": numbers})
    changed = path.read_bytes().replace(numbers[500:501].tobytes(), b"12345678")
    return written(folder, path.name, changed)


@bad(".npz, with a password", "is encrypted, password required")
def _(folder: Path) -> Path:
    path = save_arrays(folder / "model.npz", {"embedding/kernel": np.zeros(3)})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return written(folder, path.name, bytes(content))


@bad(".npz, texts", "is of dtype <U5; expected floats")
def _(folder: Path) -> Path:
    return save_arrays(folder / "model.npz", {"embedding/kernel": np.array(["no", "float"])})


assert len(BAD) > 40
