"""One run: a cell of a study, trained with one seed and measured."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from vitexplain.compare.distance import attention_distance
from vitexplain.experiments import datasets, face_reading, find_reading, robustness, weights
from vitexplain.experiments.face_tasks import OPEN, Expression, Fill, Tag, stored_faces
from vitexplain.experiments.families import build
from vitexplain.experiments.find_task import Find, accuracies
from vitexplain.experiments.studies import Cell
from vitexplain.experiments.tasks import Classify, FarPlaces, accuracy, generator_of
from vitexplain.experiments.training import Progress, Task, launched, seconds_in, train
from vitexplain.faces import EXPRESSIONS
from vitexplain.vit import ViT, attention_weights

SHIFTS = {"digits": 1, "cifar10": 4}  # pixels of random shift when augmenting
PARTS = {"digits": 4, "cifar10": 8}  # tiles along a side, as many as the ViT's patches
UNSEEN = 1_000_000  # a seed that no training uses
FACE_TASKS = {"tag": Tag, "fill": Fill, "expression": Expression}


@dataclass(frozen=True)
class Place:
    """Where data are read, and where checkpoints, finished runs and weights are kept."""

    data: Path | None
    cache: Path
    weights: Path


def run(
    cell: Cell,
    seed: int,
    place: Place,
    *,
    name: str,
    accelerator: Accelerator | None = None,
    progress: Progress | None = None,
    every: int = 100,
) -> dict[str, Any]:
    """Train and measure one cell with one seed, or read what an earlier run of `name` found.

    A run that was killed goes on from its last checkpoint, one of `every` so many steps.
    """
    accelerator = accelerator or launched()
    done = place.cache / f"{name}.json"
    if done.exists():
        return json.loads(done.read_text())
    checkpoint = place.cache / f"{name}.checkpoint"
    began = time.perf_counter() - seconds_in(checkpoint)
    torch.manual_seed(seed)
    model = build(cell.setting, cell.family, seed=seed)
    task = _task(cell, seed, place)
    model = train(
        model, task, cell.recipe,
        accelerator=accelerator, checkpoint=checkpoint, every=every, progress=progress,
    )  # fmt: skip
    found = {"seed": seed, "seconds": 0.0, **_measure(model, cell, seed, place)}
    found["seconds"] = round(time.perf_counter() - began, 1)
    if accelerator.is_main_process:
        if cell.ship and seed == 0:
            weights.save(model, name.split("/")[0], cell, found, place.weights)
        done.parent.mkdir(parents=True, exist_ok=True)
        done.write_text(json.dumps(found))
        checkpoint.unlink(missing_ok=True)
    accelerator.wait_for_everyone()
    return found


def _task(cell: Cell, seed: int, place: Place) -> Task:
    if cell.kind == "far-places":
        return FarPlaces(seed)
    if cell.kind == "faces":
        return FACE_TASKS[cell.family](_faces(cell, place, "train"), seed)
    if cell.kind == "find":
        return Find(datasets.digits().train, seed)
    data = datasets.load(cell.setting, place.data)
    order = torch.randperm(len(data.train), generator=generator_of(seed, UNSEEN))
    chosen = data.train[order[: cell.images]]
    return Classify(
        chosen, seed,
        shift=SHIFTS[cell.setting] if cell.augment else 0,
        flip=cell.augment and cell.setting == "cifar10",
    )  # fmt: skip


def _faces(cell: Cell, place: Place, part: str):
    number, seed = (1000, 1) if part == "train" else (250, 2)
    expressions = EXPRESSIONS if cell.family == "expression" else OPEN
    return stored_faces(number, seed=seed, expressions=expressions, folder=place.cache.parent)


def _measure(model: Any, cell: Cell, seed: int, place: Place) -> dict[str, Any]:
    if cell.kind == "far-places":
        unseen = FarPlaces(UNSEEN).draw(4000, generator_of(UNSEEN, seed))
        return {"accuracy": accuracy(model, unseen)}
    if cell.kind == "faces":
        task = FACE_TASKS[cell.family](_faces(cell, place, "test"), UNSEEN)
        return face_reading.measure(model, task)
    if cell.kind == "find":
        unseen = Find(datasets.digits().test, UNSEEN)
        return find_reading.measure(model, unseen) if cell.detail else accuracies(model, unseen)
    data = datasets.load(cell.setting, place.data)
    found: dict[str, Any] = {"accuracy": accuracy(model, getattr(data, cell.judge))}
    if cell.detail:
        found |= robustness.curves(model, data.test[:2000], PARTS[cell.setting])
    if cell.detail and isinstance(model, ViT):
        fresh = build(cell.setting, cell.family, seed=seed).eval()
        found["distance before"] = distances(fresh, data.test.images[:128])
        found["distance after"] = distances(model, data.test.images[:128])
    return found


@torch.no_grad()
def distances(model: ViT, images: Tensor) -> dict[str, float]:
    """Return each head's mean attention distance in pixels: {"block 0, head 0": …}."""
    config = getattr(model, "image", model.config)  # on a feature map: the sizes of the whole
    images = images.to(next(model.parameters()).device)
    return {
        f"block {i}, head {h}": float(distance)
        for i, weights in enumerate(attention_weights(model.walk(images)))
        for h, distance in enumerate(
            attention_distance(weights.cpu(), config.grid, config.patch, prefix=config.prefix)
        )
    }
