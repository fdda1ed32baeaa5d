"""Several worker processes on this machine, and one that looks after them."""

import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from vitexplain.jobs.claims import TRIES
from vitexplain.jobs.record import JobError, Record
from vitexplain.jobs.worker import PAUSE, Work, work_through

PATIENCE = 10.0  # seconds that workers have to leave in good order
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Task:
    """What one process needs to know."""

    out: Path
    items: list[Path]
    make_work: Callable[[], Work]
    batch: int


@dataclass(frozen=True)
class Worker:
    """A running process, and the end of the pipe through which its error would come."""

    task: Task
    process: BaseProcess
    errors: Connection
    environment: Mapping[str, str]

    @classmethod
    def start(cls, task: Task, environment: Mapping[str, str]) -> "Worker":
        """Start a process with these environment variables, deaf to Ctrl-C."""
        errors, sender = SPAWN.Pipe(duplex=False)
        process = SPAWN.Process(target=_main, args=(task, sender))
        with _changed(environment), _interrupts_blocked():
            process.start()
        sender.close()
        return cls(task, process, errors, environment)

    def was_killed(self) -> bool:
        """Return whether it ended without a word; its own error is raised here."""
        self.process.join()
        if self.process.exitcode == 0:
            return False
        try:
            error = self.errors.recv()
        except EOFError:
            return True
        raise error


def with_processes(
    record: Record,
    parts: Sequence[list[Path]],
    make_work: Callable[[], Work],
    *,
    batch: int,
    tick: Callable[[], object],
) -> None:
    """Do the items with one spawned process a part; one that is killed is replaced.

    Raises:
        JobError: processes end again and again, and no item is settled between.
        Exception: what a worker raised, in `make_work` for instance.
    """
    threads = str(max(1, (os.cpu_count() or 1) // len(parts)))
    first = int(os.environ.get("LOCAL_RANK", "0")) * len(parts)
    running, losses, settled = [], 0, 0
    try:
        for index, items in enumerate(parts):
            environment = {"LOCAL_RANK": str(first + index), "OMP_NUM_THREADS": threads}
            task = Task(record.out, items, make_work, batch)
            running.append(Worker.start(task, environment | _given("OMP_NUM_THREADS")))
        while running:
            tick()
            time.sleep(PAUSE)
            for worker in [worker for worker in running if not worker.process.is_alive()]:
                running.remove(worker)
                if not worker.was_killed():
                    continue
                before, settled = settled, len(record.settled())
                losses = losses + 1 if settled == before else 1
                if losses > TRIES * len(parts):
                    raise JobError(
                        f"{losses} workers ended one after the other; the last {_how(worker)}"
                    )
                running.append(Worker.start(worker.task, worker.environment))
    finally:
        _stop(running)


def _main(task: Task, errors: Connection) -> None:
    """Be one worker, until all is done, the parent is gone, or it says stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent acts on it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parent = multiprocessing.parent_process()

    def tick() -> None:
        if parent is not None and not parent.is_alive():
            raise KeyboardInterrupt

    try:
        work_through(Record(task.out), task.items, task.make_work, batch=task.batch, tick=tick)
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # as shells say it; there may be work left
    except Exception as error:
        errors.send(_portable(error))
        raise SystemExit(1) from None


def _portable(error: Exception) -> Exception:
    """Return the error with its traceback as a note, in a form that the parent can read."""
    error.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return JobError(f"{type(error).__name__}: {error}")
    return error


def _stop(workers: Sequence[Worker]) -> None:
    """Let processes leave in good order, then end those that do not."""
    for worker in workers:
        worker.process.terminate()
    until = time.monotonic() + PATIENCE
    for worker in workers:
        worker.process.join(max(0.0, until - time.monotonic()))
        worker.process.kill()
        worker.process.join()


def _how(worker: Worker) -> str:
    code = worker.process.exitcode or 0
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def _given(name: str) -> dict[str, str]:
    return {name: os.environ[name]} if name in os.environ else {}


@contextmanager
def _changed(environment: Mapping[str, str]) -> Iterator[None]:
    """Change environment variables for the processes that are started inside."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C for the processes that are started inside, until they deal with it."""
    if not hasattr(signal, "pthread_sigmask"):  # not POSIX
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
