"""Files that are there whole or not at all, whoever is killed when."""

import errno
import hashlib
import os
import uuid
from pathlib import Path

# What filesystems say that have no hard links (exFAT, some network and object stores).
NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}


def replace(path: Path, data: bytes) -> None:
    """Write a file beside its place, and move it there in one step, over what was there."""
    temporary = _written(path.parent, data, mark="")
    temporary.replace(path)


def create(path: Path, data: bytes, *, mark: str = "") -> bool:
    """Write a file as `replace` does, unless one is there already; say whether it was us.

    Of several processes on several machines that create the same path exactly one gets True:
    a hard link, unlike a rename, refuses to go over an existing file. On a filesystem without
    hard links the last one wins instead.

    Args:
        mark: begins the temporary file's name, so that `sweep` finds what a killed process left.
    """
    temporary = _written(path.parent, data, mark=mark)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except FileNotFoundError:  # whoever was faster has swept up our temporary file
        if path.exists():
            return False
        raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if path.exists():
            return False
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's content, or of a folder's files and their names.

    It says in a job's description which weights made the outputs.

    Raises:
        OSError: nothing there that can be read.
    """
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    found = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        name = file.relative_to(path).as_posix()
        found.update(f"{fingerprint(file)} {name}\n".encode(errors="surrogateescape"))
    return found.hexdigest()


def sweep(folder: Path, mark: str) -> None:
    """Remove the temporary files with this mark that killed processes left."""
    for left in folder.glob(f".{mark}.*.part"):
        left.unlink(missing_ok=True)


def _written(folder: Path, data: bytes, *, mark: str) -> Path:
    """Write a temporary file in the folder and wait until the disk has it.

    The folder itself need not be synchronised: a file whose name a power cut takes away is
    made again, and a name never appears before the content it stands for.
    """
    temporary = folder / f".{mark}.{uuid.uuid4().hex[:12]}.part"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # Ctrl-C too
        temporary.unlink(missing_ok=True)
        raise
    return temporary
