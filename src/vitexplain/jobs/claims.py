"""Claims: which worker does which item, decided by who creates a file first."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from vitexplain.jobs import files
from vitexplain.jobs.names import key
from vitexplain.jobs.owners import Owner

TRIES = 3  # workers that an item may end before it is set aside as failed


@dataclass(frozen=True)
class Claim:
    """An item that is ours; `number` counts the workers that had it before and are gone."""

    item: Path
    number: int


class Claims:
    """The claims of one worker in a folder that all workers share.

    Claim n of an item is the file KEY.n, a hard link to its owner's file, or a copy created with
    O_EXCL where there are no hard links. Who finds the owner of the last claim gone creates
    KEY.(n + 1): of several that try, one succeeds, and no file is ever taken from under
    somebody's hands.
    """

    def __init__(self, folder: Path, owner: Owner) -> None:
        self.folder = folder
        self.owner = owner
        self.held: dict[Path, Claim] = {}

    def take(self, item: Path) -> Claim | None:
        """Claim an item; None if another worker has it and is alive."""
        number = 0
        while self._file(item, number).exists():
            number += 1
        if number and not self._is_free(self._file(item, number - 1)):
            return None
        if not self._create(self._file(item, number)):
            return None  # another worker was faster
        self.held[item] = Claim(item, number)
        return self.held[item]

    def release(self, claim: Claim) -> None:
        """Give an unfinished item back, as if it had not been claimed."""
        self.held.pop(claim.item, None)
        # Where another worker has given us up and gone on from our claim, the row stays whole.
        if not self._file(claim.item, claim.number + 1).exists():
            self._file(claim.item, claim.number).unlink(missing_ok=True)

    def finish(self, claim: Claim) -> None:
        """Remove all claims on an item that is settled, the last first."""
        self.held.pop(claim.item, None)
        for number in range(claim.number, -1, -1):
            self._file(claim.item, number).unlink(missing_ok=True)

    def release_all(self) -> None:
        """Give back everything that is not finished."""
        for claim in list(self.held.values()):
            self.release(claim)

    def _create(self, claim: Path) -> bool:
        """Create a claim unless it exists; say whether it was us."""
        try:
            claim.hardlink_to(self.owner.file)  # it has its content at once
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in files.NO_LINKS:
                raise
            try:
                place = os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            except FileExistsError:
                return False
            with os.fdopen(place, "w") as file:
                file.write(self.owner.text)
        return True

    def _is_free(self, claim: Path) -> bool:
        """Return whether the owner of an existing claim is gone."""
        try:
            text, written = claim.read_text(), claim.stat().st_mtime
        except FileNotFoundError:
            return False  # just released or finished; the next look will see
        # Without content, its owner is writing it now or was killed while it did.
        return self.owner.is_dead(json.loads(text)["name"]) if text else self.owner.is_over(written)

    def _file(self, item: Path, number: int) -> Path:
        return self.folder / f"{key(item)}.{number}"
