"""Published figures by the name of the model, and what two of them come to."""

from vitexplain.facts import published
from vitexplain.facts.numbers.number_rows import Rows, span
from vitexplain.facts.published import HYBRID_GAINS, LADDERS, POSITION_ABLATION, TABLE_2, TABLE_5


def imagenet_after() -> dict[str, dict[str, float]]:
    """Return the scores on ImageNet of Table 5, by what the models were pre-trained on."""
    found: dict[str, dict[str, float]] = {}
    for one in TABLE_5:
        if one.task == "ImageNet":
            found.setdefault(one.regime.data, {})[one.model] = one.value
    return found


def best_recipe() -> dict[str, float]:
    """Return the best score of each architecture on ImageNet alone."""
    return {model: ladder[-1].value for model, ladder in LADDERS.items()}


def more_data() -> dict[str, float]:
    """Return by how many points JFT-300M is better than ImageNet-21k to pre-train on."""
    before, after = (imagenet_after()[data] for data in ("ImageNet-21k", "JFT-300M"))
    return {model: after[model] - before[model] for model in after}


def lost_without_positions() -> float:
    """Return how many points ViT-B/16 loses without positions, of Table 8 of the ViT paper."""
    with_them, without = (POSITION_ABLATION[kind].value for kind in ("learned, 1-D", "none"))
    return 100 * (with_them - without)


QUOTED_NUMBERS: Rows = {
    # The bars of the article's chart.
    "bars": lambda: {bar.model: bar for bar in published.BARS},
    # The models of the published lists.
    "listed": lambda: {one.model: one for one in published.FAMILIES},
    # The rows of Table 6 of the ViT paper; of a model trained twice, the longer one.
    "scaled": lambda: {row.model: row for row in published.TABLE_6},
    # The scores on tasks of 1000 images: "BiT-L, JFT-300M", "ViT-L/16, ImageNet-21k".
    "vtab": lambda: {
        f"{one.model.partition(' ')[0]}, {one.regime.data}": one
        for one in TABLE_2
        if one.task.startswith("VTAB")
    },
    "imagenet_after": imagenet_after,
    "best_recipe": best_recipe,
    # The scores of models that DINO trained without labels.
    "unlabelled": lambda: {one.model: one.value for one in published.DINO},
    # DINOv2's results without registers.
    "dinov2": lambda: {o.model: o for o in published.DINOV2 if o.regime.recipe == "DINOv2"},
    # The box AP of each backbone of one detector.
    "detection": lambda: {one.model: one.value for one in published.DETECTION},
}
"""What the tables of `published` say of a model."""

NUMBERS: Rows = {
    "more_data": more_data,
    # How many points the last recipe of an architecture is better than the first.
    "recipe_worth": lambda: span(one[-1].value - one[0].value for one in LADDERS.values()),
    # How many points the best ViT-S/16 and the best ResNet-50 are apart.
    "best_apart": lambda: abs(best_recipe()["ViT-S/16"] - best_recipe()["ResNet-50"]),
    # What a ResNet-50 in front is worth to each ViT, from the smallest to the largest.
    "hybrid_points": lambda: [gain.points for gain in HYBRID_GAINS.values()],
    "lost_without_positions": lost_without_positions,
}
"""Differences of what one source or one protocol has."""
