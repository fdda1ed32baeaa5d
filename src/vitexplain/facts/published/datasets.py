"""The sets of labelled images that the figures rest on, by size."""

from dataclasses import dataclass

from vitexplain.facts.published.number import Number, number
from vitexplain.facts.sources import SOURCES, Source


@dataclass(frozen=True)
class Dataset:
    """A labelled set of images, in the rounded numbers of the ViT paper (section 4.1).

    `exact` counts the training images, where that number is public.
    """

    name: str
    classes: int
    images: int
    public: bool
    exact: Number | None = None
    source: Source = SOURCES["vit"]


DATASETS = (
    Dataset(
        "ImageNet",
        1_000,
        1_300_000,
        public=True,
        exact=number(1_281_167, "training images", "imagenet", "the challenge's set of 2012"),
    ),
    Dataset(
        "ImageNet-21k",
        21_000,
        14_000_000,
        public=True,
        exact=number(14_197_122, "images", "imagenet-21k", "section 1"),
    ),
    Dataset("JFT-300M", 18_000, 303_000_000, public=False),
)

IMAGES = {dataset.name: dataset.images for dataset in DATASETS}
"""Images of each set, as the ViT paper rounds them."""

SLIDES_IMAGENET = number(1_200_000, "training images", "slides", "ViT against ResNet")
"""How the slides round ImageNet; AlexNet's paper, too, says "roughly 1.2 million"."""


@dataclass(frozen=True)
class Small:
    """A small set of labelled images of one shape, that our own experiments learn from."""

    name: str
    classes: int
    images: int  # to learn from and to test on, together
    shape: tuple[int, int, int]  # channel, row, col
    source: Source


SMALL = (
    Small("digits", 10, 1_797, (1, 8, 8), SOURCES["digits"]),
    Small("MNIST", 10, 70_000, (1, 28, 28), SOURCES["mnist"]),
    Small("CIFAR-10", 10, 60_000, (3, 32, 32), SOURCES["cifar"]),
)
