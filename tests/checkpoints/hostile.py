"""Bad files, as one table: who writes the file, and what the error must say.

Files that are none; bad safetensors, pickles and arrays, truncated, lying about sizes, or made to
run code; and files in good order whose parameters, or the words beside them, make no ViT.
"""

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
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.checkpoints.libraries import (
    google_arrays,
    pretrained,
    save_arrays,
    sharded,
    tiny_timm,
    tiny_torchvision,
    transformers_model,
)

Make = Callable[[Path], Path]
OLD = {"_use_new_zipfile_serialization": False}  # as before torch 1.6
SAFE, PTH, NPZ = "model.safetensors", "model.pth", "model.npz"


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


def file(name: str, content: bytes | Callable[[Path], bytes] = b"") -> Make:
    """Return who writes a file."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content(folder))
        return folder / name

    return make


def files(*names: str) -> Make:
    """Return who makes a folder with empty files."""

    def make(folder: Path) -> Path:
        for name in names:
            (folder / name).touch()
        return folder

    return make


def link(target: str) -> Make:
    return lambda folder: (folder / PTH).symlink_to(target) or folder / PTH


def state(**changes: Tensor | None) -> dict[str, Tensor]:
    """A good state dict, with some parameters changed, added, or taken out (None)."""
    changed = {**tiny_timm().state_dict(), **changes}
    return {name: value.contiguous() for name, value in changed.items() if value is not None}


def safe(tensors: Callable[[], dict[str, Tensor]]) -> Make:
    return lambda folder: save_file(tensors(), folder / SAFE) or folder / SAFE


def changed(name: str, value: Tensor | None) -> Make:
    """Return who writes a good state dict with one parameter changed, added or taken out."""
    return safe(lambda: state(**{name: value}))


def marked(name: str, place: tuple, value: float) -> Make:
    """Return who writes a good state dict with one number, or some, replaced."""

    def tensors() -> dict[str, Tensor]:
        found = state()
        found[name][place] = value
        return found

    return safe(tensors)


def pth(content: Callable[[Path], Any], **options: Any) -> Make:
    """Return who saves a content by `torch.save`."""
    return lambda folder: torch.save(content(folder), folder / PTH, **options) or folder / PTH


def rewritten(make: Make, change: Callable[[bytes], bytes]) -> Make:
    """Return who changes the bytes of a good file."""

    def remake(folder: Path) -> Path:
        path = make(folder)
        path.write_bytes(change(path.read_bytes()))
        return path

    return remake


def zipped(name: str, members: dict[str, bytes], way: int = zipfile.ZIP_STORED) -> Make:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", way) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return folder / name

    return make


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: list[int], *offsets: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def array(shape: tuple[int, ...], data: bytes = b"") -> bytes:
    member = io.BytesIO()
    declared = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(member, declared)
    return member.getvalue() + data


def npz(**arrays: Any) -> Make:
    return lambda folder: save_arrays(folder / NPZ, {"embedding/kernel": np.zeros(3), **arrays})


def google(change: dict[str, Any] | Callable[[Path], dict[str, Any]], **options: Any) -> Make:
    """Return who writes Google's arrays with some changed, added or taken out (None)."""

    def make(folder: Path) -> Path:
        changes = change(folder) if callable(change) else change
        arrays = google_arrays(tiny_timm(), **options) | changes
        return save_arrays(folder / NPZ, {k: v for k, v in arrays.items() if v is not None})

    return make


def attention(name: str, value: Any) -> Make:
    return google({f"Transformer/encoderblock_0/MultiHeadDotProductAttention_1/{name}": value})


def declared_a_terabyte(folder: Path) -> Path:
    with zipfile.ZipFile(folder / NPZ, "w") as archive:
        archive.writestr("a.npy", b"x" * 100)
        archive.filelist[0].file_size = 10**12  # the directory is written from this
    return folder / NPZ


def with_a_password(content: bytes) -> bytes:
    found = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found[found.index(signature) + offset] |= 1
    return bytes(found)


