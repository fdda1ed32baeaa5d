"""Hugging Face's ViT, DeiT, DINOv2 and DINOv2 with registers: on disk, and as 5.x holds them.

transformers 5 writes the names of old (`encoder.layer.0.attention.attention.query`) and holds
others in memory (`layers.0.attention.q_proj`); both are read. What the names do not say is in
`config.json`, and how images are prepared in `preprocessor_config.json`.
"""

from typing import Any

from vitexplain.checkpoints.about import number, numbers, record, size, text
from vitexplain.checkpoints.errors import CheckpointError
from vitexplain.checkpoints.files import Stored
from vitexplain.checkpoints.folder import Words
from vitexplain.checkpoints.layouts import Layout
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

ACTIVATIONS = {
    "gelu": "gelu", "gelu_python": "gelu", "gelu_new": "gelu tanh", "gelu_fast": "gelu tanh",
    "gelu_pytorch_tanh": "gelu tanh", "gelu_python_tanh": "gelu tanh",
}  # fmt: skip
RESAMPLE = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")  # Pillow's numbers


def settle(parsed: Parsed, stored: Stored, words: Words, prefix: str) -> None:
    """Add what config.json and preprocessor_config.json say, or what the family usually has.

    A model without a head but with a pooler gives what the pooler gives: its tanh layer is
    our `pre_logits`. A DeiT that only reads the class token (`DeiTForImageClassification`)
    has its distillation token as a register, to whom the token's position is added.
    """
    about, prepare, has = words.config, words.prepare, parsed.params
    dino, deit = "blocks.0.ls1.gamma" in has, "dist_token" in has
    if "reg_token" in has:
        parsed.resize = "timm"
    if "head.weight" in has:
        parsed.labels = labels_of(about, "id2label")
        for kind in ("weight", "bias"):
            has.pop(f"pre_logits.fc.{kind}", None)
    elif "pre_logits.fc.weight" in has and (pooler := text(about, "pooler_act", "tanh")) != "tanh":
        raise CheckpointError(f"the pooler's activation is {pooler!r}; expected 'tanh'")
    if "head_dist.weight" not in has:
        parsed.rename("dist_token", "reg_token")
    activation = text(about, "hidden_act", "gelu")
    if activation not in ACTIVATIONS:
        raise CheckpointError(f"hidden_act is {activation!r}; expected one of {tuple(ACTIVATIONS)}")
    parsed.activation = ACTIVATIONS[activation]
    parsed.eps = number(about, "layer_norm_eps", 1e-6 if dino else 1e-12)
    parsed.heads = int(number(about, "num_attention_heads", 0)) or None
    parsed.image_size = size(about, "image_size")
    parsed.preprocessing = _preprocessing(prepare, imagenet=dino or deit)
    if "model_type" not in about:
        parsed.guess_blocks()
    parsed.guess_preprocessing(
        mean=not prepare.keys() & {"image_mean", "do_normalize"}, crop="size" not in prepare
    )


def _preprocessing(prepare: dict[str, Any], *, imagenet: bool) -> Preprocessing:
    """Return what preprocessor_config.json says; without it, what the family usually has.

    ViT stretches the image to the size, with mean and std 0.5; DeiT and DINOv2 keep its
    aspect ratio, crop 224 of 256 pixels and use ImageNet's mean and std.
    """
    if not prepare and imagenet:
        return preprocessing(IMAGENET_MEAN, IMAGENET_STD, 224 / 256, "bicubic", "crop")
    mean, std = numbers(prepare, "image_mean", HALF), numbers(prepare, "image_std", HALF)
    if prepare.get("do_normalize") is False:
        mean, std = (0.0,) * 3, (1.0,) * 3
    index = int(number(prepare, "resample", 2))
    resampling = RESAMPLE[index] if index < len(RESAMPLE) else f"Pillow's filter {index}"
    shorter = min(size(prepare, "size") or (0,))
    cropped = size(prepare, "crop_size") if prepare.get("do_center_crop") else None
    if cropped is not None and shorter:
        return preprocessing(mean, std, min(1.0, min(cropped) / shorter), resampling, "crop")
    fit = "crop" if "shortest_edge" in record(prepare, "size") else "stretch"
    return preprocessing(mean, std, 1.0, resampling, fit)


LAYOUT = Layout(
    name="huggingface",
    mark="embeddings.patch_embeddings.projection.weight",
    names={
        "cls_token": "embeddings.cls_token",
        "dist_token": "embeddings.distillation_token",
        "reg_token": "embeddings.register_tokens",
        "pos_embed": "embeddings.position_embeddings",
        "patch_embed.proj.*": "embeddings.patch_embeddings.projection.*",
        "norm.*": "layernorm.*",
        "pre_logits.fc.*": "pooler.dense.*",
        "head.*": "classifier.* cls_classifier.*",
        "head_dist.*": "distillation_classifier.*",
        "": "embeddings.mask_token decoder.**",
    },
    blocks="encoder.layer.#. layers.#. encoder.layers.#.",
    of_a_block={
        "norm1.*": "layernorm_before.* norm1.*",
        "norm2.*": "layernorm_after.* norm2.*",
        "attn.qkv:@.*": "attention.attention.@.* attention.@.* attention.@_proj.*",
        "attn.proj.*": "attention.output.dense.* attention.o_proj.*",
        "ls#.gamma": "layer_scale#.lambda1",
        "mlp.fc1.*": "intermediate.dense.* mlp.fc1.* mlp.weights_in.*",
        "mlp.fc1:gate.*": "mlp.gate_proj.*",
        "mlp.fc1:value.*": "mlp.up_proj.*",
        "mlp.fc2.*": "output.dense.* mlp.fc2.* mlp.weights_out.* mlp.down_proj.*",
    },
    settle=settle,
)


tell(globals())
