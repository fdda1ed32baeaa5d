"""Files in good order whose parameters, or the words beside them, make no ViT."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.checkpoints.hostile import Make, bad, saved, state, torch_saved, written
from tests.checkpoints.libraries import (
    google_arrays,
    pretrained,
    save_arrays,
    sharded,
    tiny_timm,
    tiny_torchvision,
    transformers_model,
)


@bad("NaN weights", "blocks.1.mlp.fc1.weight is not finite: 1 of its 16,384 numbers")
def _(folder: Path) -> Path:
    tensors = state()
    tensors["blocks.1.mlp.fc1.weight"][3, 4] = float("nan")
    return saved(folder, tensors)


WEIGHTS: dict[str, tuple[Callable[..., Path], dict[str, Tensor | None], str]] = {
    "wrong shape": (
        saved, {"blocks.0.attn.proj.weight": torch.zeros(64, 63)},
        "blocks.0.attn.proj.weight has shape (64, 63); expected (64, 64)",
    ),
    "no square of positions": (
        saved, {"pos_embed": torch.zeros(1, 13, 64)},
        "has 13 rows, which is no square grid",
    ),
    "parameter missing": (
        saved, {"blocks.1.norm2.bias": None},
        "1 parameter is missing (in timm's names): blocks.1.norm2.bias",
    ),
    "5,000 blocks": (
        saved, {f"blocks.{i}.norm1.bias": torch.zeros(1) for i in range(5000)},
        "found 5,000 blocks, expected at most 1,024",
    ),
    "parameters of another model": (
        saved, {"blocks.0.rope.freqs": torch.zeros(3)},
        "1 parameter is unknown in a ViT of the timm layout",
    ),
    "whole numbers": (
        saved, {"head.weight": torch.zeros(7, 64, dtype=torch.int64)},
        "is int64; expected float16, bfloat16, float32 or float64",
    ),
    "complex numbers": (
        saved, {"head.weight": torch.zeros(7, 64, dtype=torch.complex64)},
        "is complex64; expected",
    ),
    "8-bit floats": (
        saved, {"head.weight": torch.zeros(7, 64).to(torch.float8_e4m3fn)},
        "is float8_e4m3fn; expected",
    ),
    "8-bit floats, in .pth": (
        torch_saved, {"head.weight": torch.zeros(7, 64).to(torch.float8_e4m3fn)},
        "is float8_e4m3fn; expected",
    ),
    "sparse weights": (
        torch_saved, {"head.weight": torch.eye(7, 64).to_sparse()},
        "head.weight is not a plain dense tensor",
    ),
    "the same parameter twice": (
        saved, {"blocks.0.mlp.w12.bias": torch.zeros(256)},
        "mlp.w12.bias and blocks.0.mlp.fc1.bias are the same parameter",
    ),
    "one number for a matrix": (
        saved, {"blocks.0.mlp.fc2.weight": torch.zeros(())},
        "blocks.0.mlp.fc2.weight has shape (); expected 2 axes",
    ),
}  # fmt: skip
for what, (save, changes, said) in WEIGHTS.items():

    @bad(what, said)
    def _(folder: Path, save=save, changes=changes) -> Path:
        return save(folder, state(**changes))


@bad("infinite weights", "pos_embed is not finite: 17 of")
def _(folder: Path) -> Path:
    tensors = state()
    tensors["pos_embed"][0, :, 5] = float("inf")
    return saved(folder, tensors)


@bad("block missing", "blocks must be counted 0, 1, 2")
def _(folder: Path) -> Path:
    return saved(
        folder, {k.replace("blocks.1.", "blocks.999999999."): v for k, v in state().items()}
    )


@bad(".pth, one query repeated 10^12 times", "1,000,000,000,000 numbers, and the file stores 1")
def _(folder: Path) -> Path:
    tensors = transformers_model("ViTForImageClassification").state_dict()
    name = "vit.layers.0.attention.q_proj.weight"
    return torch_saved(folder, tensors | {name: torch.zeros(1).expand(10**6, 10**6)})


@bad("another architecture", "of no known layout; expected a ViT")
def _(folder: Path) -> Path:
    return saved(folder, {"conv1.weight": torch.zeros(64, 3, 7, 7), "fc.bias": torch.zeros(9)})


@bad("two models in one file", "found 2 ViTs in one file")
def _(folder: Path) -> Path:
    tensors = {
        f"{who}.{k}": v.clone() for who in ("student", "teacher") for k, v in state().items()
    }
    return saved(folder, tensors)


def vit_folder(folder: Path) -> Path:
    return pretrained(transformers_model("ViTForImageClassification"), folder)


WORDS = {  # what is bad: the file beside the weights, its bytes, what the error must say
    "no JSON": ("config.json", b"{'hidden_size': 64}", "config.json is no JSON"),
    "JSON nested 100,000 deep": ("config.json", b"[" * 100_000, "config.json is no JSON"),
    "JSON that is a list": ("config.json", b"[1, 2]", "holds a list; expected an object"),
    "images divided by zero": (
        "preprocessor_config.json", b'{"image_std": [0, 0, 0]}',
        "images cannot be prepared as the file says: std must be positive",
    ),
}  # fmt: skip
for what, (name, content, said) in WORDS.items():

    @bad(f"{name}, {what}", said)
    def _(folder: Path, name: str = name, content: bytes = content) -> Path:
        written(vit_folder(folder), name, content)
        return folder / "saved"


INDICES: dict[str, tuple[Any, str]] = {
    "a path outside": (
        {"a": "../../secret.bin"}, "names '../../secret.bin'; expected files beside it",
    ),
    "no map": ([1, 2], "must map parameters to files in its weight_map"),
    "2,000 files": (
        {str(i): f"{i}.safetensors" for i in range(2000)}, "names 2,000 files, at most 1,000",
    ),
}  # fmt: skip
for what, (content, said) in INDICES.items():

    @bad(f"index, {what}", said)
    def _(folder: Path, content: Any = content) -> Path:
        text = json.dumps({"weight_map": content}).encode()
        return written(folder, "model.safetensors.index.json", text).parent


@bad("shard missing", "there is no file")
def _(folder: Path) -> Path:
    path = sharded(transformers_model("ViTForImageClassification"), folder)
    next(path.glob("model-00002-*.safetensors")).unlink()
    return path


@bad("query without its value", "value.weight is missing beside")
def _(folder: Path) -> Path:
    from safetensors.torch import load_file

    path = vit_folder(folder) / "model.safetensors"
    tensors = load_file(path)
    del tensors["vit.encoder.layer.0.attention.attention.value.weight"]
    save_file(tensors, path)
    return path


@bad("shard without what the index promises", "model-00002-of-00004.safetensors lacks")
def _(folder: Path) -> Path:
    path = sharded(transformers_model("ViTForImageClassification"), folder)
    save_file({"a": torch.zeros(1)}, next(path.glob("model-00002-*.safetensors")))
    return path


@bad("config.json of 100 MB", "config.json has 100,000,000 bytes; expected at most")
def _(folder: Path) -> Path:
    os.truncate(vit_folder(folder) / "config.json", 100_000_000)
    return folder / "saved"


@bad("pooler that is no tanh", "the pooler's activation is 'relu'; expected 'tanh'")
def _(folder: Path) -> Path:
    return pretrained(transformers_model("ViTModel", pooler_act="relu"), folder)


@bad("pooling by the largest", "the model pools by 'max'; expected one of")
def _(folder: Path) -> Path:
    saved(folder, state())
    written(folder, "config.json", b'{"global_pool": "max"}')
    return folder


@bad("torchvision's convolutional stem", "conv_proj.conv_last.bias")
def _(folder: Path) -> Path:
    tensors = tiny_torchvision().state_dict()
    return torch_saved(folder, tensors | {"conv_proj.conv_last.bias": torch.zeros(64)})


GOOGLE_BAD = {
    "Google's, no query": ({"query/kernel": None}, "the query is missing beside"),
    "Google's, heads not apart": ({"key/kernel": np.zeros((64, 64))}, "expected (dim, head, dim)"),
    "Google's, heads that differ": (
        {"value/bias": np.zeros(3)},
        "expected parameters of one shape",
    ),
}


def google_with(changes: dict[str, Any]) -> Make:
    def make(folder: Path) -> Path:
        arrays = google_arrays(tiny_timm())
        for name, value in changes.items():
            arrays[f"Transformer/encoderblock_0/MultiHeadDotProductAttention_1/{name}"] = value
        kept = {name: value for name, value in arrays.items() if value is not None}
        return save_arrays(folder / "model.npz", kept)

    return make


for what, (changes, said) in GOOGLE_BAD.items():
    bad(what, said)(google_with(changes))


@bad("Google's, attention pooling", "the model has attention pooling (MAPHead_0/probe)")
def _(folder: Path) -> Path:
    arrays = google_arrays(tiny_timm()) | {"MAPHead_0/probe": np.zeros((1, 1, 64))}
    return save_arrays(folder / "model.npz", arrays)


@bad("Google's, a hybrid", "unknown in a ViT of the google layout: conv_root/kernel")
def _(folder: Path) -> Path:
    arrays = google_arrays(tiny_timm()) | {"conv_root/kernel": np.zeros((7, 7, 3, 64))}
    return save_arrays(folder / "model.npz", arrays)


@bad("Google's, stacked without a stack", "encoderblock/LayerNorm_0/scale has shape (); expected")
def _(folder: Path) -> Path:
    arrays = google_arrays(tiny_timm(), stacked=True)
    return save_arrays(
        folder / "model.npz", arrays | {"Transformer/encoderblock/LayerNorm_0/scale": np.array(1.0)}
    )
