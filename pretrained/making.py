"""One model from the hub to what the site shows: fetched, compared, exported, its maps kept."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pretrained import parity
from pretrained.pins import Pin
from vitexplain import export
from vitexplain.checkpoints import Checkpoint, CheckpointError, read
from vitexplain.checkpoints.hub import download
from vitexplain.export.recipes import READ
from vitexplain.files import whole
from vitexplain.images import prepare
from vitexplain.images.photographs import PHOTOGRAPHS
from vitexplain.vit import ViT

TOP = 3  # answers to a photograph that are kept
IMAGENET = 1000  # classes whose names timm knows


def make(pin: Pin, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Write a model's graph and maps to a folder, and return its row of the listing.

    Raises:
        CheckpointError: it cannot be fetched, is not the file that was pinned, or does not
            compute what its own library computes. What was there before stays.
    """
    path = download(pin.repo, revision=pin.revision, checksum=pin.sha256)
    say("comparing it with its own library")
    checkpoint = read(path)
    against, apart = parity.difference(path.parent, checkpoint)
    if not apart <= parity.WRONG:
        raise CheckpointError(f"its answers differ from those of {against} by {apart:.1e}")
    if pin.size is not None:
        checkpoint = checkpoint.resized(pin.size)
    vit = checkpoint.build().requires_grad_(False)
    labels = names_of(checkpoint)
    maps, says = looks(vit, checkpoint, labels)
    with whole(folder / f"{pin.name}.npz") as file:
        np.savez_compressed(file, allow_pickle=False, **maps)
    seen = asdict(checkpoint.preprocessing)
    about = {name: seen[name] for name in ("mean", "std", "crop", "interpolation", "fit")}
    about |= {"name": pin.title, "labels": labels}
    size = write_graph(vit, folder / f"{pin.name}.onnx", about, say)
    return {
        "name": pin.name, "title": pin.title, "repo": pin.repo, "sha256": pin.sha256,
        "taught": pin.taught, "grid": list(vit.config.grid), "bytes": size, "against": against,
        "apart": apart, "says": says,
    }  # fmt: skip


def names_of(checkpoint: Checkpoint) -> list[str] | None:
    """Return the names of the classes: the checkpoint's own, or timm's of ImageNet."""
    if checkpoint.labels:
        return list(checkpoint.labels)
    if checkpoint.config.classes != IMAGENET:
        return None
    from timm.data.imagenet_info import ImageNetInfo

    info = ImageNetInfo()  # reads files: once is enough
    return [info.index_to_description(i) for i in range(IMAGENET)]


def looks(
    vit: ViT, checkpoint: Checkpoint, labels: list[str] | None
) -> tuple[dict[str, Any], dict[str, list[tuple[str, float]]]]:
    """Return of each photograph what the class token takes from the patches, and what is said.

    The maps are (layer, head, patch), float16; said are the likeliest labels with probabilities.
    """
    maps, says = {}, {}
    config = vit.config
    for name, photograph in PHOTOGRAPHS.items():
        image = torch.tensor(prepare(photograph.pixels(), checkpoint.preprocessing))[None]
        found = export.answers(dict(vit.named_parameters()), image, config, ["weights", "logits"])
        rows = [found[f"weights.{i}"][0, :, 0, config.prefix :] for i in range(config.depth)]
        maps[name] = torch.stack(rows).numpy().astype(np.float16)
        if config.classes:
            best = found["logits"][0].softmax(-1).topk(min(TOP, config.classes))
            says[name] = [
                (labels[i] if labels else f"class {i}", round(chance, 4))
                for chance, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ]
    return maps, says


def write_graph(vit: ViT, path: Path, about: dict[str, Any], say: Callable[[str], None]) -> int:
    """Write a model as ONNX with its weights in float16; return how many bytes that takes.

    Raises:
        CheckpointError: it does not compute what torch computes; nothing is left of it.
    """
    outputs = [name for name in READ if name != "logits" or vit.config.classes]
    part = path.with_suffix(".part")
    try:
        export.save(export.vit(vit, outputs=outputs, gates=True, about=about, progress=say), part)
        furthest = max(export.check(part, vit).values())
        if not furthest <= parity.WRONG:
            raise CheckpointError(f"its graph differs from torch by {furthest:.1e}")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path.stat().st_size
