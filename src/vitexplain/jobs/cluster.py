"""`on_ray`: a job as a Ray Data pipeline (extra `cluster`)."""

import functools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from vitexplain.extras import needed
from vitexplain.jobs.folder import Folder
from vitexplain.jobs.runs import Summary, begin, end, ticking
from vitexplain.jobs.work import ENDED, TRIES, Work, do

BLOCKS = 64  # parts of the list an actor: enough that none waits long for the last


def on_ray(
    items: Iterable[Path | str],
    make_work: Callable[[], Work],
    out: Path | str,
    *,
    suffix: str,
    batch: int = 8,
    workers: int = 1,
    resume: bool = True,
    progress: bool = True,
    job: Mapping[str, object] | None = None,
    gpus: float = 0.0,
) -> Summary:
    """Do each item on a Ray cluster; arguments and guarantees are those of `run`.

    The paths become a Ray dataset, mapped in batches by a pool of `workers` actors; each makes
    its `work` once. What an actor had that dies is tried again item by item. `out` and the
    items must be on a filesystem that every node sees at the same path. A cluster that runs is
    used if `ray.init` was called or RAY_ADDRESS is set; otherwise Ray starts on this machine.

    Args:
        gpus: GPUs an actor; Ray then shows each actor its own through CUDA_VISIBLE_DEVICES.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        JobError: a folder of another job.
        ValueError: fewer than one worker or item a batch, or a suffix that is no ending.
        ray.exceptions.RayError: `make_work` fails, or `out` cannot be written.
    """
    if batch < 1 or workers < 1:
        raise ValueError(f"batch and workers must be at least 1, got {batch} and {workers}")
    ray = _ray()
    folder, paths, left = begin(items, Path(out).absolute(), suffix, job, resume=resume)
    failed: dict[Path, str] = {}
    with ticking(folder, paths, shown=progress) as tick:
        if left:
            # As bytes: a path need not be text, and a string in Ray must.
            rows = [{"item": os.fsencode(path)} for path in sorted(left)]
            blocks = min(-(-len(rows) // batch), BLOCKS * workers)
            settled = ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
                _Actor,
                fn_constructor_args=(folder, make_work, ray.remote(num_cpus=0)(_Begun).remote()),
                batch_size=batch,
                compute=ray.data.ActorPoolStrategy(size=workers),
                num_gpus=gpus or None,
            )
            settled.context.enable_progress_bars = False  # ours counts other workers too
            for row in settled.iter_rows():
                if row["error"]:
                    failed[Path(os.fsdecode(row["item"]))] = row["error"]
                tick()
    return end(folder, paths, left, failed)


class _Begun:
    """How often a batch, or an item alone, was begun; an actor of its own, which stays."""

    def __init__(self) -> None:
        self.count = Counter()

    def again(self, *items: Path) -> int:
        """Return how often this was begun before."""
        self.count[items] += 1
        return self.count[items] - 1


class _Actor:
    """A worker that Ray hands batches to; one that dies has its batch handed to another."""

    def __init__(self, folder: Folder, make_work: Callable[[], Work], begun: Any) -> None:
        self.folder = folder
        self.work = functools.cache(make_work)
        self.begun = begun

    def __call__(self, rows: dict) -> dict:
        items = [Path(os.fsdecode(item)) for item in rows["item"]]
        work = self.work()  # if this kills the process, no item is to blame
        failed: dict[Path, str] = {}
        if not self._again(self.folder.out, *items):
            failed = do(self.folder, items, work)
        else:
            for item in items:
                if self._again(item) < TRIES - 1:  # one has ended with the batch
                    failed |= do(self.folder, [item], work)
                else:
                    failed[item] = ENDED
        return {"item": rows["item"], "error": [failed.get(item, "") for item in items]}

    def _again(self, *items: Path) -> int:
        return _ray().get(self.begun.again.remote(*items))


def _ray():
    with needed("jobs.on_ray", "cluster", ["ray"], called="Ray"):
        import ray
        import ray.data
    return ray
