"""Short runs as programs of their own: what the tests kill, resume and share out.

python -m tests.studies.one_run run FOLDER [halt]
python -m tests.studies.one_run share FOLDER
"""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from studies.catalogue import Cell
from studies.classify import Classify
from studies.run import Place, run
from studies.training import Recipe, launched, train
from vitexplain.experiments.datasets import Labelled, digits
from vitexplain.experiments.families import build

RECIPE = Recipe(40, 4e-3)
CELL = Cell({"images": 200}, "digits", "cnn", RECIPE, images=200, augment=True, ship="short")


def run_cell(folder: Path, *, halt: bool = False) -> dict[str, Any]:
    """Run the cell as a study does, and return what it found; or halt with a checkpoint."""
    place = Place(None, folder / "cache", folder / "weights")

    def wait(step: int, loss: float) -> None:
        if halt and (place.cache / "short.checkpoint").exists():
            signal.pause()

    return run(CELL, 0, place, name="short", every=10, progress=wait)


def share(folder: Path) -> None:
    """Train in float64, where rounding is not blown up by Adam, and save each process's weights.

    Files, not lines of the output: processes that print at once may write into one another.
    """
    data = digits().train[:200]
    task = Classify(Labelled(data.images.double(), data.labels), seed=0, shift=1)
    accelerator = launched()
    model = train(build("digits", "hybrid", seed=0).double(), task, RECIPE, accelerator=accelerator)
    rank, world = accelerator.process_index, accelerator.num_processes
    folder.mkdir(exist_ok=True)
    save_file(model.state_dict(), folder / f"{rank}-of-{world}.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    what, where, *rest = sys.argv[1:]
    if what == "run":
        print(json.dumps(run_cell(Path(where), halt=rest == ["halt"])))
    else:
        share(Path(where))
