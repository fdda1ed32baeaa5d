"""Run a model on images and read its attention: arrays in, explanations out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

import vitexplain
from vitexplain.arrays import unchecked
from vitexplain.explorer.packed import Kept, Packed, pack, unpack, what_fits
from vitexplain.images import Picture, Preprocessing, fit, normalise
from vitexplain.moved import tell
from vitexplain.reading import READINGS
from vitexplain.report.explanation import WEIGHTS, Explanation
from vitexplain.report.methods import find_method
from vitexplain.vit import Block, Readout, ViTConfig

if TYPE_CHECKING:
    from vitexplain.vit import ViT


@dataclass(frozen=True)
class Request:
    """What to read.

    Raises:
        ValueError: an unknown method.
    """

    method: str = "rollout"  # a key of `METHODS`
    layer: int = -1  # shown first; negative counts from the last
    head: int | None = None  # None: the mean over heads
    target: int | str | None = None  # a class by number or label; None: the most probable
    keep: Kept | None = None  # weights for the page; None: what fits
    weights: bool = False  # also every weight as it is, in float32

    def __post_init__(self) -> None:
        find_method(self.method)


def explain(
    vit: "ViT",
    pictures: Sequence[Picture | Float[np.ndarray, "3 row col"]],
    request: Request | None = None,
    *,
    names: Sequence[str] | None = None,
    labels: tuple[str, ...] | None = None,
    preprocessing: Preprocessing | None = None,
    made: Mapping[str, object] | None = None,
) -> list[Explanation]:
    """Return one explanation a picture; all go through the model together.

    Args:
        pictures: images in [0, 1] of any size, see `vitexplain.images.read_image`.
        names: of the images.
        labels: of the classes.
        preprocessing: as the model was trained; by default centred on 1/2 with the same std.
        made: what else to say of the model's origin.

    Raises:
        IndexError: no such layer or head.
        ValueError: no such class, or a method that this model's readout does not allow.
    """
    import torch

    request, config = request or Request(), vit.config
    method = find_method(request.method)
    layer, head = config.place(request.layer, request.head)
    preprocessing = _channels(preprocessing or Preprocessing(config.image_size), config)
    pictures = [one if isinstance(one, Picture) else Picture(one, ()) for one in pictures]
    seen = [fit(one.pixels, preprocessing) for one in pictures]
    images = torch.from_numpy(np.stack([normalise(one, preprocessing) for one in seen]))
    images = images.to(vit.pos_embed)
    kept = what_fits(config) if request.keep is None else request.keep
    logits, answers, packed, weights = _look(vit, images, kept, request.weights)

    targets = None
    if logits is not None:
        given = None if request.target is None else class_index(request.target, labels, config)
        targets = logits.argmax(-1) if given is None else np.full(len(images), given)
    elif request.target is not None:
        raise ValueError("this model has no classes, so there is no target")
    if request.method == WEIGHTS:
        rows = answers[:, layer].mean(1) if head is None else answers[:, layer, head]
        maps = rows[:, config.prefix :].reshape(-1, *config.grid)
    else:
        if targets is None and method.by_class:
            raise ValueError(f"{method.slug} reads a class, and this model has no classes")
        wanted = torch.from_numpy(np.zeros(len(images), int) if targets is None else targets)
        with unchecked():
            found = READINGS[method.name](vit, images, wanted.to(images.device))
        maps = found.detach().float().cpu().numpy()
    if not all(np.isfinite(x).all() for x in (maps, answers, 0 if logits is None else logits)):
        raise ValueError("the model computes NaN or infinity: are its weights finite?")

    common: dict[str, Any] = {
        "grid": config.grid, "tokens": config.first, "answer_is": config.answer_is,
        "method": method, "layer": layer, "head": head, "labels": labels, "kept": kept,
        "made": {
            "vitexplain": vitexplain.__version__, **(made or {}), "config": asdict(config),
            "preprocessing": asdict(preprocessing), "method": method.slug,
        },
    }  # fmt: skip
    return [
        Explanation(
            name=names[i] if names else f"image {i}",
            image=np.broadcast_to(shown, (3, *shown.shape[1:])),
            size=(picture.pixels.shape[1], picture.pixels.shape[2]),
            notes=picture.notes,
            map=maps[i],
            logits=None if logits is None else logits[i],
            target=None if targets is None else int(targets[i]),
            answer=answers[i],
            packed=packed[i],
            weights=None if weights is None else weights[i],
            **common,
        )
        for i, (picture, shown) in enumerate(zip(pictures, seen, strict=True))
    ]


def class_index(target: int | str, labels: tuple[str, ...] | None, config: ViTConfig) -> int:
    """Return a class's number, given that, or its label.

    Raises:
        ValueError: there is no such class.
    """
    text = str(target).strip()
    if labels and text in labels:
        return labels.index(text)
    alike = [i for i, label in enumerate(labels or ()) if label.lower() == text.lower()]
    if alike:
        return alike[0]
    if text.isdecimal() and int(text) < config.classes:
        return int(text)
    known = " or a label of the checkpoint" if labels else ""
    raise ValueError(f"target must be from 0 to {config.classes - 1}{known}, got {text!r}")


def _look(vit: "ViT", images: Any, kept: Kept, full: bool) -> tuple[Any, Any, list, Any]:
    """Walk through the model once, a layer at a time; return logits, answers, packed, weights."""
    import torch

    config = vit.config
    shares = torch.from_numpy(config.answer_shares).to(images)
    answers, layers, weights, logits = [], [], [], None
    with torch.no_grad(), unchecked():
        for step in vit.walk(images):
            if isinstance(step, Block):
                attention = step.attention.attention.weights
                answers.append((shares @ attention).float().cpu().numpy())
                if kept != "none":
                    some = attention if kept == "heads" else attention.mean(1, keepdim=True)
                    layers.append(_packed(some))
                if full:
                    weights.append(attention.float().cpu().numpy())
            elif isinstance(step, Readout):
                logits = step.logits.float().cpu().numpy()
            del step
    if config.classes == 0 or config.readout == "patches":
        logits = None
    packed = [
        Packed(
            np.stack([layer[0][i] for layer in layers]),
            np.stack([layer[1][i] for layer in layers]),
            max(layer[2][i] for layer in layers),
        )
        if layers
        else None
        for i in range(len(images))
    ]
    return logits, np.stack(answers, 1), packed, np.stack(weights, 1) if full else None


def _packed(weights: Any) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return a layer's levels and tops, and each image's largest error."""
    levels, tops = pack(weights)
    exact = weights.float().cpu().numpy()
    return (
        levels,
        tops,
        [float(abs(unpack(*pair) - w).max()) for *pair, w in zip(levels, tops, exact, strict=True)],
    )


def _channels(preprocessing: Preprocessing, config: ViTConfig) -> Preprocessing:
    """Return the preprocessing for a model of one channel, if it is one."""
    if config.channels == len(preprocessing.mean):
        return preprocessing
    if config.channels == 1:
        mean, std = (float(np.mean(x)) for x in (preprocessing.mean, preprocessing.std))
        return replace(preprocessing, mean=(mean,), std=(std,))
    raise ValueError(f"images have 1 or 3 channels, this model takes {config.channels}")


tell(globals())
