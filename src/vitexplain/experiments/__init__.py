"""What training decides: datasets, tasks, training, studies, and the results the pages show.

`python -m vitexplain.experiments` reruns them; `results.read(name)` and `weights.load(name)` give
what was measured and trained, without training anything. Each module is loaded on first use.
"""

from vitexplain.lazy import lazy

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

__getattr__, __dir__ = lazy(__name__, modules=_MODULES)
