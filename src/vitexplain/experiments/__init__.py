"""What training decides: tasks, models, and the results and trained weights of the studies.

`results.read(name)` and `weights.load(name)` give what was measured and trained, without training
anything; `python -m studies` in the repository trains and measures again. Each module is loaded on
first use.
"""

from vitexplain.lazy import lazy

_MODULES = (
    "datasets",
    "deit",
    "face_reading",
    "face_tasks",
    "families",
    "find_reading",
    "find_task",
    "mae",
    "results",
    "scene_reading",
    "scenes",
    "tasks",
    "trained_goat",
    "translator",
    "weights",
)

__getattr__, __dir__ = lazy(__name__, modules=_MODULES)
