"""Published numbers that the pages show, each with the work and the place it comes from."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.sources import SOURCES, Source

VIT = SOURCES["vit"]


@dataclass(frozen=True)
class Number:
    """One published number, what it is, and the place in the source where it stands."""

    value: float
    unit: str
    source: Source
    where: str


def _number(value: float, unit: str, key: str, where: str) -> Number:
    return Number(value, unit, SOURCES[key], where)


def _ablation(value: float) -> Number:
    return _number(value, "top-1 accuracy, ImageNet 5-shot linear, ViT-B/16", "vit", "Table 8")


POSITION_ABLATION = {
    "none": _ablation(0.61382),
    "learned, 1-D": _ablation(0.64206),
    "learned, 2-D": _ablation(0.64001),
    "relative": _ablation(0.64032),
}
"""What positions are worth: accuracy with each kind of position embedding."""


@dataclass(frozen=True)
class Dataset:
    """A labelled set of images, in the rounded numbers of the ViT paper (section 4.1)."""

    name: str
    classes: int
    images: int
    public: bool
    source: Source = VIT


DATASETS = (
    Dataset("ImageNet", 1_000, 1_300_000, public=True),
    Dataset("ImageNet-21k", 21_000, 14_000_000, public=True),
    Dataset("JFT-300M", 18_000, 303_000_000, public=False),
)

TABLE_1_PARAMETERS = {
    size: _number(millions * 1e6, "parameters", "vit", "Table 1")
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

OTHER = {
    "ResNet-50 parameters": _number(25_557_032, "parameters", "resnet-50", "num_params"),
    "ResNet-152 multiply-adds": _number(11.51e9, "multiply-adds", "resnet-152", "GFLOPS"),
}


def _top_1(value: float, key: str, where: str, unit: str = "ImageNet top-1, %") -> Number:
    return _number(value, unit, key, where)


RECIPES = {
    "ViT plain": _top_1(77.91, "vit", "Table 5"),
    "DeiT-B": _top_1(81.8, "deit", "300 epochs"),
    "NFNet": _top_1(90.4, "convnets-scale", "abstract, pre-trained on JFT-4B"),
    "ViT-H, VTAB": _top_1(77.63, "vit", "Table 2", "VTAB, %"),
    "BiT-L, VTAB": _top_1(76.29, "vit", "Table 2", "VTAB, %"),
}

HYBRID_GAINS = {
    "B/32": (_top_1(80.73, "vit", "Table 6"), _top_1(84.90, "vit", "Table 6")),
    "B/16": (_top_1(84.15, "vit", "Table 6"), _top_1(85.58, "vit", "Table 6")),
    "L/32": (_top_1(84.37, "vit", "Table 6"), _top_1(85.68, "vit", "Table 6")),
    "L/16": (_top_1(86.30, "vit", "Table 6"), _top_1(86.60, "vit", "Table 6")),
    "L/16 trained twice as long": (
        _top_1(87.12, "vit", "Table 6"),
        _top_1(87.12, "vit", "Table 6"),
    ),
}
"""ImageNet top-1 of a ViT, and of the same ViT on the features of a ResNet-50."""

AT_4_5_GMACS = {
    "Swin-T": _top_1(81.2, "swin", "official code, README"),
    "CvT-13": _top_1(81.6, "cvt", "official code, README"),
    "ConvNeXt-T": _top_1(82.1, "convnext", "official code, README"),
}
"""Three models of 4.5 G multiply-adds, ImageNet-1k at 224 pixels; the recipes differ."""


@dataclass(frozen=True)
class Bar:
    """One bar of the article's chart, and the published number nearest to it."""

    model: str
    printed: float
    number: Number
    note: str
    kind: Literal["slip", "imprecise"] = "imprecise"
    also: tuple[str, ...] = ()  # keys of SOURCES that the note needs


BARS = (
    Bar(
        "ResNet-50",
        76.2,
        _top_1(
            76.13,
            "resnet-50",
            "IMAGENET1K_V1",
            "torchvision's: ImageNet-1k alone, 224 pixels, old recipe",
        ),
        "The other bars use newer recipes.",
    ),
    Bar(
        "ResNet-152",
        78.3,
        _top_1(78.312, "resnet-152", "IMAGENET1K_V1", "torchvision's, the same old recipe"),
        "With a newer recipe torchvision's ResNet-152 reaches 82.284%.",
    ),
    Bar(
        "ViT-S/16",
        78.5,
        _top_1(79.8, "deit", "DeiT-S", "DeiT-S: ImageNet-1k alone, 224 pixels"),
        "We could not confirm where 78.5 comes from.",
    ),
    Bar(
        "ViT-B/16",
        81.8,
        _top_1(81.8, "deit", "DeiT-B", "DeiT-B: ImageNet-1k alone, 224 pixels, 300 epochs"),
        "The ViT paper's own, from ImageNet alone, is 77.91%.",
        also=("vit",),
    ),
    Bar(
        "ViT-L/16",
        85.2,
        _top_1(85.15, "vit", "Table 5", "pre-trained on ImageNet-21k, fine-tuned at 384 pixels"),
        "From ImageNet alone it is 76.53%: the bar shows the data more than the model.",
    ),
    Bar(
        "DINOv2-L",
        86.5,
        _top_1(
            86.3,
            "dinov2-code",
            "README",
            "ViT-L/14: 142 M images without labels, frozen, linear probe",
        ),
        "86.5% is the larger ViT-g/14.",
        "slip",
    ),
)
