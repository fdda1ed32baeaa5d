"""What a layout's reader hands on: parameters under timm's names, and what else it knows."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, some
from vitexplain.images import Preprocessing

HALF = (0.5, 0.5, 0.5)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Assumed(NamedTuple):
    """What a checkpoint does not say, and how it was read all the same."""

    what: str  # "heads"
    value: str  # "3 heads of 64 dims"
    options: tuple[str, ...] = ()  # of the command line, which decide instead: ("heads",)

    def __str__(self) -> str:
        options = " ".join(f"--{option}" for option in self.options)
        verb = "decides" if len(self.options) == 1 else "decide"
        return f"{self.value} ({options} {verb})" if options else self.value


@dataclass
class Parsed:
    """Parameters named as timm names them, the table of positions as it is stored."""

    layout: str  # "timm", "torchvision", "huggingface", "google"
    params: dict[str, Tensor]
    names: dict[str, str]  # of each parameter: its name in the file
    resize: str  # convention for the table of positions, a key of RESIZES
    eps: float
    preprocessing: Preprocessing
    heads: int | None = None  # None: the file does not say
    named: bool = False  # by config.json, as a model whose heads are the usual
    image_size: tuple[int, int] | None = None  # of the table of positions
    grid: tuple[int, int] | None = None  # likewise, as the caller says
    readout: str | None = None
    activation: str = "gelu"
    labels: tuple[str, ...] | None = None
    unknown: list[str] = field(default_factory=list)  # names that no ViT of the layout has
    assumed: list[Assumed] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)  # of another model, or of training

    def guess(self, what: str, value: str, *options: str) -> None:
        """Note what the file does not say."""
        self.assumed.append(Assumed(what, value, options))

    def guess_blocks(self) -> None:
        """Note that nothing names the model: what else a block does leaves no trace in weights."""
        self.guess("blocks", f"plain blocks (norm first, epsilon {self.eps:g}, GELU, no rotary "
                   "positions)")  # fmt: skip

    def guess_preprocessing(self, *, mean: bool = True, crop: bool = True) -> None:
        """Note that the file does not say mean and std, or how images are resized and cropped."""
        resized, normalised = self.preprocessing.words()
        if mean:
            self.guess("normalisation", normalised, "mean", "std")
        if crop:
            self.guess("crop", resized, "crop")

    def add(self, name: str, source: str, tensor: Tensor) -> None:
        """Take a parameter under timm's name; `source` is its name in the file."""
        if name in self.params:
            raise CheckpointError(
                f"{source} and {self.names[name]} are the same parameter; expected one of them"
            )
        self.params[name] = tensor
        self.names[name] = source

    def fuse(self, name: str, parts: dict[str, Tensor]) -> None:
        """Take tensors stacked along their first axis as one parameter (query, key, value)."""
        shapes = {source: tuple(part.shape) for source, part in parts.items()}
        if len(set(shapes.values())) > 1 or () in shapes.values():
            shown = some(f"{source} {shape}" for source, shape in shapes.items())
            raise CheckpointError(f"expected parameters of one shape, found {shown}")
        self.add(name, ", ".join(parts), torch.cat(list(parts.values())))


def preprocessing(
    mean: tuple[float, ...], std: tuple[float, ...], crop: float, interpolation: str, fit: str
) -> Preprocessing:
    """Return how images are prepared; the size follows from the table of positions.

    Raises:
        CheckpointError: a value that the file gives is out of range or not supported.
    """
    try:
        return Preprocessing(
            mean=mean,
            std=std,
            crop=crop,
            interpolation=cast(Any, interpolation),
            fit=cast(Any, fit),
        )
    except ValueError as error:
        raise CheckpointError(f"images cannot be prepared as the file says: {error}") from error


def labels_of(about: Any, key: str = "id2label") -> tuple[str, ...] | None:
    """Return the classes' names of a config file, {"0": "tench", …}, if it has them all."""
    table = about.get(key) if isinstance(about, dict) else None
    if isinstance(table, dict):
        by_index = {str(index): label for index, label in table.items()}
        if set(by_index) != {str(index) for index in range(len(table))}:
            return None
        table = [by_index[str(index)] for index in range(len(table))]
    if not isinstance(table, list) or not table:
        return None
    labels = tuple(str(label) for label in table)
    placeholders = tuple(f"LABEL_{index}" for index in range(len(labels)))
    return None if labels == placeholders else labels
