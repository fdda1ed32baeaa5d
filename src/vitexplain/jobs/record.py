"""The record of a job in its output folder: what it is, what is done, what failed."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import vitexplain
from vitexplain.jobs import files
from vitexplain.jobs.names import RECORD, inside, key
from vitexplain.jobs.owners import Owner


class JobError(ValueError):
    """A job that cannot begin or go on, with what to do about it in one line."""


class Record:
    """What all workers of a job know: the folder `.vitexplain` in its output folder.

        job.json   what the job is
        workers/   one file a live worker, see `owners`
        claims/    who does what just now, see `claims`
        done/      one file an item: the name of its output
        failed/    one file an item that failed: the error, and which worker met it

    An item is done when its file in done/ and the output that it names are both there. The
    first is written before the second, and the output is created in one step that succeeds
    once: that step completes the item.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._root = root = out / RECORD
        self._manifest = root / "job.json"
        self.workers, self.claims = root / "workers", root / "claims"
        self._done, self._failed = root / "done", root / "failed"

    def open(self, job: Mapping[str, object]) -> None:
        """Make the folders, and write what the job is or check that it is the same.

        Raises:
            JobError: `out` is no folder, or belongs to a job with other settings.
            TypeError: a setting that JSON does not know.
        """
        settings = json.loads(json.dumps({"vitexplain": vitexplain.__version__, **job}))
        try:
            for folder in (self.workers, self.claims, self._done, self._failed):
                folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise JobError(f"{self.out} is not a folder") from None
        files.create(self._manifest, json.dumps(settings, indent=1).encode())
        there = json.loads(self._manifest.read_text())
        if there != settings:
            raise JobError(f"{self.out} holds {_difference(there, settings)}")

    def retry(self, owner: Owner) -> None:
        """Forget the failures that workers who are gone have met: another try."""
        gone = {other for other in owner.others() if owner.is_dead(other)}
        alive = {owner.name, *owner.others()} - gone
        for file in self._failed.glob("*.json"):
            if (failure := _read(file)) and failure["worker"] not in alive:
                file.unlink(missing_ok=True)

    def tidy(self, owner: Owner) -> None:
        """Remove what killed workers left: their files, and claims on items that are settled."""
        for other in owner.others():
            if owner.is_dead(other):
                (self.workers / f"{other}.json").unlink(missing_ok=True)
        settled = self.settled()
        for claim in self.claims.iterdir():
            if claim.stem in settled:
                claim.unlink(missing_ok=True)

    def is_done(self, item: Path) -> bool:
        """Return whether an item's output is there."""
        there = _read(self._done / f"{key(item)}.json")
        return there is not None and (self.out / there["output"]).exists()

    def is_settled(self, item: Path) -> bool:
        """Return whether an item needs no more work: it is done, or failed."""
        return self.is_done(item) or (self._failed / f"{key(item)}.json").exists()

    def settled(self) -> set[str]:
        """Return the keys of the items that have an entry, by two looks into folders."""
        return {file.stem for folder in (self._done, self._failed) for file in folder.iterdir()}

    def publish(self, item: Path, name: str, content: bytes, *, again: bool = False) -> bool:
        """Complete an item: enter it and create its output; say whether it was us.

        Args:
            again: another worker had the item and may have left a temporary file.

        Raises:
            ValueError: a name that leaves `out`, or differs from the item's earlier one.
            FileExistsError: the name belongs to another item, or to a file of somebody else.
        """
        path, entry = inside(self.out, name), self._done / f"{key(item)}.json"
        taken = path.exists()  # asked first: whoever completed the item has entered it before
        if taken and not entry.exists():
            raise FileExistsError(f"{name!r} is there already and is not this item's output")
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"item": str(item), "output": name})
        earlier = None if files.create(entry, text.encode()) else _read(entry)
        if earlier and earlier["output"] != name:
            raise ValueError(f"its output was {earlier['output']!r} and now is {name!r}")
        if files.create(path, content, mark=key(item)):
            if again:
                files.sweep(path.parent, key(item))
            return True
        if self._is_shared(path):  # two workers were at it at the same moment
            entry.unlink(missing_ok=True)
            raise FileExistsError(f"{name!r} is the output of two items")
        return False

    def fail(self, item: Path, error: Exception, worker: str) -> None:
        """Record that an item failed, with one line that says why."""
        line = " ".join(str(error).split()) or "no message"
        failure = {"item": str(item), "error": f"{type(error).__name__}: {line}", "worker": worker}
        files.replace(self._failed / f"{key(item)}.json", json.dumps(failure).encode())

    def failures(self, items: Iterable[Path]) -> dict[Path, str]:
        """Return the errors of the items that failed."""
        found = {item: _read(self._failed / f"{key(item)}.json") for item in items}
        return {
            item: failure["error"]
            for item, failure in found.items()
            if failure and not self.is_done(item)
        }

    def clear(self) -> None:
        """Remove what earlier runs wrote: their outputs and their record, and nothing else.

        Raises:
            JobError: somebody works on it at this moment.
        """
        if not self.workers.is_dir():
            return
        with Owner(self.workers) as owner:
            if not all(owner.is_dead(other) for other in owner.others()):
                raise JobError(f"{self.out} is being worked on: resume=False would clear it")
        outputs = {self.out / entry["output"] for entry in self._entries()}
        for output in outputs:
            output.unlink(missing_ok=True)
        for folder in {output.parent for output in outputs if output.parent.is_dir()}:
            files.sweep(folder, "*")
        shutil.rmtree(self._root)

    def _entries(self) -> list[dict[str, str]]:
        return [entry for file in self._done.glob("*.json") if (entry := _read(file))]

    def _is_shared(self, path: Path) -> bool:
        """Return whether two items call this file theirs, also where A and a are one."""
        claimed = [self.out / entry["output"] for entry in self._entries()]
        return sum(other.exists() and other.samefile(path) for other in claimed) > 1


def _read(file: Path) -> dict[str, str] | None:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return None


def _difference(there: Mapping[str, object], now: Mapping[str, object]) -> str:
    other = [name for name in {**there, **now} if there.get(name) != now.get(name)]
    pairs = ", ".join(f"{name} {there.get(name)!r} (now {now.get(name)!r})" for name in other)
    return f"the outputs of a job with {pairs}: choose another folder, or resume=False to clear it"
