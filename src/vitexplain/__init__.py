"""Attention and Vision Transformers, step by step.

The modules, from the smallest idea to the largest: `attention`, `tokens`, `patches`,
`positions`, `faces`, `designed`, `vit`, `reading`, `images`, `checkpoints`, `capture`,
`compare`, `experiments`, `export`, `facts`, `figures`, `jobs`, `report`. Each is loaded on first use.
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_MODULES = (
    "arrays",
    "attention",
    "capture",
    "checkpoints",
    "compare",
    "designed",
    "experiments",
    "export",
    "facts",
    "faces",
    "figures",
    "images",
    "jobs",
    "patches",
    "positions",
    "reading",
    "report",
    "tokens",
    "vit",
)


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_MODULES, "__version__"])
