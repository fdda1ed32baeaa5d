"""Hugging Face's ViT, DeiT, DINOv2 and DINOv2 with registers: on disk, and as 5.x holds them.

transformers 5 writes the names of old (`encoder.layer.0.attention.attention.query`) and holds
others in memory (`layers.0.attention.q_proj`); both are read. What the names do not say is in
`config.json`, and how images are prepared in `preprocessor_config.json`.
"""

import re
from typing import Any

from torch import Tensor

from vitexplain.checkpoints.about import number, numbers, record, size, text
from vitexplain.checkpoints.errors import CheckpointError
from vitexplain.checkpoints.parsed import (
    HALF,
    IMAGENET_MEAN,
    IMAGENET_STD,
    Parsed,
    labels_of,
    preprocessing,
)
from vitexplain.images import Preprocessing

MARK = "embeddings.patch_embeddings.projection.weight"
BLOCK = re.compile(r"^(?:encoder\.layer|layers|encoder\.layers)\.(\d+)\.(.+)$")
NAMES = {
    "embeddings.cls_token": "cls_token",
    "embeddings.distillation_token": "dist_token",
    "embeddings.register_tokens": "reg_token",
    "embeddings.position_embeddings": "pos_embed",
    "embeddings.patch_embeddings.projection.weight": "patch_embed.proj.weight",
    "embeddings.patch_embeddings.projection.bias": "patch_embed.proj.bias",
    "layernorm.weight": "norm.weight",
    "layernorm.bias": "norm.bias",
}
LAYERS = {  # within a block, without .weight and .bias
    "layernorm_before": "norm1",
    "layernorm_after": "norm2",
    "norm1": "norm1",
    "norm2": "norm2",
    "attention.output.dense": "attn.proj",
    "attention.o_proj": "attn.proj",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
    "mlp.fc1": "mlp.fc1",
    "mlp.fc2": "mlp.fc2",
    "mlp.weights_in": "mlp.fc1",  # SwiGLU: gate and value, packed
    "mlp.weights_out": "mlp.fc2",
    "mlp.down_proj": "mlp.fc2",
}
PARTS = {  # of a fused parameter, in the order of fusing
    "attn.qkv": (
        ("attention.attention.query", "attention.attention.key", "attention.attention.value"),
        ("attention.query", "attention.key", "attention.value"),
        ("attention.q_proj", "attention.k_proj", "attention.v_proj"),
    ),
    "mlp.fc1": (("mlp.gate_proj", "mlp.up_proj"),),
}
HEADS = {"classifier": "head", "cls_classifier": "head", "distillation_classifier": "head_dist"}
ACTIVATIONS = {
    "gelu": "gelu", "gelu_python": "gelu", "gelu_new": "gelu tanh", "gelu_fast": "gelu tanh",
    "gelu_pytorch_tanh": "gelu tanh", "gelu_python_tanh": "gelu tanh",
}  # fmt: skip
RESAMPLE = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")  # Pillow's numbers


def matches(tensors: dict[str, Tensor]) -> bool:
    """Return whether the names are Hugging Face's, behind any prefix (`vit.`, `dinov2.`, …)."""
    return any(name.endswith(MARK) for name in tensors)


def convert(
    tensors: dict[str, Tensor], about: dict[str, Any], prepare: dict[str, Any] | None = None
) -> Parsed:
    """Return Hugging Face's parameters under our names.

    A model without a head but with a pooler gives what the pooler gives: its tanh layer is
    our `pre_logits`. A DeiT that only reads the class token (`DeiTForImageClassification`)
    has its distillation token as a register, to whom the token's position is added.

    Args:
        about: config.json, as far as there is one.
        prepare: preprocessor_config.json, likewise.
    """
    prefix = next(name for name in tensors if name.endswith(MARK)).removesuffix(MARK)
    dino = f"{prefix}encoder.layer.0.layer_scale1.lambda1" in tensors
    registers = f"{prefix}embeddings.register_tokens" in tensors
    parsed = Parsed(
        layout="huggingface", params={}, names={},
        resize="timm" if registers else "huggingface",
        eps=number(about, "layer_norm_eps", 1e-6 if dino else 1e-12),
        heads=int(number(about, "num_attention_heads", 0)) or None,
        image_size=size(about, "image_size"),
        activation=_activation(about),
        labels=labels_of(about), preprocessing=Preprocessing(),
    )  # fmt: skip
    for source, tensor in tensors.items():
        _take(parsed, source, tensor, source.removeprefix(prefix))
    _fuse(parsed, tensors, prefix)
    _take_pooler(parsed, tensors, about)
    deit = "dist_token" in parsed.params
    _take_distillation(parsed)
    prepare = prepare or {}
    parsed.preprocessing = _preprocessing(prepare, imagenet=dino or deit)
    if "model_type" not in about:
        parsed.guess_blocks()
    parsed.guess_preprocessing(
        mean=not prepare.keys() & {"image_mean", "do_normalize"}, crop="size" not in prepare
    )
    if "head.weight" not in parsed.params:
        parsed.labels = None
    return parsed


