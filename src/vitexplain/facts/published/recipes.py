"""What the recipe is worth: the same models, trained in other ways."""

from vitexplain.facts.published.number import Method, Regime, Result, find
from vitexplain.facts.published.vit_paper import TABLE_5
from vitexplain.facts.sources import SOURCES


def imagenet(
    model: str,
    value: float,
    key: str,
    where: str,
    *,
    recipe: str,
    data: str = "ImageNet",
    pixels: int = 224,
    method: Method = "scratch",
) -> Result:
    """Return a top-1 accuracy on ImageNet, from scratch on ImageNet at 224 pixels by default."""
    return Result(model, value, Regime(data, pixels, method, recipe), SOURCES[key], where)


def _plain(setup: str, values: tuple[float, float, float]) -> tuple[Result, ...]:
    return tuple(
        imagenet("ViT-S/16", value, "plain-vit", "Table 1", recipe=f"{setup}, {epochs} epochs")
        for epochs, value in zip((90, 150, 300), values, strict=True)
    )


PLAIN_VIT = {
    "original": _plain("original", (66.8, 67.2, 67.1)),
    "original, augmented": _plain("original, augmented", (71.6, 74.8, 76.1)),
    "improved, not augmented": _plain("improved, not augmented", (73.6, 73.7, 73.7)),
    "improved": _plain("improved", (76.5, 78.5, 80.0)),
}
"""ViT-S/16 from scratch on ImageNet, 90, 150 and 300 epochs (Beyer et al. 2022).

"Original" is the ViT paper's setup; "augmented" adds RandAugment and Mixup. "Improved" has both,
batches of 1024 instead of 4096, the mean instead of a class token, and fixed sinusoidal positions.
"""

_OLD, _NEW = "torchvision V1", "torchvision V2"

LADDERS: dict[str, tuple[Result, ...]] = {
    "ResNet-50": (
        imagenet("ResNet-50", 76.13, "resnet-50", "IMAGENET1K_V1", recipe=_OLD),
        imagenet("ResNet-50", 80.4, "resnet-strikes-back", "abstract", recipe="timm"),
        imagenet("ResNet-50", 80.858, "resnet-50", "IMAGENET1K_V2", recipe=_NEW),
    ),
    "ResNet-152": (
        imagenet("ResNet-152", 78.312, "resnet-152", "IMAGENET1K_V1", recipe=_OLD),
        imagenet("ResNet-152", 82.284, "resnet-152", "IMAGENET1K_V2", recipe=_NEW),
    ),
    "ViT-S/16": (
        PLAIN_VIT["original"][-1],
        imagenet("ViT-S/16", 79.8, "deit", "DeiT-S", recipe="DeiT, 300 epochs"),
        PLAIN_VIT["improved"][-1],
        imagenet("ViT-S/16", 81.4, "deit-code", "README of DeiT III", recipe="DeiT III"),
    ),
    "ViT-B/16": (
        find(TABLE_5, "ViT-B/16", task="ImageNet", data="ImageNet"),
        imagenet("ViT-B/16", 81.072, "torchvision", "vit_b_16, IMAGENET1K_V1",
                 recipe="torchvision"),
        imagenet("ViT-B/16", 81.8, "deit", "DeiT-B", recipe="DeiT, 300 epochs"),
        imagenet("ViT-B/16", 83.8, "deit-code", "README of DeiT III", recipe="DeiT III"),
    ),
}  # fmt: skip
"""One architecture in each row, on ImageNet alone; only the recipe changes.

The ViT paper's ViT-B/16 is the one exception: it is fine-tuned, on the same images, at 384 pixels.
"""

DEIT = (
    imagenet("DeiT-Ti", 72.2, "deit-code", "README", recipe="DeiT, 300 epochs"),
    LADDERS["ViT-S/16"][1],
    LADDERS["ViT-B/16"][2],
    *(
        imagenet(model, value, "deit-code", "README", recipe="DeiT", method="distilled")
        for model, value in (("DeiT-Ti", 74.5), ("DeiT-S", 81.2), ("DeiT-B", 83.4))
    ),
)
"""ViTs from ImageNet alone, with strong augmentation, without and with a CNN as their teacher."""

TORCHVISION_VITS = (
    LADDERS["ViT-B/16"][1],
    *(
        imagenet(model, value, "torchvision", "IMAGENET1K_V1", recipe="torchvision")
        for model, value in (("ViT-B/32", 75.912), ("ViT-L/16", 79.662), ("ViT-L/32", 76.972))
    ),
)
"""From scratch on ImageNet alone: the larger L/16 is behind B/16."""

DINO = tuple(
    imagenet(model, value, "dino-code", "README", recipe="DINO", method="linear probe",
             data="ImageNet, without labels")
    for model, value in (
        ("ResNet-50", 75.3), ("ViT-S/16", 77.0), ("ViT-S/8", 79.7), ("ViT-B/16", 78.2),
        ("ViT-B/8", 80.1),
    )
)  # fmt: skip
"""Self-supervised by one method, a CNN among them, then a linear layer on frozen features."""

DINOV2 = tuple(
    imagenet(model, value, "dinov2-code", "README", recipe=recipe,
             method="linear probe",
             data="142 M images, without labels" + "; distilled from g" * (model != "ViT-g/14"))
    for recipe, values in (("DINOv2", (81.1, 84.5, 86.3, 86.5)),
                           ("DINOv2 with registers", (80.9, 84.6, 86.7, 87.1)))
    for model, value in zip(("ViT-S/14", "ViT-B/14", "ViT-L/14", "ViT-g/14"), values, strict=True)
)  # fmt: skip
"""Frozen features and a linear layer; S, B and L are distilled from g."""

MAE = tuple(
    imagenet(model, value, "mae-code", "README", recipe="MAE", method="fine-tuned",
             data="ImageNet, without labels", pixels=pixels)
    for model, value, pixels in (
        ("ViT-B/16", 83.6, 224), ("ViT-L/16", 85.9, 224), ("ViT-H/14", 86.9, 224),
        ("ViT-H/14", 87.8, 448),
    )
)  # fmt: skip
"""Pre-trained to fill in hidden patches, then fine-tuned, on ImageNet alone."""

AT_SCALE = imagenet(
    "NFNet", 90.4, "convnets-scale", "abstract", recipe="the largest budget",
    data="JFT-4B", method="fine-tuned", pixels=480,
)  # fmt: skip
"""A CNN with as much data and compute as large ViTs get."""

BIT = tuple(
    imagenet("ResNet-152x4 (BiT)", value, key, where, recipe="the BiT paper", data=data,
             pixels=480, method="fine-tuned")
    for data, value, key, where in (
        ("ImageNet", 81.30, "bit", "Table 2"), ("ImageNet-21k", 85.39, "bit", "Table 2"),
        ("JFT-300M", 87.54, "vit", "Table 2"),
    )
)  # fmt: skip
"""A large CNN by the size of its pre-training: the end points that are published as numbers."""
