"""Published figures by the name of the model: what the tables of `published` say of it."""

from vitexplain.facts.numbers.table import named
from vitexplain.facts.published import (
    BARS,
    DETECTION,
    DINO,
    DINOV2,
    FAMILIES,
    LADDERS,
    TABLE_2,
    TABLE_5,
    TABLE_6,
    Bar,
    Listed,
    Result,
    Scaled,
)


@named
def bars() -> dict[str, Bar]:
    """Return the bars of the article's chart."""
    return {bar.model: bar for bar in BARS}


@named
def listed() -> dict[str, Listed]:
    """Return the models of the published lists."""
    return {one.model: one for one in FAMILIES}


@named
def scaled() -> dict[str, Scaled]:
    """Return the rows of Table 6 of the ViT paper; of a model trained twice, the longer one."""
    return {row.model: row for row in TABLE_6}


@named
def vtab() -> dict[str, Result]:
    """Return the scores on tasks of 1000 images: "BiT-L, JFT-300M", "ViT-L/16, ImageNet-21k"."""
    return {
        f"{one.model.partition(' ')[0]}, {one.regime.data}": one
        for one in TABLE_2
        if one.task.startswith("VTAB")
    }


@named
def imagenet_after() -> dict[str, dict[str, float]]:
    """Return the scores on ImageNet of Table 5, by what the models were pre-trained on."""
    found: dict[str, dict[str, float]] = {}
    for one in TABLE_5:
        if one.task == "ImageNet":
            found.setdefault(one.regime.data, {})[one.model] = one.value
    return found


@named
def best_recipe() -> dict[str, float]:
    """Return the best score of each architecture on ImageNet alone."""
    return {model: ladder[-1].value for model, ladder in LADDERS.items()}


@named
def unlabelled() -> dict[str, float]:
    """Return the scores of models that DINO trained without labels."""
    return {one.model: one.value for one in DINO}


@named
def dinov2() -> dict[str, Result]:
    """Return DINOv2's results without registers."""
    return {one.model: one for one in DINOV2 if one.regime.recipe == "DINOv2"}


@named
def detection() -> dict[str, float]:
    """Return the box AP of each backbone of one detector."""
    return {one.model: one.value for one in DETECTION}
