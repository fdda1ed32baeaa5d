"""Models of the real libraries with random weights, and checkpoints that they write themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from timm.models.deit import VisionTransformerDistilled
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from torchvision.models.vision_transformer import VisionTransformer as TorchvisionViT

from tests.compare.parity import randomise

Write = Callable[[nn.Module, Path], Path]


def random(make: Callable[[], nn.Module], seed: int = 0) -> Any:
    """A library's model, none of whose parameters is what it starts with; in evaluation mode."""
    with torch.device("meta"):  # initial weights would take longer than ours
        model = make()
    model = model.to_empty(device="cpu")
    randomise(model, torch.empty(0), seed)
    return model.eval()


def tiny_timm(distilled: bool = False, **options: Any) -> Any:
    sizes = {"img_size": 32, "patch_size": 8, "embed_dim": 64, "depth": 2, "num_heads": 1}
    kind = VisionTransformerDistilled if distilled else VisionTransformer
    return random(lambda: kind(**{**sizes, "num_classes": 7, **options}))


def tiny_torchvision(**options: Any) -> Any:
    return random(lambda: TorchvisionViT(32, 8, 2, 1, 64, 96, num_classes=7, **options))


def transformers_model(name: str, **options: Any) -> Any:
    """A model of transformers by its class; small unless sizes are given."""
    import transformers

    kind = getattr(transformers, name)
    sizes = {
        "image_size": 32, "patch_size": 8, "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_labels": 7,
    }  # fmt: skip
    config = kind.config_class(**{**sizes, **options})
    return random(lambda: kind(config))


def safetensors(model: nn.Module, folder: Path) -> Path:
    """As timm pushes to the hub: the state dict alone."""
    path = folder / "weights.safetensors"
    save_file(model.state_dict(), path)
    return path


def pth(model: nn.Module, folder: Path) -> Path:
    path = folder / "weights.pth"
    torch.save(model.state_dict(), path)
    return path


def before_1_6(model: nn.Module, folder: Path) -> Path:
    """torch's format before it was a zip archive."""
    path = folder / "weights.pt"
    torch.save(model.state_dict(), path, _use_new_zipfile_serialization=False)
    return path


def pretrained(model: Any, folder: Path) -> Path:
    """As transformers writes it: config.json and the names of old."""
    model.save_pretrained(folder / "saved")
    return folder / "saved"


def sharded(model: Any, folder: Path) -> Path:
    """The same in several files and an index."""
    most = max(value.nbytes for value in model.state_dict().values())
    model.save_pretrained(folder / "sharded", max_shard_size=2 * most)
    assert (folder / "sharded" / "model.safetensors.index.json").is_file()
    return folder / "sharded"


def npz(
    prefix: str = "", *, big_vision: bool = False, stacked: bool = False, **extra: np.ndarray
) -> Write:
    """A writer of Google's layout, from a timm model; what it writes is read by timm as well."""

    def write(model: nn.Module, folder: Path) -> Path:
        path = folder / "weights.npz"
        arrays = {**google_arrays(model, big_vision=big_vision, stacked=stacked), **extra}
        return save_arrays(path, {prefix + name: array for name, array in arrays.items()})

    return write


def save_arrays(path: Path, arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def google_arrays(
    model: Any, *, big_vision: bool = False, stacked: bool = False
) -> dict[str, np.ndarray]:
    """timm's parameters with the names and axes of JAX: (in, out), heads apart, images HWIO."""
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    heads = model.blocks[0].attn.num_heads
    attention, mlp, second = (0, 0, 1) if big_vision else (1, 3, 2)
    position = "pos_embedding" if big_vision else "Transformer/posembed_input/pos_embedding"
    arrays = {
        "embedding/kernel": state["patch_embed.proj.weight"].transpose(2, 3, 1, 0),
        "embedding/bias": state["patch_embed.proj.bias"],
        position: state["pos_embed"],
        "Transformer/encoder_norm/scale": state["norm.weight"],
        "Transformer/encoder_norm/bias": state["norm.bias"],
        "head/kernel": state["head.weight"].T,
        "head/bias": state["head.bias"],
    }
    if "cls_token" in state:
        arrays["cls"] = state["cls_token"]
    blocks = [
        _block(state, f"blocks.{index}", heads, attention, mlp, second)
        for index in range(len(model.blocks))
    ]
    if stacked:
        names = blocks[0].keys()
        stack = {name: np.stack([block[name] for block in blocks]) for name in names}
        return arrays | {f"Transformer/encoderblock/{name}": stack[name] for name in names}
    for index, block in enumerate(blocks):
        arrays |= {f"Transformer/encoderblock_{index}/{name}": block[name] for name in block}
    return arrays


def _block(
    state: dict[str, np.ndarray], start: str, heads: int, attention: int, mlp: int, second: int
) -> dict[str, np.ndarray]:
    arrays = {}
    for number, norm in ((0, "norm1"), (second, "norm2")):
        arrays[f"LayerNorm_{number}/scale"] = state[f"{start}.{norm}.weight"]
        arrays[f"LayerNorm_{number}/bias"] = state[f"{start}.{norm}.bias"]
    weights = np.split(state[f"{start}.attn.qkv.weight"], 3)
    biases = np.split(state[f"{start}.attn.qkv.bias"], 3)
    dim = weights[0].shape[1]
    module = f"MultiHeadDotProductAttention_{attention}"
    for part, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        arrays[f"{module}/{part}/kernel"] = weight.T.reshape(dim, heads, -1)
        arrays[f"{module}/{part}/bias"] = bias.reshape(heads, -1)
    arrays[f"{module}/out/kernel"] = state[f"{start}.attn.proj.weight"].T.reshape(heads, -1, dim)
    arrays[f"{module}/out/bias"] = state[f"{start}.attn.proj.bias"]
    for number in (0, 1):
        layer = f"{start}.mlp.fc{number + 1}"
        arrays[f"MlpBlock_{mlp}/Dense_{number}/kernel"] = state[f"{layer}.weight"].T
        arrays[f"MlpBlock_{mlp}/Dense_{number}/bias"] = state[f"{layer}.bias"]
    return arrays


def timm_reading_npz(make: Callable[[], Any], path: Path, dtype: torch.dtype) -> Any:
    """A timm model that has read an `.npz` file by its own reader."""
    with torch.device("meta"):
        model = make()
    model = model.to_empty(device="cpu").to(dtype)
    model.load_pretrained(str(path))
    return model.eval()


@torch.no_grad()
def logits_of(model: Any, images: Tensor, **options: Any) -> Tensor:
    """The logits; of a model without a head, the pooled features."""
    result = model(images, **options)
    if isinstance(result, Tensor):
        return result
    return result.logits if "logits" in result else result.pooler_output
