"""The training loop: one for a processor, a GPU and several processes, resumable at any step.

A batch is a function of the seed and the step, so that a run which was killed and resumed, or
which is shared by several processes, sees the same images in the same order.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from studies.optimizers import OPTIMIZERS
from studies.thrift import Thrift
from vitexplain.experiments.tasks import Task
from vitexplain.extras import needed
from vitexplain.files import whole

if TYPE_CHECKING:
    from accelerate import Accelerator

Progress = Callable[[int, float], None]


@dataclass(frozen=True)
class Recipe:
    """How a model is trained: an optimizer, warm-up, then half a cosine.

    Raises:
        ValueError: a count is less than 1, the optimizer is unknown, or all patches are hidden.
    """

    steps: int
    rate: float  # the largest learning rate
    batch: int = 64
    decay: float = 0.05  # weight decay of matrices and kernels; other parameters have none
    warmup: float = 0.1  # share of the steps in which the rate grows from 0
    clip: float = 1.0  # largest norm of the gradient
    optimizer: str = "adamw"  # of `optimizers.OPTIMIZERS`
    bfloat16: bool = False  # products in bfloat16; weights, norms and the loss stay in float32
    hidden: float = 0.0  # share of the patches that a ViT does not see in the first half

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {self}")
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"steps and batch must be at least 1, got {self}")
        if not 0 <= self.hidden < 1:
            raise ValueError(f"hidden must be at least 0 and less than 1, got {self}")

    def stated(self) -> dict[str, Any]:
        """Return what results say of it; what is usual goes without saying."""
        usual = {"optimizer": "adamw", "bfloat16": False, "hidden": 0.0}
        return {key: value for key, value in vars(self).items() if usual.get(key) != value}

    def shortened(self, share: float) -> "Recipe":
        """Return the recipe with that share of its steps, at least 20."""
        return replace(self, steps=max(20, round(share * self.steps)))

    def share(self, step: int) -> float:
        """Return the learning rate at a step as a share of the largest."""
        start = max(1, round(self.warmup * self.steps))
        if step < start:
            return (step + 1) / start
        return 0.5 * (1 + math.cos(math.pi * (step - start) / max(1, self.steps - start)))


def launched() -> "Accelerator":
    """Return the devices and processes that the launcher set up.

    A GPU each where there are any. Accelerate sees several processes on processors only when it
    is told to use processors.
    """
    with needed("training", "experiments", ["accelerate"], called="Accelerate"):
        from accelerate import Accelerator
    return Accelerator(cpu=not torch.accelerator.is_available())


def train(
    model: nn.Module,
    task: Task,
    recipe: Recipe,
    *,
    accelerator: "Accelerator | None" = None,
    checkpoint: Path | None = None,
    every: int = 100,
    progress: Progress | None = None,
) -> nn.Module:
    """Train the model in place and return it in evaluation mode, on its device.

    Args:
        accelerator: says where and on how many processes; by default what the launcher set up.
            Each process takes its share of every batch, and gradients are averaged.
        checkpoint: a file written every `every` steps; if it exists, training goes on from it.
        progress: called after each step with the steps done and the loss.

    Raises:
        ValueError: the processes do not divide the batch, or the checkpoint is of another
            recipe or model.
    """
    accelerator = accelerator or launched()
    if recipe.batch % accelerator.num_processes:
        raise ValueError(
            f"{accelerator.num_processes} processes do not divide batch {recipe.batch}"
        )
    optimizers = OPTIMIZERS[recipe.optimizer](model, recipe.rate, recipe.decay)
    schedules = [torch.optim.lr_scheduler.LambdaLR(each, recipe.share) for each in optimizers]
    # What is fast in bfloat16 on processors is a convolution whose channels come last.
    layout = torch.channels_last if recipe.bfloat16 else torch.preserve_format
    model = model.to(accelerator.device, memory_format=layout)  # pyright: ignore[reportCallIssue]
    first = _restore(checkpoint, recipe, model, optimizers, schedules)
    began = time.perf_counter() - seconds_in(checkpoint)
    wrapped, *optimizers = accelerator.prepare(model, *optimizers)
    wrapped.train()
    thrift = Thrift(model, plainly=recipe.bfloat16, hidden=recipe.hidden)
    for step in range(first, recipe.steps):
        thrift.step = step
        if 2 * step >= recipe.steps:
            thrift.hidden = 0.0
        inputs, targets = (_share(part, accelerator) for part in task.batch(step, recipe.batch))
        with torch.autocast(accelerator.device.type, torch.bfloat16, enabled=recipe.bfloat16):
            outputs = wrapped(inputs)
        loss = task.loss(outputs.float(), targets)
        for optimizer in optimizers:
            optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(wrapped.parameters(), recipe.clip)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
        done = step + 1
        if checkpoint and done % every == 0 and accelerator.is_main_process:
            seconds = time.perf_counter() - began
            _save(checkpoint, recipe, model, optimizers, schedules, done, seconds)
        if progress:
            progress(done, float(loss.detach()))
    thrift.end()
    return accelerator.unwrap_model(wrapped).eval()


def _share(part: Tensor, accelerator: "Accelerator") -> Tensor:
    """Return this process's part of a batch, on its device."""
    return part.chunk(accelerator.num_processes)[accelerator.process_index].to(accelerator.device)


def seconds_in(checkpoint: Path | None) -> float:
    """Return the seconds of training that went into a checkpoint; 0 if there is none."""
    if checkpoint is None or not checkpoint.exists():
        return 0.0
    return torch.load(checkpoint, map_location="cpu", weights_only=True)["seconds"]


def _save(
    path: Path, recipe: Recipe, model, optimizers, schedules, done: int, seconds: float
) -> None:
    """Write the checkpoint whole or not at all: a kill in mid-writing leaves the last one."""
    state = {
        "recipe": asdict(recipe),
        "step": done,
        "seconds": seconds,
        "model": model.state_dict(),
        "optimizers": [each.state_dict() for each in optimizers],
        "schedules": [each.state_dict() for each in schedules],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        torch.save(state, file)


def _restore(path: Path | None, recipe: Recipe, model, optimizers, schedules) -> int:
    """Load the checkpoint, if there is one, and return the number of steps it has done."""
    if path is None or not path.exists():
        return 0
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["recipe"] != asdict(recipe):
        raise ValueError(f"{path} is of another recipe, {state['recipe']}; remove it to start anew")
    try:
        model.load_state_dict(state["model"])
    except RuntimeError as error:
        raise ValueError(f"{path} is of another model; remove it to start anew") from error
    for which, kept in ((optimizers, "optimizers"), (schedules, "schedules")):
        for each, saved in zip(which, state[kept], strict=True):
            each.load_state_dict(saved)
    return state["step"]
