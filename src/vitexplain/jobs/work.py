"""A batch of items: done by what the caller brings, written one by one."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vitexplain.jobs.folder import Folder

Work = Callable[[list[Path]], Sequence[bytes | Exception]]
"""What a worker does: paths in, for each the content of its output, or why there is none."""

TRIES = 3  # workers that an item may end before it counts as failed
ENDED = f"RuntimeError: {TRIES} workers ended while they had it"
THREADS = 16  # outputs written at a time: what takes long is waiting for the disk to have them


def do(folder: Folder, batch: Sequence[Path], work: Work) -> dict[Path, str]:
    """Do those of a batch that nobody has done; return one line for each that fails.

    Where the work fails as a whole, its items are tried one by one.
    """
    items = [item for item in batch if not folder.output(item).exists()]
    if not items:
        return {}
    try:
        results = work(items)
    except Exception as error:
        if len(items) > 1:
            each = [do(folder, [item], work) for item in items]
            return {item: line for failed in each for item, line in failed.items()}
        results = [error]
    if len(results) != len(items):
        raise TypeError(f"work returned {len(results)} results for {len(items)} items")
    failed, made = {}, {}
    for item, result in zip(items, results, strict=True):
        if isinstance(result, Exception):
            failed[item] = one_line(result)
        else:
            made[item] = result
    with ThreadPoolExecutor(THREADS) as threads:  # Ctrl-C meets the main thread alone
        list(threads.map(folder.add, made.keys(), made.values()))
    return failed


def one_line(error: Exception) -> str:
    """Return the kind of an error and what it says."""
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