def _take(parsed: Parsed, source: str, tensor: Tensor, name: str) -> None:
    """Take one parameter, unless it is a part of a fused one or belongs to the pooler."""
    if name in NAMES:
        parsed.add(NAMES[name], source, tensor)
        return
    layer, _, kind = name.rpartition(".")
    if kind in ("weight", "bias") and layer in HEADS:
        parsed.add(f"{HEADS[layer]}.{kind}", source, tensor)
        return
    block = BLOCK.match(name)
    if block is not None:
        index, rest = block.groups()
        scale = re.fullmatch(r"layer_scale([12])\.lambda1", rest)
        if scale is not None:
            parsed.add(f"blocks.{index}.ls{scale[1]}.gamma", source, tensor)
            return
        layer, _, kind = rest.rpartition(".")
        if kind in ("weight", "bias") and layer in LAYERS:
            parsed.add(f"blocks.{index}.{LAYERS[layer]}.{kind}", source, tensor)
            return
        if kind in ("weight", "bias") and any(layer in part for part in _ALL_PARTS):
            return
    if name != "embeddings.mask_token" and not name.startswith(("pooler.dense.", "decoder.")):
        parsed.unknown.append(source)


_ALL_PARTS = [names for choices in PARTS.values() for names in choices]


def _fuse(parsed: Parsed, tensors: dict[str, Tensor], prefix: str) -> None:
    """Stack query, key and value, and the gate and value of a SwiGLU."""
    for source in tensors:
        block = BLOCK.match(source.removeprefix(prefix))
        if block is None:
            continue
        index, rest = block.groups()
        layer, _, kind = rest.rpartition(".")
        for target, choices in PARTS.items():
            for parts in choices:
                if layer != parts[0]:
                    continue
                start = source.removesuffix(rest)
                sources = [f"{start}{part}.{kind}" for part in parts]
                missing = [name for name in sources if name not in tensors]
                if missing:
                    raise CheckpointError(f"parameter {missing[0]} is missing beside {source}")
                name = f"blocks.{index}.{target}.{kind}"
                parsed.fuse(name, {name: tensors[name] for name in sources})


def _take_pooler(parsed: Parsed, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    for source, tensor in tensors.items():
        name = re.fullmatch(r"(?:.*\.)?pooler\.dense\.(weight|bias)", source)
        if name is not None and "head.weight" not in parsed.params:
            parsed.add(f"pre_logits.fc.{name[1]}", source, tensor)
    activation = text(about, "pooler_act", "tanh")
    if "pre_logits.fc.weight" in parsed.params and activation != "tanh":
        raise CheckpointError(f"the pooler's activation is {activation!r}; expected 'tanh'")


def _take_distillation(parsed: Parsed) -> None:
    """Make a distillation token without a head of its own a register."""
    if "dist_token" not in parsed.params or "head_dist.weight" in parsed.params:
        return
    parsed.params["reg_token"] = parsed.params.pop("dist_token")
    parsed.names["reg_token"] = parsed.names.pop("dist_token")


def _activation(about: dict[str, Any]) -> str:
    name = text(about, "hidden_act", "gelu")
    if name not in ACTIVATIONS:
        raise CheckpointError(f"hidden_act is {name!r}; expected one of {tuple(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def _preprocessing(prepare: dict[str, Any], *, imagenet: bool) -> Preprocessing:
    """Return what preprocessor_config.json says; without it, what the family usually has.

    ViT stretches the image to the size, with mean and std 0.5; DeiT and DINOv2 keep its
    aspect ratio, crop 224 of 256 pixels and use ImageNet's mean and std.
    """
    if not prepare:
        if imagenet:
            return preprocessing(IMAGENET_MEAN, IMAGENET_STD, 224 / 256, "bicubic", "crop")
        return preprocessing(HALF, HALF, 1.0, "bilinear", "stretch")
    mean, std = numbers(prepare, "image_mean", HALF), numbers(prepare, "image_std", HALF)
    if prepare.get("do_normalize") is False:
        mean, std = (0.0,) * 3, (1.0,) * 3
    index = int(number(prepare, "resample", 2))
    resampling = RESAMPLE[index] if index < len(RESAMPLE) else f"Pillow's filter {index}"
    shorter = min(size(prepare, "size") or (0,))
    cropped = size(prepare, "crop_size") if prepare.get("do_center_crop") else None
    if cropped is not None and shorter:
        crop = min(1.0, min(cropped) / shorter)
        return preprocessing(mean, std, crop, resampling, "crop")
    fit = "crop" if "shortest_edge" in record(prepare, "size") else "stretch"
    return preprocessing(mean, std, 1.0, resampling, fit)
