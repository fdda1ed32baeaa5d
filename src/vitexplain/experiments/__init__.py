"""What training decides: datasets, tasks, training, studies, and the results the pages show.

`python -m vitexplain.experiments` reruns them; `results.read(name)` and `weights.load(name)` give
what was measured and trained, without training anything. Each module is loaded on first use.
"""

from importlib import import_module
from types import ModuleType

_MODULES = (
    "datasets",
    "families",
    "robustness",
    "results",
    "studies",
    "tasks",
    "training",
    "weights",
)


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_MODULES)
