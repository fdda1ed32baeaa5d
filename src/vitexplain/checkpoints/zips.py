"""What a zip archive says of itself, weighed before anything is unpacked.

Both torch's `.pth` and NumPy's `.npz` are zip archives. Their members are numbers, which
hardly compress: an archive that would grow twentyfold is no checkpoint.
"""

import zipfile
from pathlib import Path

from vitexplain.checkpoints.errors import CheckpointError, refused

LARGEST = 64 * 2**30  # bytes of all members; a ViT of 22 billion numbers in float16 has 44 GB
GROWTH = 20  # times the archive's size
SMALL = 64 * 2**20  # bytes that may grow from nothing, as zeros do
MEMBERS = 100_000


def members(path: Path) -> list[str]:
    """Return the names of an archive's members, once their declared sizes are found bearable.

    Raises:
        CheckpointError: the archive is damaged, has too many members, names one twice, or
            would unpack to more than a checkpoint of its size can hold.
    """
    damaged = f"{path.name} starts as a zip archive (.pth or .npz) but is damaged or truncated"
    with refused(damaged), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > MEMBERS:
        raise CheckpointError(
            f"{path.name} has {len(entries):,} members, a checkpoint at most {MEMBERS:,}"
        )
    names = [entry.filename for entry in entries]
    if len({name.lower() for name in names}) < len(names):  # readers differ on which they take
        raise CheckpointError(f"{path.name} names a member twice; expected once each")
    declared, size = sum(entry.file_size for entry in entries), path.stat().st_size
    if declared > LARGEST or declared > max(SMALL, GROWTH * size):
        raise CheckpointError(
            f"{path.name} would unpack to {declared:,} bytes from {size:,}, as a zip bomb does; "
            f"expected at most {GROWTH} times its size and {LARGEST:,} bytes"
        )
    return names
