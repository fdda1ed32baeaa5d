"""Which module is running: its path, and what the modules around it were given.

Module hooks that torch keeps for the whole process see every module without touching any.
Hooks of the modules themselves would switch off torch's inference path, which looks for them.
"""

import threading
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)


@dataclass
class Frame:
    """A call of a module that has not returned."""

    name: str
    module: nn.Module
    shape: tuple[int, ...] | None  # of the first tensor that it was given


class Running:
    """The model's modules that are running now, outermost first, in the thread that entered."""

    def __init__(self, model: nn.Module) -> None:
        # torch.compile wraps a module in another, whose part of the path nobody wrote.
        names = {id(module): clean(name) for name, module in model.named_modules()}
        self.names: dict[int, str] = names
        self.frames: list[Frame] = []
        self.entered = False  # whether a module of the model ran in this thread
        self.elsewhere = False  # whether one ran in another
        self._thread = threading.get_ident()

    def __enter__(self) -> "Running":
        self._handles = [
            register_module_forward_pre_hook(self._enter),
            register_module_forward_hook(self._leave, always_call=True),
        ]
        return self

    def __exit__(self, *error: object) -> None:
        for handle in self._handles:
            handle.remove()
        self.frames.clear()

    @property
    def name(self) -> str:
        return self.frames[-1].name

    @property
    def module(self) -> nn.Module:
        return self.frames[-1].module

    def inputs(self) -> dict[str, tuple[int, ...]]:
        """Return the shape that each running module was given, by name, outermost first."""
        return {frame.name: frame.shape for frame in self.frames if frame.shape is not None}

    def _enter(self, module: nn.Module, args: tuple) -> None:
        name = self.names.get(id(module))
        if name is None:
            return
        if threading.get_ident() != self._thread:
            self.elsewhere = True
            return
        if torch._C._current_graph_task_id() != -1:
            return  # checkpointing runs it again during the backward pass
        self.entered = True
        shape = next((tuple(x.shape) for x in args if is_plain(x)), None)
        self.frames.append(Frame(name, module, shape))
        for frame in reversed(self.frames):  # keyword arguments do not show here,
            if frame.shape is None:  # but what a module hands on does
                frame.shape = shape

    def _leave(self, module: nn.Module, args: tuple, result: Any) -> None:
        if id(module) not in self.names or threading.get_ident() != self._thread:
            return
        for place in reversed(range(len(self.frames))):
            if self.frames[place].module is module:
                del self.frames[place:]
                return


def is_plain(x: Any) -> bool:
    return isinstance(x, Tensor) and not x.is_nested


def clean(name: str) -> str:
    return ".".join(part for part in name.split(".") if part != "_orig_mod")
