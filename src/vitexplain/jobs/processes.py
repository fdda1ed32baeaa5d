"""Several worker processes on this machine; one that is killed takes nothing with it."""

import functools
import os
import pickle
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from vitexplain.jobs.folder import Folder, JobError
from vitexplain.jobs.ranks import local_rank
from vitexplain.jobs.work import ENDED, TRIES, Work, do, one_line

SPAWN = get_context("spawn")
PAUSE = 0.2  # seconds between two looks of the progress


@dataclass(frozen=True)
class Processes:
    """A number of processes that share batches; each makes its own `Work`, once."""

    folder: Folder
    make_work: Callable[[], Work]
    count: int
    tick: Callable[[], object]

    def do(self, batches: Sequence[Sequence[Path]]) -> dict[Path, str]:
        """Do all batches, and return one line for each item that fails.

        When a process is killed, what all had in hand is tried again one by one, so that an
        item that kills its process is found, and takes no other with it.

        Raises:
            JobError: processes end before they have an item, again and again.
            Exception: what a process raised, in `make_work` for instance.
        """
        left, failed, ended = deque(batches), {}, Counter()
        suspects: deque[Sequence[Path]]
        while left:
            suspects = deque([item] for item in self._through(left, self.count, failed))
            while suspects:
                for item in self._through(suspects, 1, failed):
                    ended[item] += 1
                    if ended[item] < TRIES:
                        suspects.append([item])
                    else:
                        failed[item] = ENDED
        return failed

    def _through(
        self, left: deque[Sequence[Path]], count: int, failed: dict[Path, str]
    ) -> list[Path]:
        """Do batches until none is left or a process is killed; return what was in hand then."""
        for _ in range(TRIES):
            running: dict[Future[dict[Path, str]], Sequence[Path]] = {}
            with self._pool(count) as pool:
                try:
                    for started in [_submit(pool, _ready) for _ in range(count)]:
                        started.result()
                except BrokenProcessPool:  # no item is to blame
                    continue
                try:
                    while left or running:
                        while left and len(running) < count:
                            running[_submit(pool, _do, left[0])] = left[0]
                            left.popleft()
                        for future in wait(running, PAUSE, FIRST_COMPLETED).done:
                            failed |= future.result()
                            del running[future]
                        self.tick()
                except BrokenProcessPool:
                    pass
            return [item for batch in running.values() for item in batch]
        raise JobError(f"{TRIES} workers ended one after the other before they had an item")

    @contextmanager
    def _pool(self, count: int) -> Iterator[ProcessPoolExecutor]:
        """Give a pool whose processes end when we do, or when what is inside raises."""
        theirs, ours = SPAWN.Pipe(duplex=False)  # nothing is ever sent: its end is the message
        first = local_rank() * self.count
        given = (self.folder, self.make_work, first, SPAWN.Value("i", 0), theirs)
        pool = ProcessPoolExecutor(count, SPAWN, _begin, given)
        threads = max(1, (os.cpu_count() or 1) // self.count)
        try:
            with _environment("OMP_NUM_THREADS", str(threads)):
                yield pool
        except BaseException:
            ours.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            ours.close()


def _submit(pool: ProcessPoolExecutor, *call) -> Future:
    """Submit a call; the process that this may start is deaf to Ctrl-C, on which we act."""
    mask = getattr(signal, "pthread_sigmask", lambda *_: set())  # not POSIX: as it comes
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(*call)
    finally:
        mask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable, unless it is set, for the processes started inside."""
    before = os.environ.get(name)
    os.environ.setdefault(name, value)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


_here: dict[str, Callable] = {}  # in a worker process: what it is there for


def _begin(
    folder: Folder, make_work: Callable[[], Work], first: int, number, lifeline: Connection
) -> None:
    """Become a worker: with a rank on this machine, and an end when the parent's comes."""

    def watch() -> None:
        lifeline.poll(None)
        os._exit(1)  # what is half done is no file yet

    threading.Thread(target=watch, daemon=True).start()
    with number.get_lock():
        os.environ["LOCAL_RANK"] = str(first + number.value)
        number.value += 1
    _here["work"] = functools.cache(make_work)
    _here["do"] = lambda batch: do(folder, batch, _here["work"]())


def _ready() -> None:
    """Make the work: if this ends the process, no item is to blame."""
    try:
        _here["work"]()
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # an error that cannot travel
            raise JobError(one_line(error)) from error
        raise


def _do(batch: Sequence[Path]) -> dict[Path, str]:
    return _here["do"](batch)
