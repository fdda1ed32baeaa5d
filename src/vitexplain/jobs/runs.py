"""`run`: a job on this machine, alone, with several processes, or as one rank of many."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from vitexplain.jobs.begun import Summary, begin
from vitexplain.jobs.local import with_processes
from vitexplain.jobs.record import JobError
from vitexplain.jobs.worker import Work, work_through


def run(
    items: Iterable[Path | str],
    make_work: Callable[[], Work],
    out: Path | str,
    *,
    batch: int = 8,
    workers: int = 1,
    resume: bool = True,
    progress: bool = True,
    job: Mapping[str, object] | None = None,
) -> Summary:
    """Do each item once and write its output; return when every item is done or has failed.

    `out` is the meeting place: all calls with the same `out`, in other processes or on other
    machines that share the folder, divide the items among themselves. Under torchrun or
    Accelerate (RANK and WORLD_SIZE are set) each rank begins at its own part of the list and
    then helps the others; ranks never wait for each other's calls, so one that is killed
    hangs nobody.

    What is certain: an output is there whole or not at all, and is completed once. What a
    killed worker had begun is done again by another: at once on the same machine, after
    `owners.LEASE` seconds on another. So `work` may see an item twice, but its first output
    stays.

    Args:
        items: paths as all workers and later runs will give them; the same path counts once.
        make_work: a picklable factory, called once a worker: a function of a module, or a
            `functools.partial` of one. What it returns takes a batch of paths and returns
            for each the output's name under `out` (see `output_name`) and its content, or
            the exception that the item met. If it raises instead, its items are tried one
            by one.
        workers: processes here; more than one are spawned anew, each with its own LOCAL_RANK
            and its share of the processor's threads. A script that asks for them calls `run`
            under `if __name__ == "__main__":`.
        resume: go on from what is there; False removes this folder's earlier outputs first.
        progress: show a bar that counts what all workers did (on rank 0; needs tqdm).
        job: what the outputs depend on, as JSON: model, method, … A folder that was begun
            with another description is refused.

    Raises:
        JobError: a folder of another job, or workers that keep ending.
        ValueError: fewer than one worker or item a batch.
        KeyboardInterrupt: Ctrl-C; the same call goes on from there.
        OSError: the outputs cannot be written, such as on a full disk.
    """
    if batch < 1 or workers < 1:
        raise ValueError(f"batch and workers must be at least 1, got {batch} and {workers}")
    rank, ranks = _rank()
    if not resume and ranks > 1:
        raise JobError("resume=False clears the output folder: not while several ranks start")
    begun = begin(items, out, job, resume=resume)
    record, paths = begun.record, begun.paths
    with begun.progress(shown=progress and rank == 0) as tick:
        if workers == 1:
            mine = rotated(paths, rank, ranks)
            work_through(record, mine, make_work, batch=batch, tick=tick)
        else:
            first = rank * workers
            parts = [rotated(paths, first + i, ranks * workers) for i in range(workers)]
            with_processes(record, parts, make_work, batch=batch, tick=tick)
    return begun.summary()


def rotated(items: Sequence[Path], part: int, parts: int) -> list[Path]:
    """Return all items in the order of one worker, who begins where its part of them begins."""
    start = part * len(items) // parts
    return [*items[start:], *items[:start]]


def _rank() -> tuple[int, int]:
    """Return this process's rank and the number of ranks, as launchers say them."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
