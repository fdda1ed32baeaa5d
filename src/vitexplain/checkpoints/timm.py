"""timm's names, which are ours, and those of the training code around it.

The same names are in DeiT, DINO, DINOv2, MAE and most papers' own checkpoints, behind prefixes
(`module.`, `backbone.`, …) that are found by looking for the patch projection.
"""

import re
from typing import Any

from torch import Tensor

from vitexplain.checkpoints.about import number, numbers, record, size, text
from vitexplain.checkpoints.errors import CheckpointError, OtherModelError
from vitexplain.checkpoints.kinds import said_of
from vitexplain.checkpoints.parsed import (
    HALF,
    IMAGENET_MEAN,
    IMAGENET_STD,
    Parsed,
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
KINDS = ("weight", "bias")
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


def convert(tensors: dict[str, Tensor], about: dict[str, Any], within: str = "") -> Parsed:
    """Return timm's parameters under our names.

    Args:
        about: the config.json beside them, if any.
        within: the key that a training script had them under.

    Raises:
        CheckpointError: several models are in the file, or what it has beyond a ViT is known.
    """
    prefix = _prefix(tensors)
    details, sizes = record(about, "pretrained_cfg"), record(about, "model_args")
    said = said_of(about)
    parsed = Parsed(
        layout="timm", params={}, names={}, resize="timm", eps=1e-6,
        preprocessing=Preprocessing(),
        image_size=size(sizes, "img_size") or size(details, "input_size"),
        heads=int(number(sizes, "num_heads", 0)) or said.get("heads"), readout=_readout(about),
        activation=said.get("activation", "gelu"),
        named="architecture" in about and "embed_dim" not in sizes,
        labels=labels_of(about, "label_names") or labels_of(details, "label_names"),
    )  # fmt: skip
    for source, tensor in tensors.items():
        name = source.removeprefix(prefix)
        if not source.startswith(prefix) or UNUSED.search(name):
            if name != "mask_token":
                parsed.unused.append(source)
            continue
        for pattern, new in RENAMED:
            name = re.sub(pattern, new, name)
        if NAMES.match(name):
            parsed.add(name, source, tensor)
        elif not re.search(r"\.mlp\.fc1_[gx]\.", name):
            _refuse_other_models(source)
            parsed.unknown.append(source)
    _fuse_swiglu(parsed, tensors, prefix)
    _square_patches(parsed)
    if parsed.readout == "class" and "norm.weight" not in parsed.params:
        _norm_class_token(parsed)
    _head_outside(parsed, tensors, prefix)
    parsed.preprocessing = _preprocessing(details, parsed, tensors, within)
    _guess(parsed, about, details)
    return parsed


def _head_outside(parsed: Parsed, tensors: dict[str, Tensor], prefix: str) -> None:
    """Take a lone linear layer beside the ViT, as of `nn.Sequential(vit, head)`, as its head."""
    outside = [name for name in parsed.unused if not name.startswith(prefix)]
    layer = {name.rpartition(".")[0] for name in outside}
    inside = [name for name in parsed.params if name.startswith(("head.", "head_dist."))]
    if len(layer) != 1 or inside or {name.rpartition(".")[2] for name in outside} - {*KINDS}:
        return
    weight = tensors.get(f"{layer.pop()}.weight")
    width = parsed.params["patch_embed.proj.weight"].shape[:1]
    if weight is not None and weight.ndim == 2 and weight.shape[1:] == width:
        for source in outside:
            parsed.add(f"head.{source.rpartition('.')[2]}", source, tensors[source])
            parsed.unused.remove(source)
        parsed.guess("head", f"{outside[0].rpartition('.')[0]} beside {prefix}* is its head")


def _guess(parsed: Parsed, about: dict[str, Any], details: dict[str, Any]) -> None:
    """Note what is not said: without the architecture's name, what no weights show."""
    if "architecture" not in about:
        parsed.guess_blocks()
        if parsed.readout is None and {"cls_token", "norm.weight"} <= parsed.params.keys():
            parsed.guess("readout", "read from the class token")
    parsed.guess_preprocessing(
        mean=not {"mean", "std"} <= details.keys(), crop="crop_pct" not in details
    )


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
            raise OtherModelError(f"the model has {kind} ({source}); expected a plain ViT")


def _fuse_swiglu(parsed: Parsed, tensors: dict[str, Tensor], prefix: str) -> None:
    """Pack the gate and value of timm's unpacked SwiGLU, in this order, as `swiglu` halves them."""
    for gate in [name for name in tensors if name.startswith(prefix) and ".mlp.fc1_g." in name]:
        value = gate.replace(".fc1_g.", ".fc1_x.")
        if value not in tensors:
            raise CheckpointError(f"parameter {value} is missing beside {gate}")
        name = gate.removeprefix(prefix).replace(".fc1_g.", ".fc1.")
        parsed.fuse(name, {gate: tensors[gate], value: tensors[value]})


def _square_patches(parsed: Parsed) -> None:
    """Give a patch projection stored as a matrix (D, 3 P²), of timm's oldest models, its axes."""
    weight = parsed.params["patch_embed.proj.weight"]
    if weight.ndim == 2 and weight.shape[1] % 3 == 0:
        side = round((weight.shape[1] // 3) ** 0.5)
        if 3 * side * side == weight.shape[1]:
            parsed.params["patch_embed.proj.weight"] = weight.reshape(-1, 3, side, side)


def _norm_class_token(parsed: Parsed) -> None:
    """Rename a norm that follows the choice of the class token: before it, it does the same."""
    for kind in ("weight", "bias"):
        if f"fc_norm.{kind}" in parsed.params:
            parsed.params[f"norm.{kind}"] = parsed.params.pop(f"fc_norm.{kind}")
            parsed.names[f"norm.{kind}"] = parsed.names.pop(f"fc_norm.{kind}")


def _readout(about: dict[str, Any]) -> str | None:
    pool = text(about, "global_pool", text(record(about, "model_args"), "global_pool", "unsaid"))
    if pool == "unsaid":
        return None
    if pool not in POOLS:
        raise OtherModelError(f"the model pools by {pool!r}; expected one of {tuple(POOLS)}")
    return POOLS[pool]


def _preprocessing(
    details: dict[str, Any], parsed: Parsed, tensors: dict[str, Tensor], within: str
) -> Preprocessing:
    """Return what `pretrained_cfg` says; else what the evidence in the file points to.

    Published weights of timm 1.0 have mean and std 0.5 where Google trained them (AugReg, SigLIP)
    or timm followed (registers without a class token); ImageNet's wherever the code comes from
    DeiT, DINO, DINOv2 or MAE. Signs of these: a distillation or mask token, a decoder, LayerScale
    beside a class token, a class token without a head (self-supervised), or the keys "model",
    "teacher" and "student" of their training scripts.
    """
    has = parsed.params.keys()
    self_supervised = "head.weight" not in has or "blocks.0.ls1.gamma" in has
    imagenet = (
        within in ("model", "teacher", "student")
        or "dist_token" in has
        or any(UNUSED.search(part) for name in tensors for part in name.split("."))
        or ("cls_token" in has and self_supervised)
    )
    return preprocessing(
        numbers(details, "mean", IMAGENET_MEAN if imagenet else HALF),
        numbers(details, "std", IMAGENET_STD if imagenet else HALF),
        number(details, "crop_pct", 0.9),
        text(details, "interpolation", "bicubic"),
        "stretch" if details.get("crop_mode") == "squash" else "crop",
    )
