"""One worker: claims items, does them in batches, and helps where others are behind."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from vitexplain.jobs.claims import TRIES, Claim, Claims
from vitexplain.jobs.owners import Owner
from vitexplain.jobs.record import Record

Work = Callable[[list[Path]], Sequence[tuple[str, bytes] | Exception]]
THREADS = 16  # outputs written at a time: what takes long is waiting for the disk to have them
PAUSE = 0.2  # seconds between two looks when others hold all that is left


def work_through(
    record: Record,
    items: Sequence[Path],
    make_work: Callable[[], Work],
    *,
    batch: int,
    tick: Callable[[], object] = lambda: None,
) -> None:
    """Do every item that no other worker does; return when all are settled.

    Args:
        items: in the order in which this worker takes them.
        tick: called after each batch and while waiting; what it raises ends the work.
    """
    left = [item for item in items if not record.is_settled(item)]
    if not left:
        return  # nothing is loaded for nothing
    with Owner(record.workers) as owner:
        work = make_work()  # before any claim: if this kills the process, no item is to blame
        worker = _Worker(record, Claims(record.claims, owner), ThreadPoolExecutor(THREADS))
        try:
            for claims in worker.batches(left, batch, tick):
                worker.do(claims, work)
                tick()
        finally:
            worker.threads.shutdown()
            worker.claims.release_all()


@dataclass(frozen=True)
class _Worker:
    """What a worker needs at hand.

    Its threads take claims and write outputs: Ctrl-C, which only the main thread sees, does not
    cut a step in two, and several outputs wait for the disk at a time.
    """

    record: Record
    claims: Claims
    threads: ThreadPoolExecutor

    def batches(
        self, items: Sequence[Path], size: int, tick: Callable[[], object]
    ) -> Iterator[list[Claim]]:
        """Claim what is free, batch by batch, until every item is settled by us or others."""
        left = list(items)
        while left:
            mine, theirs, took = [], [], False
            for item in left:
                if self.record.is_settled(item):
                    continue
                if (claim := self.threads.submit(self.claims.take, item).result()) is None:
                    theirs.append(item)
                elif self.record.is_settled(item):  # between our look and our claim
                    self.claims.finish(claim)
                elif claim.number:  # it may be what ended a worker: not together with others
                    took = True
                    yield [claim]
                else:
                    mine.append(claim)
                if len(mine) == size:
                    took = True
                    yield mine
                    mine = []
            if mine:
                yield mine
            elif theirs and not took:
                tick()
                time.sleep(PAUSE)
            left = theirs

    def do(self, batch: list[Claim], work: Work) -> None:
        """Do a batch; where it fails as a whole, its items one by one."""
        try:
            if batch[0].number >= TRIES:
                raise RuntimeError(f"{TRIES} workers ended while they had it")
            results = work([claim.item for claim in batch])
        except Exception as error:
            if len(batch) > 1:
                for claim in batch:
                    self.do([claim], work)
                return
            results = [error]
        if len(results) != len(batch):
            raise TypeError(f"work returned {len(results)} results for {len(batch)} items")
        settling = [
            self.threads.submit(self.settle, claim, result)
            for claim, result in zip(batch, results, strict=True)
        ]
        for future in settling:
            future.result()  # raises what went wrong

    def settle(self, claim: Claim, result: tuple[str, bytes] | Exception) -> None:
        """Write an item's output, or why there is none, and let go of it."""
        try:
            if isinstance(result, Exception):
                self.record.fail(claim.item, result, self.claims.owner.name)
            else:
                self.record.publish(claim.item, *result, again=claim.number > 0)
        except (ValueError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            # It is the item's name that is wrong; a full disk, say, ends the work instead.
            self.record.fail(claim.item, error, self.claims.owner.name)
        self.claims.finish(claim)
