"""Names of outputs that cannot collide, and of what made them."""

import hashlib
import os
import re
from pathlib import Path

from vitexplain.moved import tell

DIGITS = 16  # hexadecimal, of a path's hash in an output's name


def output_name(item: Path, suffix: str) -> str:
    """Return an item's file name in `out`: its stem, 16 digits of its path's hash, the suffix.

    The same name in two folders, or with two endings, gives two outputs, also where the
    filesystem does not tell A from a. The name depends on the path as it is given and on
    nothing else, so that all workers and later runs agree on it.

    Args:
        suffix: with its dot, such as ".html".

    Raises:
        ValueError: a suffix that is no plain ending.
    """
    if not re.fullmatch(r"(\.\w+)+", suffix, re.ASCII) or len(suffix) > 32:
        raise ValueError(f"a suffix is a dot and letters, such as '.html', got {suffix!r}")
    stem = re.sub(r"[^\w.-]", "_", os.fsencode(item.stem).decode("utf-8", "replace")).lstrip(".")
    short = stem.encode()[:100].decode(errors="ignore")
    digits = hashlib.sha256(os.fsencode(item.as_posix())).hexdigest()[:DIGITS]
    return f"{short or '_'}-{digits}{suffix}"


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


tell(globals())
