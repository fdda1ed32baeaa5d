"""Bad checkpoints, each with what its error must say; `test_hostile` opens them all."""

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
from safetensors.torch import save_file
from torch import Tensor

from tests.checkpoints.libraries import (
    google_arrays,
    pretrained,
    save_arrays,
    sharded,
    tiny_timm,
    transformers_model,
)

Make = Callable[[Path], Path]
BAD: dict[str, tuple[Make, str]] = {}  # what is bad: who makes it, and what the error must say


def bad(what: str, said: str) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        BAD[what] = make, said
        return make

    return register


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


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


# --- files that are something else


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


# --- safetensors


@bad("safetensors, truncated", "is truncated or has a tail")
def _(folder: Path) -> Path:
    path = saved(folder, state())
    return written(folder, path.name, path.read_bytes()[:-1000])


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


@bad("safetensors, tensors that overlap", "damaged safetensors file")
def _(folder: Path) -> Path:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    other = {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}
    return written(folder, "model.safetensors", header({"a": entry, "b": other}, bytes(12)))


# --- pickles


@bad("pickle with code, alone", "a plain pickle, which can run code and is not opened")
def _(folder: Path) -> Path:
    return written(folder, "model.pth", pickle.dumps(Evil(folder)))


@bad("pickle with code, in .pth", "asks for posix.mkdir, which could run code")
def _(folder: Path) -> Path:
    return torch_saved(folder, {"state_dict": state(), "epoch": Evil(folder)})


@bad("pickle with code, torch before 1.6", "asks for posix.mkdir, which could run code")
def _(folder: Path) -> Path:
    return torch_saved(folder, {"a": Evil(folder)}, _use_new_zipfile_serialization=False)


@bad("pickle with code, in .npz", "holds pickled Python objects")
def _(folder: Path) -> Path:
    arrays = google_arrays(tiny_timm()) | {"cls": np.array([Evil(folder)], dtype=object)}
    return save_arrays(folder / "model.npz", arrays)


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
        archive.writestr("model/data/0", bytes(200_000_000))
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


# --- arrays


