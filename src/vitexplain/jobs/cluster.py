"""`on_ray`: a job as a Ray Data pipeline (extra `cluster`)."""

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from vitexplain.extras import needed
from vitexplain.jobs.folder import Folder, JobError
from vitexplain.jobs.runs import Summary, begin, end, ticking
from vitexplain.jobs.work import Work, do, one_line

BLOCKS = 64  # parts of the list an actor: enough that none waits long for the last
TRIES = 3  # actors that an item may end alone before it counts as failed


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
        JobError: a folder of another job, `make_work` fails, or `out` cannot be written.
        ValueError: fewer than one worker or item a batch, or a suffix that is no ending.
    """
    if batch < 1 or workers < 1:
        raise ValueError(f"batch and workers must be at least 1, got {batch} and {workers}")
    data = _ray_data()
    folder, paths, left = begin(items, Path(out).absolute(), suffix, job, resume=resume)
    settled: dict[Path, str] = {}  # the error of each item that came back, "" for none
    with ticking(folder, paths, shown=progress) as tick:
        for size, retries in ((batch, 0), (1, TRIES - 1)):
            # As bytes: a path need not be text, and a string in Ray must.
            rows = [{"item": os.fsencode(path)} for path in sorted(left - settled.keys())]
            if not rows:
                break
            blocks = min(-(-len(rows) // size), BLOCKS * workers)
            found = data.from_items(rows, override_num_blocks=blocks).map_batches(
                _Actor, fn_constructor_args=(folder, make_work), batch_size=size,
                compute=data.ActorPoolStrategy(size=workers), num_gpus=gpus or None,
                max_task_retries=retries,
            )  # fmt: skip
            found.context.max_errored_blocks = -1  # those of dead actors: looked after here
            found.context.enable_progress_bars = False  # ours counts other workers too
            for row in found.iter_rows():
                if row["broken"]:
                    raise JobError(row["broken"])
                settled[Path(os.fsdecode(row["item"]))] = row["error"]
                tick()
    ended = dict.fromkeys(left, f"RuntimeError: {TRIES} workers ended while they had it")
    return end(folder, paths, left, ended | settled)


class _Actor:
    """A worker that Ray hands batches to."""

    def __init__(self, folder: Folder, make_work: Callable[[], Work]) -> None:
        self.folder = folder
        self.make_work = functools.cache(make_work)

    def __call__(self, rows: dict) -> dict:
        items = [Path(os.fsdecode(item)) for item in rows["item"]]
        failed, broken = {}, ""
        try:
            failed = do(self.folder, items, self.make_work())
        except Exception as error:  # no item's fault: it ends the job
            broken = one_line(error)
        errors = [failed.get(item, "") for item in items]
        return {"item": rows["item"], "error": errors, "broken": [broken] * len(items)}


def _ray_data():
    with needed("jobs.on_ray", "cluster", ["ray"], called="Ray"):
        import ray.data
    return ray.data
