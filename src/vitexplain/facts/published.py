"""Published numbers that the pages show, each with the work and the table it comes from."""

from dataclasses import dataclass

from vitexplain.facts.sources import SOURCES, Source

VIT = SOURCES["vit"]


@dataclass(frozen=True)
class Number:
    """One published number, with its unit and the place in the source where it stands."""

    value: float
    unit: str
    source: Source
    where: str


def _ablation(value: float) -> Number:
    return Number(value, "top-1 accuracy, ImageNet 5-shot linear, ViT-B/16", VIT, "Table 8")


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
    "B": Number(86e6, "parameters", VIT, "Table 1"),
    "L": Number(307e6, "parameters", VIT, "Table 1"),
    "H": Number(632e6, "parameters", VIT, "Table 1"),
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
"""What `vitexplain.vit` must count; five of the seven are also in torchvision's model metadata."""
