"""Names of outputs that cannot collide and cannot leave the output folder."""

import hashlib
import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath

RECORD = ".vitexplain"  # the folder in `out` where a job keeps its record
LONGEST = 255  # bytes that common filesystems allow a file's name


def key(item: Path) -> str:
    """Return what stands for an item in the record: 32 hexadecimal digits of its path."""
    return hashlib.sha256(os.fsencode(item.as_posix())).hexdigest()[:32]


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
    return f"{short or '_'}-{key(item)[:16]}{suffix}"


def inside(out: Path, name: str) -> Path:
    """Return the path of an output, which lies under `out` and outside the record.

    Raises:
        ValueError: a name that is empty, absolute, goes up, leaves `out` through a link, lies
            in the job's record, looks like a temporary file, or is too long.
    """
    parts = name.split("/")
    wrong = (
        any(part in ("", ".", "..") for part in parts)
        or any(character in name for character in "\\\0")
        or bool(PurePosixPath(name).anchor or PureWindowsPath(name).anchor)
        or parts[0].casefold() == RECORD
        or (parts[-1].startswith(".") and parts[-1].endswith(".part"))
    )
    if wrong:
        raise ValueError(f"an output's name is a path inside the output folder, got {name!r}")
    if any(len(os.fsencode(part)) > LONGEST for part in parts):
        raise ValueError(f"an output's name has at most {LONGEST} bytes a part, got {name!r}")
    path = out.joinpath(*parts)
    if not path.parent.resolve().is_relative_to(out.resolve()):
        raise ValueError(f"an output's name must not leave the output folder by a link: {name!r}")
    return path
