"""NumPy's `.npz`: a zip archive of arrays, read with pickles forbidden.

Each member's header is weighed against the member's size before its numbers are read. JAX
stores bfloat16 as raw pairs of bytes (`|V2`), which are the upper halves of float32.
"""

import warnings
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line


def open_npz(path: Path) -> dict[str, Tensor]:
    """Return the arrays of an `.npz` file as tensors, names without `.npy`.

    Raises:
        CheckpointError: an array holds Python objects, is no number, or does not fit its size.
    """
    tensors = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = entry.filename.removesuffix(".npy")
                with archive.open(entry) as member:
                    tensors[name] = _read_array(member, entry.file_size, path, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise CheckpointError(
            f"{path.name} is a damaged .npz file: {one_line(error, 160)}"
        ) from error
    except RuntimeError as error:  # what zipfile says of a password
        raise CheckpointError(f"{path.name} cannot be read: {one_line(error, 160)}") from error
    return tensors


def _read_array(member: IO[bytes], size: int, path: Path, name: str) -> Tensor:
    shown = one_line(name, 80)
    try:
        version = np.lib.format.read_magic(member)
        read = {(1, 0): np.lib.format.read_array_header_1_0}.get(
            version, np.lib.format.read_array_header_2_0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, in_columns, dtype = read(member)
    except Exception as error:  # what NumPy's parser raises for a hostile header is anything
        raise CheckpointError(
            f"{path.name}: {shown} is no NumPy array: {one_line(error, 120)}"
        ) from error
    if dtype.hasobject:
        raise CheckpointError(
            f"{path.name}: {shown} holds pickled Python objects, which can run code and are not "
            "read; expected floats"
        )
    if not all(0 <= side <= size for side in shape):
        raise CheckpointError(
            f"{path.name}: {shown} is declared longer than its {size:,} bytes; expected an array"
        )
    declared, found = prod(shape) * dtype.itemsize, size - member.tell()
    if declared != found:
        raise CheckpointError(
            f"{path.name}: {shown} is declared as {dtype} of shape {shape}, {declared:,} bytes, "
            f"but has {found:,}"
        )
    data = bytearray(member.read(declared))
    if dtype == "V2":
        array = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        array = array.view(np.float32)
    elif dtype.kind in "fiub" and dtype.itemsize <= 8:
        array = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="), copy=False)
    else:
        raise CheckpointError(f"{path.name}: {shown} is of dtype {dtype}; expected floats")
    array = array.reshape(shape, order="F" if in_columns else "C")
    return torch.from_numpy(np.asarray(array, order="C"))
