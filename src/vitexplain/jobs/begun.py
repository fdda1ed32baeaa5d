"""How every kind of run begins and ends: what is there already, and what became of it all."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vitexplain.jobs.names import key
from vitexplain.jobs.owners import Owner
from vitexplain.jobs.progress import Progress
from vitexplain.jobs.record import Record


@dataclass(frozen=True)
class Summary:
    """What became of a job's items, whichever worker did them.

    `done` counts those completed since this call began, `skipped` those done before, and
    `failed` has an error in one line for each item without an output.
    """

    done: int
    skipped: int
    failed: dict[Path, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Begun:
    """A job's record, its items, and how many of them were done when this call began."""

    record: Record
    paths: list[Path]
    skipped: int

    def progress(self, *, shown: bool) -> Progress:
        """Return a bar that counts the settled items."""
        keys = {key(path) for path in self.paths} if shown else set()
        return Progress(lambda: len(keys & self.record.settled()), len(self.paths), shown=shown)

    def summary(self) -> Summary:
        """Tidy up, and return what became of the items, all of which are settled."""
        with Owner(self.record.workers) as owner:
            self.record.tidy(owner)
        done = sum(self.record.is_done(path) for path in self.paths)
        return Summary(done - self.skipped, self.skipped, self.record.failures(self.paths))


def begin(
    items: Iterable[Path | str],
    out: Path | str,
    job: Mapping[str, object] | None,
    *,
    resume: bool,
) -> Begun:
    """Open the record of a job; failures of earlier runs get another try."""
    paths = list(dict.fromkeys(Path(os.fspath(item)) for item in items))
    record = Record(Path(out))
    if not resume:
        record.clear()
    record.open(job or {})
    with Owner(record.workers) as owner:
        record.retry(owner)
    return Begun(record, paths, sum(record.is_done(path) for path in paths))
