"""A file of weights, opened safely: its first bytes say what it is, and nothing in it is run.

safetensors, torch's `.pth` (zip, or older) and NumPy's `.npz` become one dictionary of
tensors. Pickles go through torch's unpickler with `weights_only=True`, which builds tensors
and plain containers and calls nothing else; arrays are read with pickles forbidden.
"""

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line
from vitexplain.checkpoints.zips import members

OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # torch's magic number, before 1.6
OTHERS = {
    b"\x89HDF": "an HDF5 file (Keras, TensorFlow)",
    b"GGUF": "a GGUF file",
    b"\x93NUMPY": "a single NumPy array",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG": "a PNG image",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself (git lfs pull gets it)",
    b"<": "a web page or XML",
}
EXPECTED = "expected safetensors, torch's .pth or Google's .npz"


@dataclass(frozen=True)
class Stored:
    """What one file holds: tensors by their names, on the CPU, as they are stored."""

    tensors: dict[str, Tensor]
    within: str = ""  # the key that a training script had them under, such as "model"
    header: dict[str, str] = field(default_factory=dict)  # words beside them, of safetensors


def open_file(path: Path) -> Stored:
    """Return what one file of weights holds.

    Raises:
        CheckpointError: it is no file, not of a known format, damaged, or hostile.
    """
    start = first_bytes(path)
    zipped = members(path) if start.startswith(b"PK\x03\x04") else []
    if any(name.endswith(".npy") for name in zipped):
        from vitexplain.checkpoints.npz import open_npz

        return Stored(open_npz(path))
    if any(name.endswith("data.pkl") for name in zipped) or start.startswith(OLD_TORCH):
        from vitexplain.checkpoints.pickles import open_pickle

        return Stored(*open_pickle(path))
    if zipped:
        raise CheckpointError(
            f"{path.name} is a zip archive with neither torch's data.pkl nor arrays (.npy) in it; "
            f"{EXPECTED}"
        )
    if start[8:9] == b"{":
        from vitexplain.checkpoints.safe import open_safetensors

        tensors, header = open_safetensors(path)
        return Stored(tensors, header=header)
    raise CheckpointError(f"{path.name} is {_described(start)}; {EXPECTED}")


def first_bytes(path: Path) -> bytes:
    """Return the first bytes of a regular file.

    Raises:
        CheckpointError: nothing is there, a link leads nowhere, it is a folder or a device,
            it may not be read, or it is empty.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        if path.is_symlink():
            target = one_line(path.readlink())
            raise CheckpointError(
                f"{path.name} is a link to {target}, which is not there"
            ) from None
        raise CheckpointError(f"there is no file {one_line(path)}") from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
        raise CheckpointError(f"{path.name} is {kind}; expected a file")
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise CheckpointError(f"{path.name} may not be read: {error.strerror}") from error
    if not start:
        raise CheckpointError(f"{path.name} is empty (0 bytes); {EXPECTED}")
    return start


def _described(start: bytes) -> str:
    for magic, kind in OTHERS.items():
        if start.lstrip().startswith(magic):
            return kind
    if start[4:8] == b"TFL3":
        return "a TensorFlow Lite file"
    if re.match(rb"\x08[\x01-\x1f][\x12\x1a:B]", start):
        return "an ONNX graph"
    if re.match(rb"[\x81-\x8f][\xa1-\xbf]\w", start):
        return "a msgpack file (Flax)"
    if start[:1] == b"\x80" and start[1:2] in b"\x02\x03\x04\x05":
        return "a plain pickle, which can run code and is not opened"
    if all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in start):
        return f"text that starts with {one_line(start.decode('ascii'), 30)!r}"
    return f"of no known format (it starts with the bytes {start[:8].hex(' ')})"