def with_a_zip_behind(folder: Path) -> Path:
    good = GOOD_PTH(folder).read_bytes()
    return rewritten(pth(lambda _: {"log": Filler()}, **OLD), lambda bad: bad + good)(folder)


def long_config(folder: Path) -> Path:
    os.truncate(vit_folder(folder) / "config.json", 100_000_000)
    return folder / "saved"


def vit_folder(folder: Path) -> Path:
    return pretrained(transformers_model("ViTForImageClassification"), folder)


def beside(name: str, content: bytes) -> Make:
    """Return who writes a file into a good folder of transformers."""
    return lambda folder: file(name, content)(vit_folder(folder)).parent


def index(content: Any) -> Make:
    text = json.dumps({"weight_map": content}).encode()
    return lambda folder: file("model.safetensors.index.json", text)(folder).parent


def shards(change: Callable[[Path], object]) -> Make:
    """Return who changes the second shard of a good folder."""

    def make(folder: Path) -> Path:
        path = sharded(transformers_model("ViTForImageClassification"), folder)
        change(next(path.glob("model-00002-*.safetensors")))
        return path

    return make


def without_value(folder: Path) -> Path:
    path = vit_folder(folder) / SAFE
    tensors = load_file(path)
    del tensors["vit.encoder.layer.0.attention.attention.value.weight"]
    save_file(tensors, path)
    return path


def repeated_query(folder: Path) -> dict[str, Tensor]:
    tensors = transformers_model("ViTForImageClassification").state_dict()
    return tensors | {"vit.layers.0.attention.q_proj.weight": HUGE}


HUGE = torch.zeros(1).expand(10**6, 10**6)
ONES = torch.ones(9)
GOOD_SAFE, GOOD_PTH = safe(state), pth(lambda folder: state())
NUMBERS = np.arange(1000.0)
DEEP = b'{"a":' + b"[" * 100_000
ENDLESS = b"{'descr': '<f4', 'shape': (\x00"
FEW = bytes(4)
DAMAGED, DAMAGED_NPZ = "is a damaged safetensors file", "is a damaged or hostile .npz file"
ASKS = "is a pickle that asks for {} what tensors do not need"
BOMB = {"model/data.pkl": b"\x80\x02}.", "model/data/0": bytes(100_000_000)}
REPEATED = "1,000,000,000,000 numbers, and the file stores 1"
TEXT = b"These are not the weights you are looking for."
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0"

