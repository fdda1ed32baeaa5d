"""torchvision's names: `vit_b_16` to `vit_h_14`, built on `nn.MultiheadAttention`."""

import re

from torch import Tensor

from vitexplain.checkpoints.parsed import IMAGENET_MEAN, IMAGENET_STD, Parsed, preprocessing

MARK = "encoder.pos_embedding"
NAMES = {
    "class_token": "cls_token",
    "encoder.pos_embedding": "pos_embed",
    "conv_proj.weight": "patch_embed.proj.weight",
    "conv_proj.bias": "patch_embed.proj.bias",
    "encoder.ln.weight": "norm.weight",
    "encoder.ln.bias": "norm.bias",
    "heads.pre_logits.weight": "pre_logits.fc.weight",
    "heads.pre_logits.bias": "pre_logits.fc.bias",
    "heads.head.weight": "head.weight",
    "heads.head.bias": "head.bias",
}
BLOCK = re.compile(r"^encoder\.layers\.encoder_layer_(\d+)\.(.+)$")
LAYERS = {
    "ln_1.weight": "norm1.weight",
    "ln_1.bias": "norm1.bias",
    "self_attention.in_proj_weight": "attn.qkv.weight",
    "self_attention.in_proj_bias": "attn.qkv.bias",
    "self_attention.out_proj.weight": "attn.proj.weight",
    "self_attention.out_proj.bias": "attn.proj.bias",
    "ln_2.weight": "norm2.weight",
    "ln_2.bias": "norm2.bias",
}
MLP = re.compile(r"^mlp\.(0|3|linear_1|linear_2)\.(weight|bias)$")  # linear_: before 0.13
SECOND = ("3", "linear_2")


def matches(tensors: dict[str, Tensor]) -> bool:
    """Return whether the names are torchvision's, behind any prefix (`module.`, …)."""
    return any(name.endswith(MARK) for name in tensors)


def convert(tensors: dict[str, Tensor]) -> Parsed:
    """Return torchvision's parameters under our names.

    Images are prepared as for most of torchvision's weights: 224 of 256 pixels, bilinear,
    ImageNet's mean and std.
    """
    prefix = next(name for name in tensors if name.endswith(MARK)).removesuffix(MARK)
    parsed = Parsed(
        layout="torchvision", params={}, names={}, resize="torchvision", eps=1e-6,
        preprocessing=preprocessing(IMAGENET_MEAN, IMAGENET_STD, 224 / 256, "bilinear", "crop"),
    )  # fmt: skip
    for source, tensor in tensors.items():
        name = our_name(source.removeprefix(prefix))
        if name is None:
            parsed.unknown.append(source)
        else:
            parsed.add(name, source, tensor)
    parsed.guess_preprocessing()
    return parsed


def our_name(name: str) -> str | None:
    """Return our name of a torchvision parameter; None where a plain ViT has none such."""
    block = BLOCK.match(name)
    if block is None:
        return NAMES.get(name)
    index, rest = block.groups()
    mlp = MLP.match(rest)
    if mlp is not None:
        return f"blocks.{index}.mlp.fc{1 + (mlp[1] in SECOND)}.{mlp[2]}"
    return f"blocks.{index}.{LAYERS[rest]}" if rest in LAYERS else None
