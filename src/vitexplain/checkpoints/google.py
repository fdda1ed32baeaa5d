"""Google's original arrays (`.npz`), of vision_transformer and of big_vision.

JAX stores a linear layer's kernel as (in, out), heads as axes of their own, images' axes as
(row, col, channel). big_vision counts a block's parts 0, 0, 1 where vision_transformer counts
1, 3, 2, and may stack all blocks along a first axis. Both were trained with the tanh form of
GELU, flax's default.
"""

import re

from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, OtherModelError
from vitexplain.checkpoints.parsed import HALF, Parsed, preprocessing

MARK = "embedding/kernel"
OTHER = ("opt/", "state/", "extra/")
PREFIXES = ("opt/target/", "params/", "params/img/", "")
NAMES = {
    "cls": "cls_token",
    "embedding/kernel": "patch_embed.proj.weight",
    "embedding/bias": "patch_embed.proj.bias",
    "pos_embedding": "pos_embed",
    "Transformer/posembed_input/pos_embedding": "pos_embed",
    "Transformer/encoder_norm/scale": "norm.weight",
    "Transformer/encoder_norm/bias": "norm.bias",
    "pre_logits/kernel": "pre_logits.fc.weight",
    "pre_logits/bias": "pre_logits.fc.bias",
    "head/kernel": "head.weight",
    "head/bias": "head.bias",
}
BLOCK = re.compile(r"^Transformer/encoderblock(?:_(\d+))?/(.+)$")  # no number: stacked
NORM = re.compile(r"^LayerNorm_([012])/(scale|bias)$")
ATTENTION = re.compile(r"^MultiHeadDotProductAttention_[01]/(query|key|value|out)/(kernel|bias)$")
MLP = re.compile(r"^MlpBlock_[03]/Dense_([01])/(kernel|bias)$")
KINDS = {"scale": "weight", "kernel": "weight", "bias": "bias"}
QKV = ("query", "key", "value")
Split = dict[str, dict[str, tuple[str, Tensor]]]  # our name: the file's name and array of each


def matches(tensors: dict[str, Tensor]) -> bool:
    """Return whether the names are those of Google's ViTs."""
    return any(prefix + MARK in tensors for prefix in PREFIXES)


def convert(tensors: dict[str, Tensor]) -> Parsed:
    """Return Google's arrays under our names and with our axes.

    Raises:
        CheckpointError: the model pools by attention, or blocks are stacked unevenly.
    """
    prefix = next(prefix for prefix in PREFIXES if prefix + MARK in tensors)
    parsed = Parsed(
        layout="google", params={}, names={}, resize="google", eps=1e-6, activation="gelu tanh",
        preprocessing=preprocessing(HALF, HALF, 1.0, "bilinear", "stretch"),
    )  # fmt: skip
    split: Split = {}
    for source, tensor in tensors.items():
        if not source.startswith(prefix):  # another model, or the optimiser's state
            parsed.unused += [] if source.startswith(OTHER) else [source]
            continue
        name = source.removeprefix(prefix)
        block = BLOCK.match(name)
        if block is not None:
            for index, part in _layers(block[1], tensor, source):
                _take(parsed, split, index, block[2], source, part)
        elif name in NAMES:
            parsed.add(NAMES[name], source, _turned(name, tensor))
        elif name.startswith("MAPHead"):
            raise OtherModelError(f"the model has attention pooling ({source}); expected none")
        elif not name.startswith(OTHER):
            parsed.unknown.append(source)
    _fuse(parsed, split)
    parsed.guess_preprocessing()
    return parsed


def _layers(index: str | None, tensor: Tensor, source: str) -> list[tuple[int, Tensor]]:
    """Return the block's number with its array; of stacked blocks, each in turn."""
    if index is not None:
        return [(int(index), tensor)]
    if tensor.ndim == 0 or len(tensor) > 1024:
        raise CheckpointError(f"{source} has shape {tuple(tensor.shape)}; expected (block, …)")
    return list(enumerate(tensor))


def _take(parsed: Parsed, split: Split, index: int, rest: str, source: str, tensor: Tensor) -> None:
    """Take one array of one block."""
    start = f"blocks.{index}"
    source = f"{source}[{index}]" if f"encoderblock_{index}/" not in source else source
    if norm := NORM.match(rest):
        which = 1 if norm[1] == "0" else 2
        parsed.add(f"{start}.norm{which}.{KINDS[norm[2]]}", source, tensor)
    elif mlp := MLP.match(rest):
        name = f"{start}.mlp.fc{int(mlp[1]) + 1}.{KINDS[mlp[2]]}"
        parsed.add(name, source, tensor.mT if tensor.ndim == 2 else tensor)
    elif attention := ATTENTION.match(rest):
        part, kind = attention[1], attention[2]
        if part == "out":
            parsed.add(f"{start}.attn.proj.{KINDS[kind]}", source, _out(tensor))
            return
        if kind == "kernel":
            if tensor.ndim != 3:
                shape = tuple(tensor.shape)
                raise CheckpointError(f"{source} has shape {shape}; expected (dim, head, dim)")
            parsed.heads = tensor.shape[1]
        flat = tensor.flatten(1).mT if kind == "kernel" else tensor.flatten()
        split.setdefault(f"{start}.attn.qkv.{KINDS[kind]}", {})[part] = source, flat
    else:
        parsed.unknown.append(source)


def _fuse(parsed: Parsed, split: Split) -> None:
    """Stack each block's query, key and value."""
    for name, parts in split.items():
        for part in QKV:
            if part not in parts:
                there = ", ".join(source for source, _ in parts.values())
                raise CheckpointError(f"the {part} is missing beside {there}")
        parsed.fuse(name, dict(parts[part] for part in QKV))


def _out(tensor: Tensor) -> Tensor:
    """Return the output projection, (head, head dim, dim) in JAX, as (out, in)."""
    return tensor.flatten(0, 1).mT if tensor.ndim == 3 else tensor


def _turned(name: str, tensor: Tensor) -> Tensor:
    """Return a kernel with our axes: images' (row, col, in, out) and matrices' (in, out)."""
    if name == MARK and tensor.ndim == 4:
        return tensor.permute(3, 2, 0, 1)
    return tensor.mT if name.endswith("/kernel") and tensor.ndim == 2 else tensor
