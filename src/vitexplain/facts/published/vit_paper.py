"""The tables of the ViT paper (Dosovitskiy et al., ICLR 2021), all but the scaling study."""

from dataclasses import dataclass

from vitexplain.facts.published.number import Regime, Result, number
from vitexplain.facts.sources import SOURCES

VIT = SOURCES["vit"]

TABLE_1_PARAMETERS = {
    size: number(millions * 1e6, "parameters", "vit", "Table 1")
    for size, millions in {"B": 86, "L": 307, "H": 632}.items()
}
"""Sizes as the paper rounds them; 307 M is the L with patches of 32 pixels."""


@dataclass(frozen=True)
class Size:
    """Parameters, and multiply-adds at 224 pixels, of a ViT with 1000 classes."""

    parameters: int
    gmacs: float


SIZES = {
    "Ti/16": Size(5_717_416, 1.254),
    "S/16": Size(22_050_664, 4.599),
    "B/32": Size(88_224_232, 4.409),
    "B/16": Size(86_567_656, 17.564),
    "L/32": Size(306_535_400, 15.378),
    "L/16": Size(304_326_632, 61.555),
    "H/14": Size(632_045_800, 167.295),
}
"""What `vitexplain.vit` must count; B/32 to L/16 are also in torchvision's model metadata."""

_HIGH = "the ViT paper, larger images and Polyak averaging"
_TABLE_2 = {  # model: data, pixels for ImageNet, ImageNet, ±, VTAB, ±, TPUv3-core-days
    "ViT-H/14": ("JFT-300M", 518, 88.55, 0.04, 77.63, 0.23, 2_500),
    "ViT-L/16": ("JFT-300M", 512, 87.76, 0.03, 76.28, 0.46, 680),
    "ViT-L/16, 21k": ("ImageNet-21k", 512, 85.30, 0.02, 72.72, 0.21, 230),
    "BiT-L (ResNet-152x4)": ("JFT-300M", 480, 87.54, 0.02, 76.29, 1.70, 9_900),
}


def _table_2() -> tuple[Result, ...]:
    results = []
    for name, (data, pixels, imagenet, spread, vtab, vtab_spread, _) in _TABLE_2.items():
        model = name.removesuffix(", 21k")
        high = "the BiT paper" if model.startswith("BiT") else _HIGH
        for regime, task, value, deviation in (
            (Regime(data, pixels, "fine-tuned", high), "ImageNet", imagenet, spread),
            (
                Regime(data, 384, "fine-tuned", "1000 images a task"),
                "VTAB, 19 tasks",
                vtab,
                vtab_spread,
            ),
        ):
            results.append(Result(model, value, regime, VIT, "Table 2", task, deviation))
    return tuple(results)


TABLE_2 = _table_2()
"""The largest models against the best CNN of the day, on ImageNet and on VTAB."""

CORE_DAYS = {
    name: number(row[-1], "TPUv3-core-days of pre-training", "vit", "Table 2")
    for name, row in _TABLE_2.items()
}
"""What pre-training them took."""

_MODELS = ("B/16", "B/32", "L/16", "L/32", "H/14")
_TABLE_5 = {  # pre-training: task: top-1 of the five models; H/14 was not trained on ImageNet
    "ImageNet": {
        "ImageNet": (77.91, 73.38, 76.53, 71.16),
        "ImageNet ReaL": (83.57, 79.56, 82.19, 77.83),
        "CIFAR-10": (98.13, 97.77, 97.86, 97.94),
        "CIFAR-100": (87.13, 86.31, 86.35, 87.07),
        "Flowers": (89.49, 85.43, 89.66, 86.36),
        "Pets": (93.81, 92.04, 93.64, 91.35),
    },
    "ImageNet-21k": {
        "ImageNet": (83.97, 81.28, 85.15, 80.99, 85.13),
        "ImageNet ReaL": (88.35, 86.63, 88.40, 85.65, 88.70),
        "CIFAR-10": (98.95, 98.79, 99.16, 99.13, 99.27),
        "CIFAR-100": (91.67, 91.97, 93.44, 93.04, 93.82),
        "Flowers": (99.38, 99.11, 99.61, 99.19, 99.51),
        "Pets": (94.43, 93.02, 94.73, 93.09, 94.82),
    },
    "JFT-300M": {
        "ImageNet": (84.15, 80.73, 87.12, 84.37, 88.04),
        "ImageNet ReaL": (88.85, 86.27, 89.99, 88.28, 90.33),
        "CIFAR-10": (99.00, 98.61, 99.38, 99.19, 99.50),
        "CIFAR-100": (91.87, 90.49, 94.04, 92.52, 94.55),
        "Flowers": (99.56, 99.27, 99.56, 99.45, 99.68),
        "Pets": (95.80, 93.40, 97.11, 95.83, 97.56),
    },
}

TABLE_5 = tuple(
    Result(
        f"ViT-{model}",
        value,
        Regime(data, 384, "fine-tuned", "the ViT paper, pre-trained at 224 px"),
        VIT,
        "Table 5",
        task,
    )
    for data, tasks in _TABLE_5.items()
    for task, values in tasks.items()
    for model, value in zip(_MODELS, values, strict=False)
)
"""Five models, pre-trained on three sets of images, fine-tuned on six tasks at 384 pixels.

Those pre-trained on ImageNet are fine-tuned on ImageNet again, with larger images.
"""

POSITION_ABLATION = {
    kind: number(value, "top-1 accuracy, ImageNet 5-shot linear, ViT-B/16", "vit", "Table 8")
    for kind, value in {
        "none": 0.61382,
        "learned, 1-D": 0.64206,
        "learned, 2-D": 0.64001,
        "relative": 0.64032,
    }.items()
}
"""What positions are worth: accuracy with each kind of position embedding, added once."""
