"""Captum's methods, with or without matplotlib, which its package imports to draw."""

import sys
from importlib.util import find_spec
from types import ModuleType


class Absent(ModuleType):
    """A module whose every name is an empty class: enough for an import, and for nothing else."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


DRAWING = ["captum.attr._core.llm_attr", "captum.attr._utils.visualization"]
stood_in = [] if find_spec("matplotlib") else DRAWING
sys.modules.update({name: Absent(name) for name in stood_in})

from captum.attr import IntegratedGradients, Occlusion, Saliency  # noqa: E402

for name in stood_in:  # nobody else is to take them for real
    del sys.modules[name]

__all__ = ["IntegratedGradients", "Occlusion", "Saliency"]
