"""The sets of labelled images that the figures rest on, by size."""

from dataclasses import dataclass

from vitexplain.facts.published.number import PRINTED, Number, number
from vitexplain.facts.sources import SOURCES, Source

__all__ = ["DATASETS", "IMAGES", "SLIDES_IMAGENET", "SMALL", "Dataset", "Small"]


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


DATASETS = tuple(
    Dataset(**{**one, "exact": number(**one["exact"]) if "exact" in one else None})
    for one in PRINTED["datasets"]
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


SMALL = tuple(
    Small(**{**one, "shape": tuple(one["shape"]), "source": SOURCES[one["source"]]})
    for one in PRINTED["small"]
)
