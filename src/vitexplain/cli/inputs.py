"""The images that a command line names."""

import sys
from collections.abc import Sequence
from pathlib import Path

from vitexplain.cli.lines import size_of
from vitexplain.cli.wrong import CommandError

STDIN = "-"
LARGEST_STDIN = 2**30  # bytes
SUFFIXES = (
    ".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png",
    ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
"""What is an image in a folder; a file that is named is always opened."""


def find_images(names: Sequence[str], out: Path) -> list[Path]:
    """Return the named files and every image below the named folders, each once, in order.

    What lies in `out` is an output of an earlier run, and left out.

    Raises:
        CommandError: stdin among several, a name that is not there, or a folder without images.
    """
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if name == STDIN:
            raise CommandError("stdin (-) is one image; name it alone")
        if not path.is_dir():
            found[path] = None
            continue
        inside = sorted(
            one
            for one in path.rglob("*")
            if one.suffix.lower() in SUFFIXES
            and one.is_file()
            and not any(part.startswith(".") for part in one.relative_to(path).parts)
            and not one.resolve().is_relative_to(out.resolve())
        )
        if not inside:
            raise CommandError(f"no images in {name}: looked for {', '.join(SUFFIXES)}")
        found.update(dict.fromkeys(inside))
    return list(found)


def read_stdin() -> bytes:
    """Return what comes through the pipe.

    Raises:
        CommandError: more than any image has.
    """
    data = sys.stdin.buffer.read(LARGEST_STDIN + 1)
    if len(data) > LARGEST_STDIN:
        raise CommandError(f"stdin: more than {size_of(LARGEST_STDIN)}")
    return data
