"""A file of weights, opened safely: its first bytes say what it is, and nothing in it is run.

safetensors, torch's `.pth` (zip, or older) and NumPy's `.npz` become one dictionary of
tensors. Pickles go through torch's unpickler with `weights_only=True`, which builds tensors
and plain containers and calls nothing else; arrays are read with pickles forbidden.
"""

import re
import stat
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line, refused
from vitexplain.checkpoints.pickles import open_pickle
from vitexplain.checkpoints.zips import members
from vitexplain.extras import needed

OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # torch's magic number, before 1.6
OTHERS = {  # how a file begins that is something else
    rb"\x89HDF": "an HDF5 file (Keras, TensorFlow)",
    rb"GGUF": "a GGUF file",
    rb"\x93NUMPY": "a single NumPy array",
    rb"\x1f\x8b": "a gzip archive",
    rb"%PDF": "a PDF",
    rb"\xff\xd8\xff": "a JPEG image",
    rb"\x89PNG": "a PNG image",
    rb"version https://git-lfs": "a Git LFS pointer, not the file itself (git lfs pull gets it)",
    rb"\s*<": "a web page or XML",
    rb"(?s:....)TFL3": "a TensorFlow Lite file",
    rb"\x08[\x01-\x1f][\x12\x1a:B]": "an ONNX graph",
    rb"[\x81-\x8f][\xa1-\xbf]\w": "a msgpack file (Flax)",
    rb"\x80[\x02-\x05]": "a plain pickle, which can run code and is not opened",
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
        return Stored(open_npz(path))
    if any(name.endswith("data.pkl") for name in zipped) or start.startswith(OLD_TORCH):
        return Stored(*open_pickle(path))
    if start[8:9] == b"{" and not zipped:
        return open_safetensors(path)
    described = _described(start)
    if zipped:
        described = "a zip archive with neither torch's data.pkl nor arrays (.npy) in it"
    raise CheckpointError(f"{path.name} is {described}; {EXPECTED}")


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
    with refused(f"{path.name} may not be read", OSError), path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise CheckpointError(f"{path.name} is empty (0 bytes); {EXPECTED}")
    return start


def open_safetensors(path: Path) -> Stored:
    """Return the tensors of a safetensors file, and the words in its header.

    Raises:
        CheckpointError: the header is too long, no JSON, or does not fit the data.
    """
    with needed(path.name, "torch", ["safetensors"], called="the library safetensors"):
        from safetensors import safe_open
    with refused(f"{path.name} is a damaged safetensors file"), safe_open(path, "pt") as file:
        # copies: the library maps the file, and a file that changes would change the model
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        return Stored(tensors, header=file.metadata() or {})


def open_npz(path: Path) -> dict[str, Tensor]:
    """Return the arrays of an `.npz` file as tensors, names without `.npy`.

    Raises:
        CheckpointError: an array holds Python objects, is no number, or does not fit its size.
    """
    with refused(f"{path.name} is a damaged or hostile .npz file"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: _tensor(name, arrays[name]) for name in arrays.files}


def _tensor(name: str, array: np.ndarray | bytes) -> Tensor:
    dtype = getattr(array, "dtype", None)  # of bytes, which are no array, None
    if dtype == "V2":  # JAX's bfloat16, raw pairs of bytes: the upper halves of float32
        array = np.ascontiguousarray(array).view("<u2").astype(np.uint32) << 16
        array = array.view(np.float32)
    elif dtype is None or dtype.kind not in "fiub" or dtype.itemsize > 8:
        raise CheckpointError(f"{one_line(name, 80)} is of dtype {dtype}; expected floats")
    else:
        array = np.asarray(array, dtype.newbyteorder("="))
    return torch.from_numpy(np.array(array, order="C"))


def _described(start: bytes) -> str:
    for beginning, kind in OTHERS.items():
        if re.match(beginning, start):
            return kind
    if all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in start):
        return f"text that starts with {one_line(start.decode('ascii'), 30)!r}"
    return f"of no known format (it starts with the bytes {start[:8].hex(' ')})"
