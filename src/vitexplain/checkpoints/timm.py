"""timm's names, which are ours, and those of the training code around it.

The same names are in DeiT, DINO, DINOv2, MAE and most papers' own checkpoints, behind prefixes
(`module.`, `backbone.`, …) that are found by looking for the patch projection.
"""

import re
from typing import Any

from torch import Tensor

from vitexplain.checkpoints.about import number, numbers, record, size, text
from vitexplain.checkpoints.errors import CheckpointError
from vitexplain.checkpoints.found import (
    HALF,
    IMAGENET_MEAN,
    IMAGENET_STD,
    Found,
    labels_of,
    preprocessing,
)
from vitexplain.images import Preprocessing

MARK = "patch_embed.proj.weight"
RENAMED = (  # older and other names of the same parameter
    (r"^register_tokens$", "reg_token"),  # DINOv2
    (r"\.mlp\.w12\.", ".mlp.fc1."),  # DINOv2's SwiGLU: gate and value, packed
    (r"\.mlp\.w3\.", ".mlp.fc2."),
    (r"\.gamma_([12])$", r".ls\1.gamma"),  # DeiT III, CaiT
)
UNUSED = re.compile(r"^mask_token$|^decoder_")  # parts that only pretraining needs
NAMES = re.compile(
    r"^(cls_token|dist_token|reg_token|pos_embed|patch_embed\.proj\.(weight|bias)"
    r"|blocks\.\d+\.((norm[12]|attn\.qkv|attn\.proj|mlp\.fc[12])\.(weight|bias)|ls[12]\.gamma)"
    r"|(norm|fc_norm|pre_logits\.fc|head|head_dist)\.(weight|bias))$"
)
OTHER_MODELS = {  # what an unknown name tells
    "attn_pool.": "attention pooling (global_pool='map')",
    "norm_pre.": "a LayerNorm before the blocks, as CLIP has",
    ".q_norm.": "normalised queries and keys",
    ".relative_position": "relative positions, as BEiT and Swin have",
    "patch_embed.backbone": "a convolutional network before the blocks (a hybrid)",
}
POOLS = {"token": "class", "avg": "mean", "": "class"}  # timm's global_pool


def matches(tensors: dict[str, Tensor]) -> bool:
    """Return whether the names are timm's, behind any prefix."""
    return any(name.endswith(MARK) for name in tensors)


def convert(tensors: dict[str, Tensor], about: dict[str, Any]) -> Found:
    """Return timm's parameters under our names; `about` is the config.json beside them, if any.

    Raises:
        CheckpointError: several models are in the file, or what it has beyond a ViT is known.
    """
    prefix = _prefix(tensors)
    details, sizes = record(about, "pretrained_cfg"), record(about, "model_args")
    found = Found(
        layout="timm", params={}, names={}, resize="timm", eps=1e-6,
        preprocessing=_preprocessing(details, tensors, prefix),
        image_size=size(sizes, "img_size") or size(details, "input_size"),
        heads=int(number(sizes, "num_heads", 0)) or None, readout=_readout(about),
        labels=labels_of(about, "label_names") or labels_of(details, "label_names"),
    )  # fmt: skip
    for source, tensor in tensors.items():
        name = source.removeprefix(prefix)
        if not source.startswith(prefix) or UNUSED.search(name):
            continue
        for pattern, new in RENAMED:
            name = re.sub(pattern, new, name)
        if NAMES.match(name):
            found.add(name, source, tensor)
        elif not re.search(r"\.mlp\.fc1_[gx]\.", name):
            _refuse_other_models(source)
            found.unknown.append(source)
    _fuse_swiglu(found, tensors, prefix)
    _square_patches(found)
    if found.readout == "class" and "norm.weight" not in found.params:
        _norm_class_token(found)
    return found


def _prefix(tensors: dict[str, Tensor]) -> str:
    """Return what precedes timm's names, such as "module."."""
    prefixes = [name.removesuffix(MARK) for name in tensors if name.endswith(MARK)]
    if len(prefixes) > 1:
        raise CheckpointError(
            f"found {len(prefixes)} ViTs in one file, behind {', '.join(map(repr, prefixes[:3]))}; "
            "expected one"
        )
    return prefixes[0]


def _refuse_other_models(source: str) -> None:
    for part, kind in OTHER_MODELS.items():
        if part in source:
            raise CheckpointError(f"the model has {kind} ({source}); expected a plain ViT")


def _fuse_swiglu(found: Found, tensors: dict[str, Tensor], prefix: str) -> None:
    """Pack the gate and value of timm's unpacked SwiGLU, in this order, as `swiglu` halves them."""
    for gate in [name for name in tensors if name.startswith(prefix) and ".mlp.fc1_g." in name]:
        value = gate.replace(".fc1_g.", ".fc1_x.")
        if value not in tensors:
            raise CheckpointError(f"parameter {value} is missing beside {gate}")
        name = gate.removeprefix(prefix).replace(".fc1_g.", ".fc1.")
        found.fuse(name, {gate: tensors[gate], value: tensors[value]})


def _square_patches(found: Found) -> None:
    """Give a patch projection stored as a matrix (D, 3 P²), of timm's oldest models, its axes."""
    weight = found.params["patch_embed.proj.weight"]
    if weight.ndim == 2 and weight.shape[1] % 3 == 0:
        side = round((weight.shape[1] // 3) ** 0.5)
        if 3 * side * side == weight.shape[1]:
            found.params["patch_embed.proj.weight"] = weight.reshape(-1, 3, side, side)


def _norm_class_token(found: Found) -> None:
    """Rename a norm that follows the choice of the class token: before it, it does the same."""
    for kind in ("weight", "bias"):
        if f"fc_norm.{kind}" in found.params:
            found.params[f"norm.{kind}"] = found.params.pop(f"fc_norm.{kind}")
            found.names[f"norm.{kind}"] = found.names.pop(f"fc_norm.{kind}")


def _readout(about: dict[str, Any]) -> str | None:
    pool = text(about, "global_pool", text(record(about, "model_args"), "global_pool", "unsaid"))
    if pool == "unsaid":
        return None
    if pool not in POOLS:
        raise CheckpointError(f"the model pools by {pool!r}; expected one of {tuple(POOLS)}")
    return POOLS[pool]


def _preprocessing(
    details: dict[str, Any], tensors: dict[str, Tensor], prefix: str
) -> Preprocessing:
    """Return what `pretrained_cfg` says; else the most usual of timm's models of that kind.

    Plain ViTs expect mean and std 0.5 and a crop of 0.9. Those with a distillation token
    (DeiT), LayerScale or a mask token (DINOv2) expect ImageNet's mean and std.
    """
    signs = ("dist_token", "mask_token", "blocks.0.ls1.gamma", "blocks.0.gamma_1")
    imagenet = any(prefix + name in tensors for name in signs)
    return preprocessing(
        numbers(details, "mean", IMAGENET_MEAN if imagenet else HALF),
        numbers(details, "std", IMAGENET_STD if imagenet else HALF),
        number(details, "crop_pct", 0.9),
        text(details, "interpolation", "bicubic"),
        "stretch" if details.get("crop_mode") == "squash" else "crop",
    )
