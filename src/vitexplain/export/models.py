"""A Vision Transformer of any size as an ONNX graph."""

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from vitexplain.compare.stem import MapViT
from vitexplain.export.outputs import BRANCHES, answers, full_names, stored
from vitexplain.export.tracing import require_size, trace
from vitexplain.patches import sides
from vitexplain.vit import ViT, ViTConfig, count_parameters


def vit(
    model: ViT,
    *,
    outputs: Collection[str] = ("weights", "logits"),
    gates: bool = False,
    positions: bool = False,
    branches: bool = False,
    float16: bool = True,
    about: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] | None = None,
) -> onnx.ModelProto:
    """Return the graph of `answers` for a model: images in, what is asked for out.

    Of a Transformer on a feature map the backbone comes first; its tokens are the map's places.

    Args:
        outputs: names of `OUTPUTS`; those of a block are answered for every block.
        gates: a second input (layer, head), 1 as trained, 0 without that head.
        positions: an input without axes by which the table of positions is multiplied.
        branches: an input (layer, branch) by which what a block adds is multiplied, 1 as trained;
            see `outputs.BRANCHES`.
        float16: round the weights to float16 and store them so, half the bytes; computed is
            in float32. The rounded weights are those of `stored`.
        about: what else the graph says of itself, as "name", "labels", "mean" and "std".
        progress: called with a line before each stage.

    Raises:
        TypeError: neither a plain `vitexplain.vit.ViT` nor a `MapViT`.
        ValueError: outputs that `full_names` refuses, or a file of more than 2 GB.
    """
    if type(model) is not ViT and not isinstance(model, MapViT):
        raise TypeError(f"model must be a vitexplain.vit.ViT, got {type(model).__name__}")
    config, image = model.config, getattr(model, "image", model.config)
    names = full_names(outputs, config)
    require_size(count_parameters(config) * (2 if float16 else 4), float16)
    say = progress or (lambda line: None)
    empty = {id(p): nn.Parameter(p.detach().to("meta")) for p in model.parameters()}
    twin = deepcopy(model, empty)
    twin.load_state_dict(stored(model, float16=float16), assign=True, strict=False)
    inputs = {"images": torch.zeros(2, image.channels, *sides(image.image_size))}
    if gates:
        inputs["gates"] = torch.ones(config.depth, config.heads)
    if positions:
        inputs["positions"] = torch.tensor(1.0)
    if branches:
        inputs["branches"] = torch.ones(config.depth, len(BRANCHES))
    says = _about(image, outputs) | {"inputs": list(inputs), "float16": float16}
    says |= about or {}
    say(f"tracing {config.depth} blocks")
    graph = trace(
        partial(_answers, config=config, outputs=names, extra=list(inputs)[1:]),
        twin, inputs, names, says, dynamic={"images": "batch"}, float16=float16,
    )  # fmt: skip
    for parameter in twin.parameters():  # torch holds on to the last program that it traced
        parameter.data = torch.empty(0)
    return graph


def _answers(
    twin: ViT,
    images: Tensor,
    *more: Tensor,
    config: ViTConfig,
    outputs: list[str],
    extra: list[str],
) -> Mapping[str, Tensor]:
    options = dict(zip(extra, more, strict=True))
    x = twin.backbone(images) if isinstance(twin, MapViT) else images
    return answers(dict(twin.named_parameters()), x, config, outputs, **options)


def _about(config: ViTConfig, outputs: Collection[str]) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "vit",
        "outputs": list(dict.fromkeys(name.partition(".")[0] for name in outputs)),
        "image_size": list(sides(config.image_size)),
        "channels": config.channels,
        "patch": list(sides(config.patch)),
        "grid": list(config.grid),
        "prefix": config.prefix,
        "layers": config.depth,
        "heads": config.heads,
        "dim": config.dim,
        "classes": config.classes,
        "readout": config.readout,
        "mean": [0.5] * config.channels,
        "std": [0.5] * config.channels,
        "crop": 1.0,
        "interpolation": "bicubic",
        "fit": "crop",
        "labels": None,
        "name": "ViT",
    }
