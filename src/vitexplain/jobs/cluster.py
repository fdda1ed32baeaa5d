"""`on_ray`: a job as a Ray Data pipeline (extra `cluster`)."""

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from vitexplain.extras import needed
from vitexplain.jobs.begun import Summary, begin
from vitexplain.jobs.record import Record
from vitexplain.jobs.worker import Work, work_through

BLOCKS = 64  # parts of the list an actor: enough that none waits long for the last


def on_ray(
    items: Iterable[Path | str],
    make_work: Callable[[], Work],
    out: Path | str,
    *,
    batch: int = 8,
    workers: int = 1,
    resume: bool = True,
    progress: bool = True,
    job: Mapping[str, object] | None = None,
    gpus: float = 0.0,
) -> Summary:
    """Do each item once on a Ray cluster; arguments and guarantees are those of `run`.

    The paths become a Ray dataset, mapped in batches by a pool of `workers` actors; each makes
    its `work` once. Ray gives the batch of an actor that dies to another one. That actor finds
    in the record what is done already, and takes over the dead one's claims. So `out` and the
    items must be on a filesystem that every node sees at the same path. A cluster that runs is
    used if `ray.init` was called or RAY_ADDRESS is set; otherwise Ray starts on this machine.

    Args:
        gpus: GPUs an actor; Ray then shows each actor its own through CUDA_VISIBLE_DEVICES.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        JobError: a folder of another job.
        ValueError: fewer than one worker or item a batch.
        ray.exceptions.RayError: `make_work` fails, or `out` cannot be written.
    """
    if batch < 1 or workers < 1:
        raise ValueError(f"batch and workers must be at least 1, got {batch} and {workers}")
    data = _ray_data()
    begun = begin(items, Path(out).absolute(), job, resume=resume)
    left = [path for path in begun.paths if not begun.record.is_done(path)]
    with begun.progress(shown=progress) as tick:
        if left:
            # As bytes: a path need not be text, and a string in Ray must.
            rows = [{"item": os.fsencode(path)} for path in left]
            blocks = min(-(-len(left) // batch), BLOCKS * workers)
            settled = data.from_items(rows, override_num_blocks=blocks).map_batches(
                _Actor,
                fn_constructor_args=(begun.record.out, make_work),
                batch_size=batch,
                compute=data.ActorPoolStrategy(size=workers),
                num_gpus=gpus or None,
            )
            settled.context.enable_progress_bars = False  # ours counts other workers too
            for _ in settled.iter_batches(batch_size=None):
                tick()
    return begun.summary()


class _Actor:
    """A worker that Ray hands batches to."""

    def __init__(self, out: Path, make_work: Callable[[], Work]) -> None:
        self.record = Record(out)
        self.make_work = functools.cache(make_work)

    def __call__(self, rows: dict) -> dict:
        items = [Path(os.fsdecode(item)) for item in rows["item"]]
        work_through(self.record, items, self.make_work, batch=len(items))
        return {"settled": [len(items)]}


def _ray_data():
    with needed("jobs.on_ray", "cluster", ["ray"], called="Ray"):
        import ray.data
    return ray.data
