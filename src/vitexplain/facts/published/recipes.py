"""What the recipe is worth: the same models, trained in other ways."""

from vitexplain.facts.published.number import PRINTED, Result, find, score, scores
from vitexplain.facts.published.vit_paper import TABLE_5

__all__ = ["AT_SCALE", "BIT", "DEIT", "DINO", "DINOV2", "LADDERS", "MAE", "PLAIN_VIT",
           "TORCHVISION_VITS"]  # fmt: skip


PLAIN_VIT = {
    setup: tuple(
        score("ViT-S/16", value, "plain-vit", "Table 1", recipe=f"{setup}, {epochs} epochs")
        for epochs, value in zip((90, 150, 300), values, strict=True)
    )
    for setup, values in PRINTED["plain_vit"].items()
}
"""ViT-S/16 from scratch on ImageNet, 90, 150 and 300 epochs (Beyer et al. 2022).

"Original" is the ViT paper's setup; "augmented" adds RandAugment and Mixup. "Improved" has both,
batches of 1024 instead of 4096, the mean instead of a class token, and fixed sinusoidal positions.
"""

_OLD, _NEW = "torchvision V1", "torchvision V2"

LADDERS: dict[str, tuple[Result, ...]] = {
    "ResNet-50": (
        score("ResNet-50", 76.13, "resnet-50", "IMAGENET1K_V1", recipe=_OLD),
        score("ResNet-50", 80.4, "resnet-strikes-back", "abstract", recipe="timm"),
        score("ResNet-50", 80.858, "resnet-50", "IMAGENET1K_V2", recipe=_NEW),
    ),
    "ResNet-152": (
        score("ResNet-152", 78.312, "resnet-152", "IMAGENET1K_V1", recipe=_OLD),
        score("ResNet-152", 82.284, "resnet-152", "IMAGENET1K_V2", recipe=_NEW),
    ),
    "ViT-S/16": (
        PLAIN_VIT["original"][-1],
        score("ViT-S/16", 79.8, "deit", "DeiT-S", recipe="DeiT, 300 epochs"),
        PLAIN_VIT["improved"][-1],
        score("ViT-S/16", 81.4, "deit-code", "README of DeiT III", recipe="DeiT III"),
    ),
    "ViT-B/16": (
        find(TABLE_5, "ViT-B/16", task="ImageNet", data="ImageNet"),
        score("ViT-B/16", 81.072, "torchvision", "vit_b_16, IMAGENET1K_V1",
                 recipe="torchvision"),
        score("ViT-B/16", 81.8, "deit", "DeiT-B", recipe="DeiT, 300 epochs"),
        score("ViT-B/16", 83.8, "deit-code", "README of DeiT III", recipe="DeiT III"),
    ),
}  # fmt: skip
"""One architecture in each row, on ImageNet alone; only the recipe changes.

The ViT paper's ViT-B/16 is the one exception: it is fine-tuned, on the same images, at 384 pixels.
"""

_PLAIN, *_TAUGHT = scores("deit")
DEIT = (_PLAIN, LADDERS["ViT-S/16"][1], LADDERS["ViT-B/16"][2], *_TAUGHT)
"""ViTs from ImageNet alone, with strong augmentation, without and with a CNN as their teacher."""

TORCHVISION_VITS = (LADDERS["ViT-B/16"][1], *scores("torchvision_vits"))
"""From scratch on ImageNet alone: the larger L/16 is behind B/16."""

DINO = scores("dino")
"""Self-supervised by one method, a CNN among them, then a linear layer on frozen features."""

DINOV2 = scores("dinov2")
"""Frozen features and a linear layer; S, B and L are distilled from g."""

MAE = scores("mae")
"""Pre-trained to fill in hidden patches, then fine-tuned, on ImageNet alone."""

[AT_SCALE] = scores("at_scale")
"""A CNN with as much data and compute as large ViTs get."""

BIT = scores("bit")
"""A large CNN by the size of its pre-training: the end points that are published as numbers."""
