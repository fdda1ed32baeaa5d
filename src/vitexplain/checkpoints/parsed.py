"""What a layout's reader hands on: parameters under timm's names, and what else it knows."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, refused, some
from vitexplain.images import Preprocessing

HALF = (0.5, 0.5, 0.5)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
FUSED = {"qkv": ("query", "key", "value"), "fc1": ("gate", "value")}
"""Layers that some libraries keep in parts, in the order in which these are stacked."""


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
    params: dict[str, Tensor] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # of each parameter: its name in the file
    resize: str = ""  # convention for the table of positions, if not the layout's own
    eps: float = 1e-6
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
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

    def rename(self, old: str, new: str) -> None:
        """Give a parameter, if it is there, another of our names."""
        if old in self.params:
            self.params[new], self.names[new] = self.params.pop(old), self.names.pop(old)

    def fuse(self) -> None:
        """Stack the parts "qkv:query.weight", "qkv:key.weight", … along their first axis."""
        found = (re.fullmatch(r"(.*\.(\w+)):\w+(\.\w+)", name) for name in self.params)
        for start, layer, kind in dict.fromkeys(one.groups() for one in found if one):
            parts = {part: f"{start}:{part}{kind}" for part in FUSED[layer]}
            there = {self.names[n]: self.params[n] for n in parts.values() if n in self.params}
            if missing := [part for part, n in parts.items() if n not in self.params]:
                raise CheckpointError(f"the {missing[0]} is missing beside {', '.join(there)}")
            shapes = {source: tuple(part.shape) for source, part in there.items()}
            if len(set(shapes.values())) > 1 or () in shapes.values():
                shown = some(f"{source} {shape}" for source, shape in shapes.items())
                raise CheckpointError(f"expected parameters of one shape, found {shown}")
            for part in parts.values():
                del self.params[part], self.names[part]
            self.add(start + kind, ", ".join(there), torch.cat([*there.values()]))


def preprocessing(
    mean: tuple[float, ...], std: tuple[float, ...], crop: float, interpolation: Any, fit: Any
) -> Preprocessing:
    """Return how images are prepared; the size follows from the table of positions.

    Raises:
        CheckpointError: a value that the file gives is out of range or not supported.
    """
    with refused("images cannot be prepared as the file says", ValueError):
        return Preprocessing(
            mean=mean, std=std, crop=crop, interpolation=interpolation, fit=fit
        )  # fmt: skip


def labels_of(about: dict[str, Any], key: str) -> tuple[str, ...] | None:
    """Return the classes' names of a config file, a list or {"0": "tench", …}, if it has all."""
    table = about.get(key)
    if isinstance(table, dict):
        by_index = {str(index): label for index, label in table.items()}
        table = [by_index.get(str(index)) for index in range(len(table))]
        if None in table:
            return None
    if not isinstance(table, list) or not table:
        return None
    labels = tuple(map(str, table))
    return None if labels == tuple(f"LABEL_{index}" for index in range(len(labels))) else labels