BAD: dict[str, tuple[Make, str]] = {  # what is bad: who makes it, and what the error must say
    "no such file": (lambda folder: folder / SAFE, "there is no file"),
    "link to nowhere": (link("nowhere.pth"), "is a link to nowhere.pth, which is not there"),
    "link to itself": (link(PTH), "is a link to model.pth, which is not there"),
    "pipe": (
        lambda folder: os.mkfifo(folder / PTH) or folder / PTH,
        "is a device or pipe; expected a file",
    ),
    "empty file": (file(SAFE), "is empty"),
    "text renamed": (file(SAFE, TEXT), "is text that starts with 'These are not"),
    "web page instead of a download": (
        file(PTH, b"<!doctype html><title>404</title>"), "is a web page",
    ),
    "Git LFS pointer": (file("model.bin", LFS), "is a Git LFS pointer"),
    "HDF5": (file("model.h5", b"\x89HDF\r\n\x1a\n" + bytes(64)), "is an HDF5 file"),
    "ONNX": (file("weights", b"\x08\x08\x12\x07pytorch\x1a\x05"), "weights is an ONNX graph;"),
    "TensorFlow Lite": (
        file("weights", b"\x1c\0\0\0TFL3\x14\0"), "weights is a TensorFlow Lite file;",
    ),
    "msgpack": (file("weights", b"\x81\xa6params\x83"), "weights is a msgpack file (Flax);"),
    "random bytes": (file("model.bin", b"\x07\xff\x00\x9c" * 64), "of no known format"),
    "empty folder": (files(), "holds no files of weights"),
    "folder with other things": (files("README.md"), "holds no files of weights"),
    "folder with two models": (files("one.pth", "two.pth"), "holds 2 files of weights"),
    "zip of documents": (
        zipped(PTH, {"letter.txt": b"Dear reader"}), "neither torch's data.pkl nor arrays",
    ),
    # safetensors
    "safetensors, truncated": (rewritten(GOOD_SAFE, lambda good: good[:-1000]), DAMAGED),
    "safetensors, with a tail": (rewritten(GOOD_SAFE, lambda good: good + b"#!/bin/sh"), DAMAGED),
    "safetensors, header cut off": (rewritten(GOOD_SAFE, lambda good: good[:100]), DAMAGED),
    "safetensors, header of 2^63 bytes": (
        file(SAFE, struct.pack("<Q", 2**63) + b"{}" + bytes(100)), DAMAGED,
    ),
    "safetensors, header no JSON": (
        file(SAFE, struct.pack("<Q", 8) + b"{weights" + bytes(8)), DAMAGED,
    ),
    "safetensors, header nested 100,000 deep": (
        file(SAFE, struct.pack("<Q", len(DEEP)) + DEEP), DAMAGED,
    ),
    "safetensors, shape larger than its data": (
        file(SAFE, header({"pos_embed": entry([10**6, 10**6], 0, 4)}, FEW)), DAMAGED,
    ),
    "safetensors, an end of 4,300 digits": (
        file(SAFE, header({"pos_embed": entry([1], 0, 10**4300 - 1)}, FEW)), DAMAGED,
    ),
    "safetensors, an unknown dtype": (
        file(SAFE, header({"pos_embed": entry([1], 0, 4, dtype="X")}, FEW)), DAMAGED,
    ),
    "safetensors, tensors that overlap": (
        file(SAFE, header({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, 3 * FEW)), DAMAGED,
    ),
    # pickles
    "pickle with code, alone": (
        file(PTH, lambda folder: pickle.dumps(Evil(folder))),
        "a plain pickle, which can run code and is not opened",
    ),
    "pickle with code, in .npz": (
        google(lambda folder: {"cls": np.array([Evil(folder)], dtype=object)}),
        "Object arrays cannot be loaded when allow_pickle=False",
    ),
    ".pth, code": (
        pth(lambda folder: {"state_dict": state(), "epoch": Evil(folder)}),
        ASKS.format("posix.mkdir;"),
    ),
    ".pth, code, torch before 1.6": (
        pth(lambda folder: {"a": Evil(folder)}, **OLD), ASKS.format("posix.mkdir;"),
    ),
    ".pth, 10 GB made by its instructions": (
        pth(lambda folder: {"model": state(), "log": Filler()}), ASKS.format("bytearray;"),
    ),
    ".pth, the same before 1.6": (
        pth(lambda folder: {"log": Filler()}, **OLD), ASKS.format("bytearray;"),
    ),
    ".pth, the same with a zip behind it": (with_a_zip_behind, "asks for bytearray"),
    ".pth, the whole model": (
        pth(lambda folder: tiny_timm()),
        ASKS.format("timm.models.vision_transformer.VisionTransformer;"),
    ),
    ".pth, truncated": (rewritten(GOOD_PTH, lambda good: good[:-5000]), "is damaged or truncated"),
    ".pth, bytes changed": (
        rewritten(GOOD_PTH, lambda good: good.replace(b"_rebuild_tensor_v2", b"\x80" * 18, 1)),
        "damaged, truncated or hostile",
    ),
    ".pth, one number repeated 10^12 times": (
        pth(lambda folder: tiny_timm().state_dict() | {"head.weight": HUGE}), REPEATED,
    ),
    ".pth, one query repeated 10^12 times": (pth(repeated_query), REPEATED),
    ".pth, no tensors": (
        pth(lambda folder: {"epoch": 3, "accuracy": 0.9}),
        "holds a dictionary with accuracy, epoch",
    ),
    ".pth, a list": (
        pth(lambda folder: [torch.zeros(3)]), "holds list; expected a state dict",
    ),
    ".pth, zip bomb": (zipped(PTH, BOMB, zipfile.ZIP_DEFLATED), "as a zip bomb does"),
    ".pth, 8-bit floats": (
        pth(lambda folder: state(**{"head.weight": torch.zeros(7, 64).to(torch.float8_e4m3fn)})),
        "is float8_e4m3fn; expected",
    ),
    ".pth, sparse weights": (
        pth(lambda folder: tiny_timm().state_dict() | {"head.weight": torch.eye(7).to_sparse()}),
        "head.weight is not a plain dense tensor",
    ),
    # arrays
    ".npz, zip bomb": (
        zipped(NPZ, {"embedding/kernel.npy": bytes(100_000_000)}, zipfile.ZIP_DEFLATED),
        "as a zip bomb does",
    ),
    ".npz, 1 TB declared in 100 bytes": (
        declared_a_terabyte, "would unpack to 1,000,000,000,000 bytes",
    ),
    ".npz, two members that readers may confuse": (
        zipped(NPZ, {"a.npy": b"", "A.npy": b""}), "names a member twice",
    ),
    ".npz, shape larger than its data": (
        zipped(NPZ, {"embedding/kernel.npy": array((150, 150), bytes(64))}), DAMAGED_NPZ,
    ),
    ".npz, 1 TB declared by its shape": (
        zipped(NPZ, {"embedding/kernel.npy": array((10**6, 250_000), bytes(64))}), DAMAGED_NPZ,
    ),
    ".npz, shape of 4,000 digits": (
        zipped(NPZ, {"embedding/kernel.npy": array((10**4000, 10**4000))}), DAMAGED_NPZ,
    ),
    ".npz, header that never ends": (
        zipped(NPZ, {"embedding/kernel.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", len(ENDLESS))
                     + ENDLESS}),
        DAMAGED_NPZ,
    ),
    ".npz, no arrays in it": (
        zipped(NPZ, {"embedding/kernel.npy": b"__import__('os').mkdir('executed')"}),
        "embedding/kernel is of dtype None; expected floats",
    ),
    ".npz, wrong checksum": (
        rewritten(
            npz(**{"embedding/kernel": NUMBERS}),
            lambda good: good.replace(NUMBERS[500:501].tobytes(), b"12345678"),
        ),
        f"{DAMAGED_NPZ}: Bad CRC-32",
    ),
    ".npz, with a password": (rewritten(npz(), with_a_password), "is encrypted, password required"),
    ".npz, texts": (
        npz(**{"embedding/kernel": np.array(["no", "float"])}), "is of dtype <U5; expected floats",
    ),
    # in good order, and no ViT
    "NaN weights": (
        marked("blocks.1.mlp.fc1.weight", (3, 4), float("nan")),
        "blocks.1.mlp.fc1.weight is not finite: 1 of its 16,384 numbers",
    ),
    "infinite weights": (
        marked("pos_embed", (0, slice(None), 5), float("inf")), "pos_embed is not finite: 17 of",
    ),
    "wrong shape": (
        changed("blocks.0.attn.proj.weight", torch.zeros(64, 63)),
        "blocks.0.attn.proj.weight has shape (64, 63); expected (64, 64)",
    ),
    "no square of positions": (
        changed("pos_embed", torch.zeros(1, 13, 64)), "has 13 rows, which is no square grid",
    ),
    "parameter missing": (
        changed("blocks.1.norm2.bias", None),
        "1 parameter is missing (in timm's names): blocks.1.norm2.bias",
    ),
    "5,000 blocks": (
        safe(lambda: state(**{f"blocks.{i}.norm1.bias": torch.zeros(1) for i in range(5000)})),
        "found 5,000 blocks, expected at most 1,024",
    ),
    "block missing": (
        safe(lambda: {k.replace("blocks.1.", "blocks.999999999."): v for k, v in state().items()}),
        "blocks must be counted 0, 1, 2",
    ),
    "parameters of another model": (
        changed("blocks.0.rope.freqs", torch.zeros(3)),
        "1 parameter is unknown in a ViT of the timm layout",
    ),
    "whole numbers": (
        changed("head.weight", torch.zeros(7, 64, dtype=torch.int64)),
        "is int64; expected float16, bfloat16, float32 or float64",
    ),
    "complex numbers": (
        changed("head.weight", torch.zeros(7, 64, dtype=torch.complex64)),
        "is complex64; expected",
    ),
    "8-bit floats": (
        changed("head.weight", torch.zeros(7, 64).to(torch.float8_e4m3fn)),
        "is float8_e4m3fn; expected",
    ),
    "the same parameter twice": (
        changed("blocks.0.mlp.w12.bias", torch.zeros(256)),
        "mlp.w12.bias and blocks.0.mlp.fc1.bias are the same parameter",
    ),
    "one number for a matrix": (
        changed("blocks.0.mlp.fc2.weight", torch.zeros(())),
        "blocks.0.mlp.fc2.weight has shape (); expected 2 axes",
    ),
    "another architecture": (
        safe(lambda: {"conv1.weight": torch.zeros(64, 3, 7, 7), "fc.bias": ONES}),
        "of no known layout; expected a ViT",
    ),
    "two models in one file": (
        safe(lambda: {f"{who}.{k}": v for who in ("student", "teacher")
                      for k, v in state().items()}),
        "found 2 ViTs in one file",
    ),
    "query without its value": (without_value, "the value is missing beside vit.encoder.layer.0."),
    "torchvision's convolutional stem": (
        pth(lambda _: tiny_torchvision().state_dict() | {"conv_proj.conv_last.bias": ONES}),
        "conv_proj.conv_last.bias",
    ),
    "Google's, no query": (attention("query/kernel", None), "the query is missing beside"),
    "Google's, heads not apart": (
        attention("key/kernel", np.zeros((64, 64))), "expected (dim, head, dim)",
    ),
    "Google's, heads that differ": (
        attention("value/bias", np.zeros(3)), "expected parameters of one shape",
    ),
    "Google's, attention pooling": (
        google({"MAPHead_0/probe": np.zeros((1, 1, 64))}),
        "the model has attention pooling (MAPHead_0/probe)",
    ),
    "Google's, a hybrid": (
        google({"conv_root/kernel": np.zeros((7, 7, 3, 64))}),
        "unknown in a ViT of the google layout: conv_root/kernel",
    ),
    "Google's, stacked without a stack": (
        google({"Transformer/encoderblock/LayerNorm_0/scale": np.array(1.0)}, stacked=True),
        "encoderblock/LayerNorm_0/scale has shape (); expected",
    ),
    # words beside the weights
    "config.json, no JSON": (beside("config.json", b"{'size': 64}"), "config.json is no JSON"),
    "config.json, nested 100,000 deep": (
        beside("config.json", b"[" * 100_000), "config.json is no JSON",
    ),
    "config.json, a list": (
        beside("config.json", b"[1, 2]"), "holds a list; expected an object",
    ),
    "config.json, 100 MB": (
        long_config, "config.json has 100,000,000 bytes; expected at most",
    ),
    "preprocessor_config.json, images divided by zero": (
        beside("preprocessor_config.json", b'{"image_std": [0, 0, 0]}'),
        "images cannot be prepared as the file says: std must be positive",
    ),
    "index, a path outside": (
        index({"a": "../../secret.bin"}), "names '../../secret.bin'; expected files beside it",
    ),
    "index, no map": (index([1, 2]), "must map parameters to files in its weight_map"),
    "index, 2,000 files": (
        index({str(i): f"{i}.safetensors" for i in range(2000)}),
        "names 2,000 files, at most 1,000",
    ),
    "shard missing": (shards(Path.unlink), "there is no file"),
    "shard without what the index promises": (
        shards(lambda path: save_file({"a": torch.zeros(1)}, path)),
        "model-00002-of-00004.safetensors lacks",
    ),
    "pooler that is no tanh": (
        lambda folder: pretrained(transformers_model("ViTModel", pooler_act="relu"), folder),
        "the pooler's activation is 'relu'; expected 'tanh'",
    ),
    "pooling by the largest": (
        lambda folder: file("config.json", b'{"global_pool": "max"}')(GOOD_SAFE(folder).parent)
        .parent,
        "the model pools by 'max'; expected one of",
    ),
}  # fmt: skip
