"""One run: a cell of a study, trained with one seed and measured."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from studies import (
    cifar10,
    dino,
    eyes,
    grammar,
    paintings,
    pupils,
    readings,
    robustness,
    segments,
    ship,
)
from studies.catalogue import Cell
from studies.certainty import certainty
from studies.classify import Classify
from studies.crops import Kinds
from studies.distil import taught
from studies.pupils import Pupil, Taught
from studies.training import Progress, launched, seconds_in, train
from vitexplain.compare.distance import attention_distance
from vitexplain.experiments import families
from vitexplain.experiments.datasets import Dataset, digits
from vitexplain.experiments.deit import NO_LABEL
from vitexplain.experiments.face_tasks import OPEN, Expression, Faces, Fill, Tag, draw_faces
from vitexplain.experiments.families import build
from vitexplain.experiments.find_task import Find
from vitexplain.experiments.mae import Mask
from vitexplain.experiments.tasks import FarPlaces, Task, accuracy, generator_of
from vitexplain.faces import EXPRESSIONS
from vitexplain.files import whole
from vitexplain.patches import sides
from vitexplain.vit import ViT, attention_weights

COLOURS = ("cifar10", "photographs")  # settings whose pictures are CIFAR-10's
SHIFTS = {"digits": 1} | dict.fromkeys(COLOURS, 4)  # pixels of random shift when augmenting
PARTS = {"digits": 4} | dict.fromkeys(COLOURS, 8)  # tiles along a side: the ViT's patches
UNSEEN = 1_000_000  # a seed that no training uses
FACE_TASKS = {"tag": Tag, "fill": Fill, "expression": Expression}


@dataclass(frozen=True)
class Place:
    """Where data are read, and where checkpoints, finished runs and weights are kept.

    Weights go where each cell's ship from, if no folder is named.
    """

    data: Path | None
    cache: Path
    weights: Path | None = None
    share: float = 1.0  # of its steps that a teacher gets


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
    if cell.kept:
        checkpoint, every = _kept(cell, seed, place), cell.recipe.steps
    began = time.perf_counter() - seconds_in(checkpoint)
    first = _first(cell.after, seed, place, accelerator) if cell.after else None
    torch.manual_seed(seed)
    model = build(cell.setting, cell.family, seed=seed)
    task = _task(cell, seed, place)
    distils = cell.setting == "scenes" and cell.family in dino.SETTINGS
    learner = dino.Dino(model, cell.recipe.steps, dino.SETTINGS[cell.family]) if distils else model
    if first and cell.loss:
        learner, task = Pupil(model), Taught(task, first, cell.loss)
    elif first:
        model.load_state_dict(first.encoder.state_dict(), strict=False)
    learner = train(
        learner, task, cell.recipe,
        accelerator=accelerator, checkpoint=checkpoint, every=every, progress=progress,
    )  # fmt: skip
    found: dict[str, Any] = {"seed": seed, "seconds": 0.0}
    if isinstance(learner, dino.Dino):
        found["course"] = dino.course(learner)
        found["words"] = dino.words(learner.cpu(), dino.Views(UNSEEN).batch(0, 500)[0][:, 0])
        model = learner.teacher.vit
    found |= _measure(model.eval(), cell, seed, place)
    if first and cell.loss:
        found |= pupils.measure(model, first, digits().test)
    found["seconds"] = round(time.perf_counter() - began, 1)
    if accelerator.is_main_process:
        if cell.ship and seed == 0:
            ship.save(model, name.split("/")[0], cell, found, place.weights or ship.home(cell.ship))
        done.parent.mkdir(parents=True, exist_ok=True)
        done.write_text(json.dumps(found))
        if not cell.kept:
            checkpoint.unlink(missing_ok=True)
    accelerator.wait_for_everyone()
    return found


def prepare(cell: Cell, seed: int, place: Place) -> None:
    """Do what other cells share before runs go side by side: teachers answer, or are trained."""
    if cell.taught:
        _task(cell, seed, place)
    if cell.after:
        _first(cell.after, seed, place, launched())


def _first(cell: Cell, seed: int, place: Place, accelerator: Accelerator) -> Any:
    """Return the model of a cell on which others build, trained unless it has been."""
    return train(
        build(cell.setting, cell.family, seed=seed), _task(cell, seed, place), cell.recipe,
        accelerator=accelerator, checkpoint=_kept(cell, seed, place), every=cell.recipe.steps,
    )  # fmt: skip


def _kept(cell: Cell, seed: int, place: Place) -> Path:
    """Return where the last checkpoint of such a cell stays."""
    of = "-".join(str(value) for value in (cell.setting, cell.family, *cell.keys.values(), seed))
    return place.cache / "first" / f"{of.replace(' ', '-')}.checkpoint"


def _task(cell: Cell, seed: int, place: Place) -> Task:
    if cell.setting == "far-places":
        return FarPlaces(seed)
    if cell.setting == "faces":
        return FACE_TASKS[cell.family](_faces(cell, place, "train"), seed)
    if cell.setting == "find":
        return Find(digits().train, seed)
    if cell.setting == "sentences":
        return grammar.Translate(seed)
    if cell.setting == "scenes":
        return Kinds(seed) if cell.family == "labels" else dino.Views(seed)
    data = _images(cell, place)
    order = torch.randperm(len(data.train), generator=generator_of(seed, UNSEEN))
    chosen = data.train[order[: cell.images and cell.images + cell.unlabelled]]
    if cell.unlabelled:
        chosen.labels[cell.images :] = NO_LABEL
    task = Classify(
        chosen, seed,
        shift=SHIFTS[cell.setting] if cell.augment else 0,
        flip=cell.augment and cell.setting in COLOURS,
    )  # fmt: skip
    if cell.family == "autoencoder":
        return Mask(task, sides(families.DIGITS.patch)[0])
    if not cell.taught:
        return task
    return taught(task, cell.recipe.batch, cell.recipe.steps, place.cache, place.share)


def _images(cell: Cell, place: Place) -> Dataset:
    if cell.setting == "digits":
        return digits()
    assert place.data, f"{cell.setting} is read from a folder: say --data FOLDER"
    return cifar10.load(place.data / "cifar10")


def _faces(cell: Cell, place: Place, part: str) -> Faces:
    """Return the faces of one part, drawn once and then read from a file beside the cache."""
    number, seed = (1000, 1) if part == "train" else (250, 2)
    expressions = EXPRESSIONS if cell.family == "expression" else OPEN
    path = place.cache.parent / f"faces-{number}-{seed}-{len(expressions)}.pt"
    if path.exists():
        return Faces(**torch.load(path, weights_only=True))
    faces = draw_faces(number, seed=seed, expressions=expressions)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        torch.save(vars(faces), file)
    return faces


def _measure(model: Any, cell: Cell, seed: int, place: Place) -> dict[str, Any]:
    if cell.setting == "far-places":
        unseen = FarPlaces(UNSEEN).draw(4000, generator_of(UNSEEN, seed))
        return {"accuracy": accuracy(model, unseen)}
    if cell.setting == "faces":
        task = FACE_TASKS[cell.family](_faces(cell, place, "test"), UNSEEN)
        return eyes.measure(model, task)
    if cell.setting == "find":
        unseen = Find(digits().test, UNSEEN)
        return (
            readings.measure(model, unseen) if cell.detail else readings.accuracies(model, unseen)
        )
    if cell.setting == "sentences":
        return grammar.measure(model)
    if cell.setting == "scenes":
        return segments.measure(model, build(cell.setting, cell.family, seed=seed).eval(), seed)
    data = _images(cell, place)
    if isinstance(task := _task(cell, seed, place), Mask):
        return paintings.measure(model, task, data)
    found: dict[str, Any] = {"accuracy": accuracy(model, getattr(data, cell.judge))}
    if cell.detail:
        found |= robustness.curves(model, data.test[:2000], PARTS[cell.setting])
    if cell.setting == "photographs" and cell.detail:
        found["validation"] = accuracy(model, data.validation)
        found |= certainty(model, data) | readings.norms(model, data.test.images[:1000])
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
