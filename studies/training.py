"""The training loop: one for a processor, a GPU and several processes, resumable at any step.

A batch is a function of the seed and the step, so that a run which was killed and resumed, or
which is shared by several processes, sees the same images in the same order.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from vitexplain.experiments.tasks import Task
from vitexplain.extras import needed
from vitexplain.files import whole

if TYPE_CHECKING:
    from accelerate import Accelerator

Progress = Callable[[int, float], None]


@dataclass(frozen=True)
class Recipe:
    """How a model is trained: AdamW (Loshchilov and Hutter 2019), warm-up, then half a cosine.

    Raises:
        ValueError: a count is less than 1.
    """

    steps: int
    rate: float  # the largest learning rate
    batch: int = 64
    decay: float = 0.05  # weight decay of matrices and kernels; other parameters have none
    warmup: float = 0.1  # share of the steps in which the rate grows from 0
    clip: float = 1.0  # largest norm of the gradient

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"steps and batch must be at least 1, got {self}")

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
    optimizer = torch.optim.AdamW(_groups(model, recipe), recipe.rate, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, recipe.share)
    model = model.to(accelerator.device)
    first = _restore(checkpoint, recipe, model, optimizer, schedule)
    began = time.perf_counter() - seconds_in(checkpoint)
    wrapped, optimizer = accelerator.prepare(model, optimizer)
    wrapped.train()
    for step in range(first, recipe.steps):
        inputs, targets = (_share(part, accelerator) for part in task.batch(step, recipe.batch))
        loss = task.loss(wrapped(inputs), targets)
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(wrapped.parameters(), recipe.clip)
        optimizer.step()
        schedule.step()
        done = step + 1
        if checkpoint and done % every == 0 and accelerator.is_main_process:
            seconds = time.perf_counter() - began
            _save(checkpoint, recipe, model, optimizer, schedule, done, seconds)
        if progress:
            progress(done, float(loss.detach()))
    return accelerator.unwrap_model(wrapped).eval()


def _groups(model: nn.Module, recipe: Recipe) -> list[dict]:
    """Decay what multiplies its input; biases, norms, tokens and positions keep their size."""
    learned = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    matrices = [
        p for name, p in learned if p.ndim > 1 and "token" not in name and "pos" not in name
    ]
    chosen = {id(p) for p in matrices}
    others = [p for _, p in learned if id(p) not in chosen]
    return [
        {"params": matrices, "weight_decay": recipe.decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _share(part: Tensor, accelerator: "Accelerator") -> Tensor:
    """Return this process's part of a batch, on its device."""
    return part.chunk(accelerator.num_processes)[accelerator.process_index].to(accelerator.device)


def seconds_in(checkpoint: Path | None) -> float:
    """Return the seconds of training that went into a checkpoint; 0 if there is none."""
    if checkpoint is None or not checkpoint.exists():
        return 0.0
    return torch.load(checkpoint, map_location="cpu", weights_only=True)["seconds"]


def _save(
    path: Path, recipe: Recipe, model, optimizer, schedule, done: int, seconds: float
) -> None:
    """Write the checkpoint whole or not at all: a kill in mid-writing leaves the last one."""
    state = {
        "recipe": asdict(recipe),
        "step": done,
        "seconds": seconds,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        torch.save(state, file)


def _restore(path: Path | None, recipe: Recipe, model, optimizer, schedule) -> int:
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
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return state["step"]
