"""`run`: a job on this machine, alone, with several processes, or as one rank of many."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vitexplain.extras import needed
from vitexplain.jobs.folder import Folder, JobError
from vitexplain.jobs.processes import Processes
from vitexplain.jobs.ranks import in_turn, rank_of
from vitexplain.jobs.work import Work, do
from vitexplain.moved import tell


@dataclass(frozen=True)
class Summary:
    """What became of a job's items, whichever worker did them.

    `done` counts those completed since this call began, `skipped` those done before, and
    `failed` has an error in one line for each item without an output.
    """

    done: int
    skipped: int
    failed: dict[Path, str] = field(default_factory=dict)


def run(
    items: Iterable[Path | str],
    make_work: Callable[[], Work],
    out: Path | str,
    *,
    suffix: str,
    batch: int = 8,
    workers: int = 0,
    resume: bool = True,
    progress: bool = True,
    job: Mapping[str, object] | None = None,
) -> Summary:
    """Do each item and write its output; return when every item is done or has failed.

    `out` is the meeting place: calls with the same `out`, in other processes or on other
    machines that share the folder, skip what is there. Under torchrun, Accelerate or SLURM each
    rank begins with its own part of the list, `items[rank::ranks]`, and then helps the others;
    ranks never wait for each other's calls, so one that is killed hangs nobody.

    What is certain: an output is there whole or not at all, and the first one stays. Work may
    be done twice: what a killed worker had begun, and what two workers begin at one time.

    Args:
        items: paths as all workers and later runs will give them; the same path counts once.
        make_work: a picklable factory, called once a worker: a function of a module, or a
            `functools.partial` of one. What it returns takes a batch of paths and returns
            for each the output's content, or the exception that the item met. If it raises
            instead, its items are tried one by one.
        suffix: of the outputs, such as ".npy"; their names are those of `output_name`.
        workers: processes beside this one, each with its own LOCAL_RANK and its share of the
            processor's threads; 0: this one works itself. An item that ends one of them three
            times counts as failed. A script that asks for them calls `run` under
            `if __name__ == "__main__":`.
        resume: go on from what is there; False removes this folder's earlier outputs first.
        progress: show a bar that counts what all workers did (on rank 0; needs tqdm).
        job: what the outputs depend on, as JSON: model, method, … A folder that was begun
            with another description is refused.

    Raises:
        JobError: a folder of another job, or workers that keep ending.
        ValueError: no item a batch, fewer than no workers, or a suffix that is no ending.
        KeyboardInterrupt: Ctrl-C; the same call goes on from there.
        OSError: the outputs cannot be written, such as on a full disk.
    """
    if batch < 1 or workers < 0:
        raise ValueError(f"batch must be at least 1 and workers 0, got {batch} and {workers}")
    folder, paths, left = begin(items, out, suffix, job, resume=resume)
    with ticking(folder, paths, shown=progress and rank_of()[0] == 0) as tick:
        mine = [path for path in in_turn(paths, is_new=folder.is_new) if path in left]
        batches = [mine[start : start + batch] for start in range(0, len(mine), batch)]
        failed: dict[Path, str] = {}
        if workers and batches:
            failed = Processes(folder, make_work, workers, tick).do(batches)
        elif batches:
            work = make_work()
            for some in batches:
                failed |= do(folder, some, work)
                tick()
    return end(folder, paths, left, failed)


def begin(
    items: Iterable[Path | str],
    out: Path | str,
    suffix: str,
    job: Mapping[str, object] | None,
    *,
    resume: bool,
) -> tuple[Folder, list[Path], set[Path]]:
    """Open a job's folder; return it, all items, and those that are left to do."""
    if not resume and rank_of()[1] > 1:
        raise JobError("resume=False clears the output folder: not while several ranks start")
    paths = list(dict.fromkeys(Path(os.fspath(item)) for item in items))
    folder = Folder.open(Path(out), suffix, job, resume=resume)
    return folder, paths, {*paths} - folder.done(paths)


def end(folder: Folder, paths: list[Path], left: set[Path], failed: dict[Path, str]) -> Summary:
    """Tidy up, and say what became of all items; some of those left others have done."""
    folder.sweep()
    done = folder.done(paths)
    missing = {path: failed[path] for path in paths if path in failed and path not in done}
    return Summary(len(done & left), len(paths) - len(left), missing)


@contextmanager
def ticking(folder: Folder, paths: list[Path], *, shown: bool) -> Iterator[Callable[[], object]]:
    """Give what to call now and then, so that a bar shows how many outputs are there.

    It looks at most every half second, and rarely where a look takes long.
    """
    if not shown:
        yield lambda: None
        return
    with needed("progress", "cli", ["tqdm"], note=" (or progress=False)"):
        from tqdm import tqdm
    following = 0.0

    def tick() -> None:
        nonlocal following
        began = time.monotonic()
        if began >= following:
            bar.update(len(folder.done(paths)) - bar.n)
            following = time.monotonic() + max(0.5, 20 * (time.monotonic() - began))

    with tqdm(total=len(paths), initial=len(folder.done(paths)), unit="item") as bar:
        try:
            yield tick
        finally:
            following = 0.0
            tick()


tell(globals())
