"""How well a model's attention covers the object of a scene, and its features tell the kind."""

from typing import Any

import torch
from torch import Tensor

from vitexplain.experiments.scene_reading import (
    YARDSTICKS,
    class_attention,
    kept,
    neighbours,
    on_object,
    overlap,
    resized,
)
from vitexplain.experiments.scenes import Scenes, draw_scenes
from vitexplain.experiments.tasks import generator_of
from vitexplain.vit import ViT

UNSEEN = 2_000_000  # a seed that no training uses
NUMBER, KNOWN = 500, 1000  # scenes that are measured; whose kinds are known to their neighbours


@torch.no_grad()
def measure(model: ViT, untrained: ViT, seed: int) -> dict[str, Any]:
    """Return overlap and weight on the object: of the model, untrained, and of what asks none.

    “best head” is chosen on other scenes, for each model; “best head of each scene” by the
    very outline that it is compared with, as nobody could who has none.
    """
    model, untrained = model.cpu(), untrained.cpu()
    seen, chosen_on, known = (
        draw_scenes(number, generator_of(UNSEEN + seed, part))
        for part, number in enumerate((NUMBER, NUMBER, KNOWN))
    )
    found: dict[str, Any] = {}
    for title, one in (("", model), (", untrained", untrained)):
        maps = class_attention(one, seen)
        best = int(score(class_attention(one, chosen_on), chosen_on).mean(0).argmax())
        found |= {
            f"overlap{title}": summed(score(maps, seen), best)
            | {"mean of heads": float(score(maps.mean(1, keepdim=True), seen).mean())},
            f"weight on object{title}": summed(on_object(maps, seen.masks), best),
            f"kind by neighbours{title}": float(
                (neighbours(one, seen, known).argmax(-1) == seen.labels).double().mean()
            ),
        }
    if model.config.classes:
        named = model(resized(model, seen)).argmax(-1)
        found["accuracy"] = float((named == seen.labels).double().mean())
    asked_nobody = {name: draw(seen, maps.shape[-1])[:, None] for name, draw in YARDSTICKS.items()}
    found["overlap, yardstick"] = {
        name: float(score(one, seen).mean()) for name, one in asked_nobody.items()
    }
    found["weight on object, yardstick"] = {
        name: float(on_object(one, seen.masks).mean()) for name, one in asked_nobody.items()
    }
    return found


def score(maps: Tensor, scenes: Scenes) -> Tensor:
    """Return each head's overlap with the object in each scene."""
    return overlap(kept(maps), scenes.masks)


def summed(values: Tensor, best: int) -> dict[str, float]:
    """Return the means over scenes of values (scene, head)."""
    return {
        "best head": float(values[:, best].mean()),
        "all heads": float(values.mean()),
        "best head of each scene": float(values.max(1).values.mean()),
        **{f"head {h}": float(one) for h, one in enumerate(values.mean(0))},
    }
