"""Bad safetensors, pickles and arrays: truncated, lying about sizes, or made to run code."""

import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.checkpoints.hostile import bad, saved, state, torch_saved, written
from tests.checkpoints.libraries import (
    google_arrays,
    save_arrays,
    tiny_timm,
)


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


@bad("safetensors, truncated", "is truncated or has a tail")
def _(folder: Path) -> Path:
    path = saved(folder, state())
    return written(folder, path.name, path.read_bytes()[:-1000])


@bad("safetensors, with a tail", "is truncated or has a tail")
def _(folder: Path) -> Path:
    path = saved(folder, state())
    return written(folder, path.name, path.read_bytes() + b"#!/bin/sh")


@bad("safetensors, header cut off", "declares a header of")
def _(folder: Path) -> Path:
    path = saved(folder, state())
    return written(folder, path.name, path.read_bytes()[:100])


@bad("safetensors, header of 2^63 bytes", "declares a header of 9,223,372,036,854,775,808 bytes")
def _(folder: Path) -> Path:
    return written(folder, "model.safetensors", struct.pack("<Q", 2**63) + b"{}" + bytes(100))


@bad("safetensors, header no JSON", "its header is not the JSON of one")
def _(folder: Path) -> Path:
    return written(folder, "model.safetensors", struct.pack("<Q", 8) + b"{weights" + bytes(8))


@bad("safetensors, header nested 100,000 deep", "its header is not the JSON of one")
def _(folder: Path) -> Path:
    text = b'{"a":' + b"[" * 100_000
    return written(folder, "model.safetensors", struct.pack("<Q", len(text)) + text)


@bad("safetensors, shape larger than its data", "is declared as F32 of shape")
def _(folder: Path) -> Path:
    entry = {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4]}
    return written(folder, "model.safetensors", header({"pos_embed": entry}, bytes(4)))


@bad("safetensors, an end of 4,300 digits", "starts as safetensors, but its header")
def _(folder: Path) -> Path:
    entry = {"dtype": "X", "shape": [1], "data_offsets": [0, 10**4300 - 1]}
    return written(folder, "model.safetensors", header({"pos_embed": entry}, bytes(4)))


@bad("safetensors, tensors that overlap", "damaged safetensors file")
def _(folder: Path) -> Path:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    other = {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}
    return written(folder, "model.safetensors", header({"a": entry, "b": other}, bytes(12)))


@bad("pickle with code, alone", "a plain pickle, which can run code and is not opened")
def _(folder: Path) -> Path:
    return written(folder, "model.pth", pickle.dumps(Evil(folder)))


@bad("pickle with code, in .pth", "asks for posix.mkdir; what tensors do not need")
def _(folder: Path) -> Path:
    return torch_saved(folder, {"state_dict": state(), "epoch": Evil(folder)})


@bad(
    "pickle with code, torch before 1.6",
    "asks for posix.mkdir; what tensors do not need",
)
def _(folder: Path) -> Path:
    return torch_saved(folder, {"a": Evil(folder)}, _use_new_zipfile_serialization=False)


@bad("pickle with code, in .npz", "holds pickled Python objects")
def _(folder: Path) -> Path:
    arrays = google_arrays(tiny_timm()) | {"cls": np.array([Evil(folder)], dtype=object)}
    return save_arrays(folder / "model.npz", arrays)


@bad(".pth, 10 GB made by its instructions", "asks for __builtin__.bytearray")
def _(folder: Path) -> Path:
    return torch_saved(folder, {"model": state(), "log": Filler()})


@bad(".pth, the same before 1.6 with a zip behind it", "asks for __builtin__.bytearray")
def _(folder: Path) -> Path:
    good = torch_saved(folder, state()).read_bytes()
    path = torch_saved(folder, {"log": Filler()}, _use_new_zipfile_serialization=False)
    return written(folder, path.name, path.read_bytes() + good)


@bad("whole model pickled", "asks for timm.models.vision_transformer.VisionTransformer")
def _(folder: Path) -> Path:
    return torch_saved(folder, tiny_timm())


@bad(".pth, truncated", "is damaged or truncated")
def _(folder: Path) -> Path:
    path = torch_saved(folder, state())
    return written(folder, path.name, path.read_bytes()[:-5000])


@bad(".pth, bytes changed", "damaged, truncated or hostile")
def _(folder: Path) -> Path:
    path = torch_saved(folder, state())
    data = path.read_bytes()
    return written(folder, path.name, data.replace(b"_rebuild_tensor_v2", b"\x80" * 18, 1))


@bad(".pth, zip bomb", "as a zip bomb does")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", b"\x80\x02}.")
        archive.writestr("model/data/0", bytes(100_000_000))
    return folder / "model.pth"


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


@bad(".npz, zip bomb", "as a zip bomb does")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("embedding/kernel.npy", bytes(100_000_000))
    return folder / "model.npz"


@bad(".npz, 1 TB declared in 100 bytes", "would unpack to 1,000,000,000,000 bytes")
def _(folder: Path) -> Path:
    path = folder / "model.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"x" * 100)
        archive.filelist[0].file_size = 10**12  # the directory is written from this
    return path


@bad(".npz, shape larger than its data", "of shape (150, 150), 90,000 bytes, but has 64")
def _(folder: Path) -> Path:
    member = io.BytesIO()
    declared = {"descr": "<f4", "fortran_order": False, "shape": (150, 150)}
    np.lib.format.write_array_header_1_0(member, declared)
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        archive.writestr("embedding/kernel.npy", member.getvalue() + bytes(64))
    return folder / "model.npz"


@bad(".npz, shape of 4,000 digits", "embedding/kernel is declared longer than its")
def _(folder: Path) -> Path:
    member = io.BytesIO()
    declared = {"descr": "<f4", "fortran_order": False, "shape": (10**4000, 10**4000)}
    np.lib.format.write_array_header_1_0(member, declared)
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        archive.writestr("embedding/kernel.npy", member.getvalue())
    return folder / "model.npz"


@bad(".npz, header that never ends", "embedding/kernel is no NumPy array")
def _(folder: Path) -> Path:
    text = b"{'descr': '<f4', 'shape': (\x00"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        archive.writestr("embedding/kernel.npy", array)
    return folder / "model.npz"


@bad(".npz, no arrays in it", "is no NumPy array")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        archive.writestr("embedding/kernel.npy", "__import__('os').mkdir('executed')")
    return folder / "model.npz"


@bad(".npz, wrong checksum", "is a damaged .npz file")
def _(folder: Path) -> Path:
    path = folder / "model.npz"
    array = np.arange(1000.0)
    save_arrays(path, {"embedding/kernel": array})
    return written(
        folder, path.name, path.read_bytes().replace(array[500:501].tobytes(), b"12345678")
    )


@bad(".npz, two members that readers may confuse", "names members twice: a.npy")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        archive.writestr("a.npy", b"")
        archive.writestr("A.npy", b"")
    return folder / "model.npz"


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
