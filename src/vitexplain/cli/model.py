"""The model that a command line names."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitexplain.cli.lines import say
from vitexplain.cli.wrong import CommandError, blaming

if TYPE_CHECKING:
    from vitexplain.checkpoints import Checkpoint

HUB = "hub:"
FILES = (".safetensors", ".pth", ".pt", ".bin", ".npz", ".onnx", ".ckpt", ".h5", ".json")


@dataclass(frozen=True)
class ModelChoice:
    """Which checkpoint, at which size, on which device."""

    path: str
    size: int | None = None
    device: str = "auto"
    labels: Path | None = None
    heads: int | None = None
    grid: tuple[int, int] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    crop: float | None = None


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model that is ready, with all that is known of its checkpoint."""

    vit: Any
    checkpoint: "Checkpoint"
    labels: tuple[str, ...] | None


def checkpoint_path(name: str) -> Path:
    """Return where a checkpoint is; one of the hub is downloaded if it is not in its cache.

    Raises:
        CommandError: there is no such file.
    """
    if name.startswith(HUB):
        from vitexplain.checkpoints.hub import download

        return download(name.removeprefix(HUB))
    path = Path(name)
    if not path.exists():
        of_hub = name.count("/") == 1 and path.suffix not in FILES  # timm's names have dots
        hint = f"; for the hub: {HUB}{name}" if of_hub else ""
        raise CommandError(f"there is no model {name!r}{hint}")
    return path


@lru_cache(maxsize=1)  # a command asks before it works, and each worker for every batch
def load(choice: ModelChoice) -> Loaded:
    """Return the model, in evaluation mode, on its device.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        CommandError: heads that do not divide its dims, a size that its patches do not tile, a
            device that is not there, or labels that do not fit.
    """
    from vitexplain import checkpoints

    path = checkpoint_path(choice.path)
    try:
        checkpoint = checkpoints.read(path, heads=choice.heads, grid=choice.grid)
    except checkpoints.CheckpointError as error:
        if choice.heads is not None and "heads" in str(error):
            reason = str(error).rpartition(": ")[2]
            raise CommandError(f"--heads: {reason}") from error
        raise
    with blaming("--mean, --std, --crop"):
        checkpoint = checkpoint.prepared(choice.mean, choice.std, choice.crop)
    if choice.size is not None:
        with blaming("--size"):
            checkpoint = checkpoint.resized(choice.size)
    vit = checkpoint.build().requires_grad_(False).to(find_device(choice.device))
    labels = checkpoint.labels
    if choice.labels is not None:
        labels = read_labels(choice.labels, checkpoint.config.classes)
    return Loaded(vit, replace(checkpoint, params={}), labels)


def tell_assumed(checkpoint: "Checkpoint") -> None:
    """Say what the checkpoint does not, and how it was read all the same."""
    if checkpoint.assumed:
        say(f"assumed: {'; '.join(map(str, checkpoint.assumed))}")


def choose(
    path: str,
    size: int | None,
    device: str,
    labels: Path | None,
    heads: int | None,
    grid: str | None,
    mean: str | None,
    std: str | None,
    crop: float | None,
) -> ModelChoice:
    """Return the choice that options make, as they are written.

    Raises:
        CommandError: a mean or std that is no list of numbers, or a grid that is not "8x2".
    """
    colours = _numbers(mean, "mean"), _numbers(std, "std")
    return ModelChoice(path, size, device, labels, heads, rows_cols(grid), *colours, crop)


def _numbers(text: str | None, option: str) -> tuple[float, ...] | None:
    """Return the numbers of "0.5,0.5,0.5"; of one, three times the same."""
    if text is None:
        return None
    try:
        found = tuple(map(float, text.split(",")))
    except ValueError:
        found = ()
    if len(found) not in (1, 3):
        raise CommandError(f"--{option} must be a number, or three with commas, got {text!r}")
    return found * 3 if len(found) == 1 else found


def rows_cols(text: str | None) -> tuple[int, int] | None:
    """Return the numbers of "8x2", rows and columns.

    Raises:
        CommandError: it is something else.
    """
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,4})[x×]([1-9]\d{0,4})", text)
    if match is None:
        raise CommandError(f"--grid must be rows x columns of patches, as 8x2, got {text!r}")
    return int(match[1]), int(match[2])


def find_device(name: str) -> Any:
    """Return the torch device of that name; "auto" is a GPU where there is one.

    Under a launcher, which numbers the processes of a machine, each takes a GPU of its own.

    Raises:
        CommandError: there is no such device.
    """
    import torch

    from vitexplain.jobs.ranks import local_rank

    if name == "auto":
        if not torch.cuda.is_available():
            return torch.device("cpu")
        return torch.device("cuda", local_rank() % torch.cuda.device_count())
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"--device {name}: {reason}") from error
    return device


def read_labels(path: Path, classes: int) -> tuple[str, ...]:
    """Return the lines of a file, one a class.

    Raises:
        CommandError: the file cannot be read, or has not one line a class.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--labels {path}: {getattr(error, 'strerror', error)}") from error
    if len(lines) != classes:
        raise CommandError(f"--labels {path}: {len(lines)} lines, the model has {classes} classes")
    return tuple(lines)
