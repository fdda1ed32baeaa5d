"""timm's names, which are ours, and those of the training code around it.

The same names are in DeiT, DINO, DINOv2, MAE and most papers' own checkpoints, behind prefixes
(`module.`, `backbone.`, …) that are found by looking for the patch projection.
"""

from typing import Any

from vitexplain.checkpoints.about import number, numbers, record, size, text
from vitexplain.checkpoints.errors import OtherModelError
from vitexplain.checkpoints.files import Stored
from vitexplain.checkpoints.folder import Words
from vitexplain.checkpoints.kinds import said_of
from vitexplain.checkpoints.layouts import Layout, Tensors
from vitexplain.checkpoints.parsed import (
    HALF,
    IMAGENET_MEAN,
    IMAGENET_STD,
    Parsed,
    labels_of,
    preprocessing,
)
from vitexplain.images import Preprocessing
from vitexplain.moved import tell

OTHER_MODELS = {  # what an unknown name tells
    "attn_pool.": "attention pooling (global_pool='map')",
    "norm_pre.": "a LayerNorm before the blocks, as CLIP has",
    ".q_norm.": "normalised queries and keys",
    ".relative_position": "relative positions, as BEiT and Swin have",
    "patch_embed.backbone": "a convolutional network before the blocks (a hybrid)",
}
POOLS = {"token": "class", "avg": "mean", "": "class"}  # timm's global_pool


def settle(parsed: Parsed, stored: Stored, words: Words, prefix: str) -> None:
    """Add what config.json says, or what the file's evidence points to.

    Raises:
        OtherModelError: what the model has beyond a ViT is known.
    """
    for source in parsed.unknown:
        for part, kind in OTHER_MODELS.items():
            if part in source:
                raise OtherModelError(f"the model has {kind} ({source}); expected a plain ViT")
    about, tensors = words.config, stored.tensors
    details, sizes = record(about, "pretrained_cfg"), record(about, "model_args")
    said = said_of(about)
    parsed.image_size = size(sizes, "img_size") or size(details, "input_size")
    parsed.heads = int(number(sizes, "num_heads", 0)) or said.get("heads")
    parsed.activation = said.get("activation", "gelu")
    parsed.named = "architecture" in about and "embed_dim" not in sizes
    parsed.labels = labels_of(about, "label_names") or labels_of(details, "label_names")
    parsed.readout = _readout(about)
    _square_patches(parsed)
    if parsed.readout == "class" and "norm.weight" not in parsed.params:
        for kind in ("weight", "bias"):  # before or after the choice of a token, a norm is the same
            parsed.rename(f"fc_norm.{kind}", f"norm.{kind}")
    _head_outside(parsed, tensors, prefix)
    parsed.preprocessing = _preprocessing(details, parsed, stored)
    if "architecture" not in about:
        parsed.guess_blocks()
        if parsed.readout is None and {"cls_token", "norm.weight"} <= parsed.params.keys():
            parsed.guess("readout", "read from the class token")
    parsed.guess_preprocessing(
        mean=not {"mean", "std"} <= details.keys(), crop="crop_pct" not in details
    )


def _head_outside(parsed: Parsed, tensors: Tensors, prefix: str) -> None:
    """Take a lone linear layer beside the ViT, as of `nn.Sequential(vit, head)`, as its head."""
    outside = [name for name in parsed.unused if not name.startswith(prefix)]
    layers = {name.removesuffix(".weight").removesuffix(".bias") for name in outside}
    inside = any(name.startswith(("head.", "head_dist.")) for name in parsed.params)
    if len(layers) != 1 or inside:
        return
    (layer,) = layers
    weight = tensors.get(f"{layer}.weight")
    width = parsed.params["patch_embed.proj.weight"].shape[:1]
    if weight is not None and weight.ndim == 2 and weight.shape[1:] == width:
        for source in outside:
            parsed.add(f"head{source.removeprefix(layer)}", source, tensors[source])
            parsed.unused.remove(source)
        parsed.guess("head", f"{layer} beside {prefix}* is its head")


def _square_patches(parsed: Parsed) -> None:
    """Give a patch projection stored as a matrix (D, 3 P²), of timm's oldest models, its axes."""
    weight = parsed.params["patch_embed.proj.weight"]
    if weight.ndim == 2 and weight.shape[1] % 3 == 0:
        side = round((weight.shape[1] // 3) ** 0.5)
        if 3 * side * side == weight.shape[1]:
            parsed.params["patch_embed.proj.weight"] = weight.reshape(-1, 3, side, side)


def _readout(about: dict[str, Any]) -> str | None:
    pool = text(about, "global_pool", text(record(about, "model_args"), "global_pool", "unsaid"))
    if pool == "unsaid":
        return None
    if pool not in POOLS:
        raise OtherModelError(f"the model pools by {pool!r}; expected one of {tuple(POOLS)}")
    return POOLS[pool]


def _preprocessing(details: dict[str, Any], parsed: Parsed, stored: Stored) -> Preprocessing:
    """Return what `pretrained_cfg` says; else what the evidence in the file points to.

    Published weights of timm 1.0 have mean and std 0.5 where Google trained them (AugReg, SigLIP)
    or timm followed (registers without a class token); ImageNet's wherever the code comes from
    DeiT, DINO, DINOv2 or MAE. Signs of these: a distillation or mask token, a decoder, LayerScale
    beside a class token, a class token without a head (self-supervised), or the keys "model",
    "teacher" and "student" of their training scripts.
    """
    has, names = parsed.params.keys(), stored.tensors
    self_supervised = "head.weight" not in has or "blocks.0.ls1.gamma" in has
    imagenet = (
        stored.within in ("model", "teacher", "student")
        or "dist_token" in has
        or any(".mask_token" in f".{name}" or ".decoder_" in f".{name}" for name in names)
        or ("cls_token" in has and self_supervised)
    )
    return preprocessing(
        numbers(details, "mean", IMAGENET_MEAN if imagenet else HALF),
        numbers(details, "std", IMAGENET_STD if imagenet else HALF),
        number(details, "crop_pct", 0.9),
        text(details, "interpolation", "bicubic"),
        "stretch" if details.get("crop_mode") == "squash" else "crop",
    )


OURS = "cls_token dist_token pos_embed patch_embed.proj.* norm.* fc_norm.* pre_logits.fc.*"
IN_BLOCKS = "norm#.* attn.qkv.* attn.proj.*"
LAYOUT = Layout(
    name="timm",
    mark="patch_embed.proj.weight",
    alone=False,
    names={name: name for name in f"{OURS} head.* head_dist.*".split()}
    | {
        "reg_token": "reg_token register_tokens",  # DINOv2
        "": "mask_token",  # what only pretraining needs
        "-": "decoder_**",
    },
    blocks="blocks.#.",
    of_a_block={name: name for name in IN_BLOCKS.split()}
    | {
        "ls#.gamma": "ls#.gamma gamma_#",  # DeiT III, CaiT
        "mlp.fc1.*": "mlp.fc1.* mlp.w12.*",  # DINOv2's SwiGLU: gate and value, packed
        "mlp.fc2.*": "mlp.fc2.* mlp.w3.*",
        "mlp.fc1:gate.*": "mlp.fc1_g.*",  # timm's, unpacked
        "mlp.fc1:value.*": "mlp.fc1_x.*",
    },
    settle=settle,
)


tell(globals())
