"""How each graph that ships is made, by name."""

from collections.abc import Callable

import onnx

from vitexplain.experiments import weights
from vitexplain.experiments.face_tasks import TAGS
from vitexplain.export.models import vit
from vitexplain.export.small import designed_face, sentence

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


def lab(name: str, words: str) -> onnx.ModelProto:
    """Return a model of the lab, trained on CIFAR-10, with gates."""
    about = {"name": f"a small ViT trained on CIFAR-10, read from {words}", "labels": list(CIFAR10)}
    return vit(weights.load(name), outputs=READ, gates=True, about=about)


RECIPES: dict[str, Callable[[], onnx.ModelProto]] = {
    "sentence": sentence,
    "face-designed": designed_face,
    "face-learned": learned_face,
    "lab-class": lambda: lab("lab-class", "its class token"),
    "lab-mean": lambda: lab("lab-mean", "the mean of its patches"),
}
