"""NumPy's `.npz`: a zip archive of arrays, read with pickles forbidden.

JAX stores bfloat16 as raw pairs of bytes (`|V2`), which are the upper halves of float32.
"""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line


def open_npz(path: Path) -> dict[str, Tensor]:
    """Return the arrays of an `.npz` file as tensors, names without `.npy`.

    Raises:
        CheckpointError: an array holds Python objects, is no number, or does not fit its size.
    """
    try:
        with warnings.catch_warnings(), np.load(path, allow_pickle=False) as arrays:
            warnings.simplefilter("ignore")
            return {name: _tensor(name, arrays[name]) for name in arrays.files}
    except CheckpointError:
        raise
    except Exception as error:  # what a hostile member can make its readers raise is anything
        raise CheckpointError(
            f"{path.name} is a damaged or hostile .npz file: {one_line(error, 160)}"
        ) from error


def _tensor(name: str, array: np.ndarray | bytes) -> Tensor:
    dtype = getattr(array, "dtype", None)  # of bytes, which are no array, None
    if dtype == "V2":
        array = np.ascontiguousarray(array).view("<u2").astype(np.uint32) << 16
        array = array.view(np.float32)
    elif dtype is None or dtype.kind not in "fiub" or dtype.itemsize > 8:
        raise CheckpointError(f"{one_line(name, 80)} is of dtype {dtype}; expected floats")
    else:
        array = np.asarray(array, dtype.newbyteorder("="))
    return torch.from_numpy(np.array(array, order="C"))