@bad(".npz, zip bomb", "as a zip bomb does")
def _(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "model.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("embedding/kernel.npy", bytes(200_000_000))
    return folder / "model.npz"


@bad(".npz, 1 TB declared in 100 bytes", "would unpack to 1,000,000,000,000 bytes")
def _(folder: Path) -> Path:
    path = folder / "model.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"x" * 100)
        archive.filelist[0].file_size = 10**12  # the directory is written from this
    return path


@bad(".npz, shape larger than its data", "is declared as float32 of shape (1000000, 1000000)")
def _(folder: Path) -> Path:
    member = io.BytesIO()
    declared = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(member, declared)
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        archive.writestr("embedding/kernel.npy", member.getvalue() + bytes(64))
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


# --- parameters


@bad("NaN weights", "blocks.1.mlp.fc1.weight is not finite: 1 of its 16,384 numbers")
def _(folder: Path) -> Path:
    tensors = state()
    tensors["blocks.1.mlp.fc1.weight"][3, 4] = float("nan")
    return saved(folder, tensors)


@bad("infinite weights", "pos_embed is not finite: 17 of")
def _(folder: Path) -> Path:
    tensors = state()
    tensors["pos_embed"][0, :, 5] = float("inf")
    return saved(folder, tensors)


@bad("wrong shape", "blocks.0.attn.proj.weight has shape (64, 63); expected (64, 64)")
def _(folder: Path) -> Path:
    return saved(folder, state(blocks__0__attn__proj__weight=torch.zeros(64, 63)))


@bad("no square of positions", "has 13 rows, which is no square grid")
def _(folder: Path) -> Path:
    return saved(folder, state(pos_embed=torch.zeros(1, 13, 64)))


@bad("parameter missing", "1 parameter is missing (in timm's names): blocks.1.norm2.bias")
def _(folder: Path) -> Path:
    return saved(folder, state(blocks__1__norm2__bias=None))


@bad("block missing", "blocks must be counted 0, 1, 2")
def _(folder: Path) -> Path:
    return saved(
        folder, {k.replace("blocks.1.", "blocks.999999999."): v for k, v in state().items()}
    )


@bad("5,000 blocks", "found 5,000 blocks, expected at most 1,024")
def _(folder: Path) -> Path:
    return saved(folder, state() | {f"blocks.{i}.norm1.bias": torch.zeros(1) for i in range(5000)})


@bad(
    "parameters of another model",
    "1 parameter is unknown in a ViT of the timm layout",
)
def _(folder: Path) -> Path:
    return saved(folder, state(blocks__0__rope__freqs=torch.zeros(3)))


@bad("whole numbers", "is int64; expected float16, bfloat16, float32 or float64")
def _(folder: Path) -> Path:
    return saved(folder, state(head__weight=torch.zeros(7, 64, dtype=torch.int64)))


@bad("complex numbers", "is complex64; expected")
def _(folder: Path) -> Path:
    return saved(folder, state(head__weight=torch.zeros(7, 64, dtype=torch.complex64)))


@bad("8-bit floats", "is float8_e4m3fn; expected")
def _(folder: Path) -> Path:
    return saved(folder, state(head__weight=torch.zeros(7, 64).to(torch.float8_e4m3fn)))


@bad(".pth, 10 GB made by its instructions", "asks for __builtin__.bytearray")
def _(folder: Path) -> Path:
    return torch_saved(folder, {"model": state(), "log": Filler()})


@bad(".pth, one query repeated 10^12 times", "1,000,000,000,000 numbers, and the file stores 1")
def _(folder: Path) -> Path:
    tensors = transformers_model("ViTForImageClassification").state_dict()
    name = "vit.layers.0.attention.q_proj.weight"
    return torch_saved(folder, tensors | {name: torch.zeros(1).expand(10**6, 10**6)})


@bad("sparse weights", "asks for torch._utils._rebuild_sparse_tensor")
def _(folder: Path) -> Path:
    return torch_saved(folder, state(head__weight=torch.eye(7, 64).to_sparse()))


@bad("another architecture", "of no known layout; expected a ViT")
def _(folder: Path) -> Path:
    return saved(folder, {"conv1.weight": torch.zeros(64, 3, 7, 7), "fc.bias": torch.zeros(9)})


@bad("two models in one file", "found 2 ViTs in one file")
def _(folder: Path) -> Path:
    tensors = {
        f"{who}.{k}": v.clone() for who in ("student", "teacher") for k, v in state().items()
    }
    return saved(folder, tensors)


# --- Hugging Face's folders


def vit_folder(folder: Path) -> Path:
    return pretrained(transformers_model("ViTForImageClassification"), folder)


@bad("config.json that is no JSON", "config.json is no JSON")
def _(folder: Path) -> Path:
    written(vit_folder(folder), "config.json", b"{'hidden_size': 64}")
    return folder / "saved"


@bad("config.json nested 100,000 deep", "config.json is no JSON")
def _(folder: Path) -> Path:
    written(vit_folder(folder), "config.json", b"[" * 100_000)
    return folder / "saved"


@bad("index that names a path outside", "names '../../secret.bin'; expected files beside it")
def _(folder: Path) -> Path:
    index = {"weight_map": {"a": "../../secret.bin"}}
    return written(folder, "model.safetensors.index.json", json.dumps(index).encode()).parent


@bad("shard missing", "there is no file")
def _(folder: Path) -> Path:
    path = sharded(transformers_model("ViTForImageClassification"), folder)
    next(path.glob("model-00002-*.safetensors")).unlink()
    return path


@bad("key without its query", "attention.query.weight")
def _(folder: Path) -> Path:
    from safetensors.torch import load_file

    path = vit_folder(folder) / "model.safetensors"
    tensors = load_file(path)
    del tensors["vit.encoder.layer.0.attention.attention.value.weight"]
    save_file(tensors, path)
    return path
