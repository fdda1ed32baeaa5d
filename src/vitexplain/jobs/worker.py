"""One worker: claims items, does them in batches, and helps where others are behind."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vitexplain.jobs.claims import TRIES, Claim, Claims
from vitexplain.jobs.owners import Owner
from vitexplain.jobs.record import Record

Work = Callable[[list[Path]], Sequence[tuple[str, bytes] | Exception]]
WRITERS = 16  # outputs written at a time: what takes long is waiting for the disk to have them
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
        claims = Claims(record.claims, owner)
        work = make_work()  # before any claim: if this kills the process, no item is to blame
        try:
            for batch_claims in _batches(record, claims, left, batch, tick):
                _do(record, claims, batch_claims, work)
                tick()
        finally:
            claims.release_all()


def _batches(
    record: Record,
    claims: Claims,
    items: Sequence[Path],
    size: int,
    tick: Callable[[], object],
) -> Iterator[list[Claim]]:
    """Claim what is free, batch by batch, until every item is settled by us or others."""
    left = list(items)
    while left:
        mine, theirs, took = [], [], False
        for item in left:
            if record.is_settled(item):
                continue
            if (claim := claims.take(item)) is None:
                theirs.append(item)
            elif record.is_settled(item):  # between our look and our claim
                claims.finish(claim)
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


def _do(record: Record, claims: Claims, batch: list[Claim], work: Work) -> None:
    """Do a batch; where it fails as a whole, its items one by one."""
    if batch[0].number >= TRIES:
        error = RuntimeError(f"{TRIES} workers ended while they had it")
        return _settle(record, claims, batch[0], error)
    try:
        results = work([claim.item for claim in batch])
    except Exception as error:
        if len(batch) == 1:
            return _settle(record, claims, batch[0], error)
        for claim in batch:
            _do(record, claims, [claim], work)
        return None
    if len(results) != len(batch):
        raise TypeError(f"work returned {len(results)} results for {len(batch)} items")
    with ThreadPoolExecutor(min(len(batch), WRITERS)) as pool:
        settling = [
            pool.submit(_settle, record, claims, claim, result)
            for claim, result in zip(batch, results, strict=True)
        ]
    for future in settling:
        future.result()  # raises what went wrong
    return None


def _settle(
    record: Record, claims: Claims, claim: Claim, result: tuple[str, bytes] | Exception
) -> None:
    """Write an item's output, or why there is none, and let go of it."""
    if isinstance(result, Exception):
        record.fail(claim.item, result, claims.owner.name)
    else:
        try:
            record.publish(claim.item, *result, again=claim.number > 0)
        except (ValueError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            # It is the item's name that is wrong; a full disk, say, ends the work instead.
            record.fail(claim.item, error, claims.owner.name)
    claims.finish(claim)
