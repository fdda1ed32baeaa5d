"""The output folder of a job: which outputs are there, what made them, and how one is added."""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import vitexplain
from vitexplain.files import whole
from vitexplain.jobs.names import DIGITS, output_name

MANIFEST = Path(".vitexplain", "job.json")
OLD = 3600.0  # seconds after which a part of a file is one that nobody is writing any more


class JobError(ValueError):
    """A job that cannot begin or go on, with what to do about it in one line."""


@dataclass(frozen=True)
class Folder:
    """Outputs, one an item, and the file `.vitexplain/job.json` that says what made them."""

    out: Path
    suffix: str
    settings: dict[str, object]
    is_new: bool  # nobody has worked here before

    @classmethod
    def open(
        cls, out: Path, suffix: str, job: Mapping[str, object] | None, *, resume: bool
    ) -> "Folder":
        """Make the folder, or find it as another run with the same settings has left it.

        Raises:
            JobError: `out` is no folder, or belongs to a job with other settings.
            TypeError: a setting that JSON does not know.
            ValueError: a suffix that is no plain ending.
        """
        output_name(Path("any"), suffix)
        made = {"vitexplain": vitexplain.__version__, "suffix": suffix, **(job or {})}
        settings = json.loads(json.dumps(made))
        try:
            if not resume:
                _clear(out)
            folder = cls(out, suffix, settings, _create((out / MANIFEST).parent))
            with whole(out / MANIFEST, over=False) as file:
                file.write(json.dumps(folder.settings, indent=1).encode())
        except (FileExistsError, NotADirectoryError):
            raise JobError(f"{out} is not a folder") from None
        there = _written(out)
        if there != folder.settings:
            raise JobError(f"{out} holds {_difference(there, folder.settings)}")
        return folder

    def output(self, item: Path) -> Path:
        """Return where an item's output is, or will be."""
        return self.out / output_name(item, self.suffix)

    def done(self, items: Iterable[Path]) -> set[Path]:
        """Return the items whose output is there, by one look into the folder."""
        there = {path.name for path in self.out.iterdir()}
        return {item for item in items if self.output(item).name in there}

    def add(self, item: Path, content: bytes) -> None:
        """Write an item's output, unless another worker was faster.

        Raises:
            JobError: somebody has cleared the folder for other settings.
            OSError: such as on a full disk.
        """
        if _written(self.out) != self.settings:
            raise JobError(f"another run has cleared {self.out} and begun anew")
        parts = (self.out / MANIFEST).parent  # whoever is killed leaves nothing among the outputs
        with whole(self.output(item), over=False, parts=parts) as file:
            file.write(content)

    def sweep(self) -> None:
        """Remove what those left who were killed while they wrote."""
        for part in (self.out / MANIFEST).parent.glob(".*.part"):
            if time.time() - part.stat().st_mtime > OLD:
                part.unlink(missing_ok=True)


def _create(folder: Path) -> bool:
    """Make a folder unless it is there; of several that do, one hears that it was the first."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if folder.is_dir():
            return False
        raise
    return True


def _written(out: Path) -> dict[str, object]:
    """Return what made the outputs in a folder, as far as it says so."""
    try:
        return json.loads((out / MANIFEST).read_text())
    except FileNotFoundError:
        return {}


def _clear(out: Path) -> None:
    """Remove the outputs of earlier runs, known by their names, and nothing else."""
    suffix = str(_written(out).get("suffix", ""))
    if suffix:
        (out / MANIFEST).unlink(missing_ok=True)  # first: who works here still stops
        for path in out.iterdir():
            if re.fullmatch(rf".*-[0-9a-f]{{{DIGITS}}}{re.escape(suffix)}", path.name):
                path.unlink(missing_ok=True)


def _difference(there: Mapping[str, object], now: Mapping[str, object]) -> str:
    other = [name for name in {**there, **now} if there.get(name) != now.get(name)]
    pairs = ", ".join(f"{name} {there.get(name)!r} (now {now.get(name)!r})" for name in other)
    return f"the outputs of a job with {pairs}: choose another folder, or resume=False to clear it"
