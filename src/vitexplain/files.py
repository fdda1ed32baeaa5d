"""Files that are there whole or not at all, whoever is killed when."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# What filesystems say that have no hard links (exFAT, some network and object stores).
NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}


@contextmanager
def whole(path: Path, *, over: bool = True, parts: Path | None = None) -> Iterator[IO[bytes]]:
    """Open a file to write into, which gets its name in one step when the `with` ends.

    It is written beside its place under another name, `.….part`, and the disk has its content
    before it gets its own. When what is inside raises, what was there stays, and no part is
    left. What is no file, such as /dev/null, takes what is written as it comes.

    Args:
        over: replace a file that is there; False keeps it, also one that another process has
            put there meanwhile (but not on a filesystem without hard links).
        parts: the folder to write it in until then, on the same filesystem; that of `path` if None.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    part = (parts or path.parent) / f".{uuid.uuid4().hex}.part"
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if over or not _linked(part, path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _linked(part: Path, path: Path) -> bool:
    """Give a file a second name unless that is taken; False where names cannot be added."""
    try:
        path.hardlink_to(part)  # unlike a rename, it refuses to go over what is there
    except FileExistsError:
        pass
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return path.exists()
    return True
