"""What published figures come to: differences of what one source or one protocol has."""

from vitexplain.facts.numbers.quoted import best_recipe, imagenet_after
from vitexplain.facts.numbers.table import Span, named, span
from vitexplain.facts.published import HYBRID_GAINS, LADDERS, POSITION_ABLATION


@named
def more_data() -> dict[str, float]:
    """Return by how many points JFT-300M is better than ImageNet-21k to pre-train on."""
    before, after = (imagenet_after()[data] for data in ("ImageNet-21k", "JFT-300M"))
    return {model: after[model] - before[model] for model in after}


@named
def recipe_worth() -> Span:
    """Return how many points the last recipe of an architecture is better than the first."""
    return span(ladder[-1].value - ladder[0].value for ladder in LADDERS.values())


@named
def best_apart() -> float:
    """Return how many points the best ViT-S/16 and the best ResNet-50 are apart."""
    return abs(best_recipe()["ViT-S/16"] - best_recipe()["ResNet-50"])


@named
def hybrid_points() -> list[float]:
    """Return what a ResNet-50 in front is worth to each ViT, from the smallest to the largest."""
    return [gain.points for gain in HYBRID_GAINS.values()]


@named
def lost_without_positions() -> float:
    """Return how many points ViT-B/16 loses without positions, of Table 8 of the ViT paper."""
    with_them, without = (POSITION_ABLATION[kind].value for kind in ("learned, 1-D", "none"))
    return 100 * (with_them - without)
