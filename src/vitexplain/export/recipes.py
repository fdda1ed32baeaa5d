"""How each graph that ships is made, by name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx

from vitexplain.experiments import weights
from vitexplain.experiments.face_tasks import TAGS
from vitexplain.export.models import vit
from vitexplain.export.outputs import OUTPUTS
from vitexplain.export.small import designed_face, sentence

KEPT = Path("studies") / "weights"  # in the repository, from whose root the graphs are written

STEPS = ("query", "key", "value", "scores", "scaled", "weights", "head_outputs")
READ = (*STEPS, "mean", "rollout", "logits")

CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
"""The classes in the order of the labels, as Krizhevsky 2009 names them."""


def learned_face() -> onnx.ModelProto:
    """Return the model that tags each patch of a drawn face, with gates and positions."""
    about = {"name": "a small ViT trained on drawn faces", "labels": list(TAGS)}
    return vit(weights.load("face-tag"), outputs=READ, gates=True, positions=True, about=about)


def photographs(
    name: str, words: str, folder: Path = weights.FOLDER, *, whole: bool = False
) -> onnx.ModelProto:
    """Return a model of the lab, trained on CIFAR-10, with gates; or the whole machine.

    It says how to read its logits: by which temperature, and up to which energy.
    """
    found = weights.describe(name, folder)["measured"]
    about: dict[str, Any] = {
        "name": f"{words}, trained on CIFAR-10", "labels": list(CIFAR10),
        "temperature": round(found["temperature"], 4),
        "energy_limit": round(found["energy limit"], 4),
    }  # fmt: skip
    model = weights.load(name, folder)
    if whole:  # what the arithmetic of a single number needs
        about |= {"hidden": model.config.mlp_dim, "eps": model.config.eps}
    outputs = [output for output in OUTPUTS if output != "pre_logits"] if whole else READ
    return vit(model, outputs=outputs, gates=True, positions=whole, branches=whole, about=about)


RECIPES: dict[str, Callable[[], onnx.ModelProto]] = {
    "sentence": sentence,
    "face-designed": designed_face,
    "face-learned": learned_face,
    "photo-patches": lambda: photographs("photo-patches", "a small ViT", whole=True),
    "photo-stem": lambda: photographs("photo-stem", "a small ViT behind convolutions", KEPT),
}
