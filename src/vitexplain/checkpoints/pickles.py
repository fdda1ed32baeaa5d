"""torch's `.pth`, `.pt` and `.bin`: pickles, opened with `weights_only=True`.

torch then follows a pickle's instructions only as far as tensors and plain containers need, and
runs no code. `argparse.Namespace`, in which training scripts store their settings beside the
weights, is let through: it holds values. `bytearray`, which torch lets through, is not: one
instruction makes it as large as it likes.
"""

import argparse
import mmap
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line, some

LONGEST = 2**28  # bytes of instructions, which hold names and numbers, no weights
FILLER = b"\nbytearray\n"  # as the instruction GLOBAL has it, the only one that torch follows

# Where training scripts put the weights; averaged ones first, as timm does.
WRAPPERS = (
    "state_dict_ema", "model_ema", "ema", "state_dict", "model", "teacher", "module", "net",
    "network", "model_state_dict", "params",
)  # fmt: skip


def open_pickle(path: Path) -> tuple[dict[str, Tensor], str]:
    """Return the tensors of a file that `torch.save` wrote, and the key that they were under.

    Raises:
        CheckpointError: the pickle asks for code, is damaged, or holds no named tensors.
    """
    try:
        if _fills_memory(path):
            raise _asks(path, "bytearray")
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on old storage classes; the result is the same
            content = torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except Exception as error:  # what a hostile pickle can make an unpickler raise is anything
        if asked := re.search(r"GLOBAL ([\w.]+)", str(error)):
            raise _asks(path, asked[1]) from error
        said = str(error).rpartition("WeightsUnpickler error: ")[2]
        raise CheckpointError(
            f"{path.name} is a damaged, truncated or hostile .pth file: {one_line(said, 160)}"
        ) from error
    return unwrap(content, path.name)


def _fills_memory(path: Path) -> bool:
    """Return whether the pickles of a file ask for `bytearray`."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":  # as torch decides; a zip may follow anything
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return content.find(FILLER) >= 0
    with zipfile.ZipFile(path) as archive:
        pickles = [one for one in archive.infolist() if one.filename.endswith(".pkl")]
        if sum(one.file_size for one in pickles) > LONGEST:
            raise ValueError(f"instructions of more than {LONGEST:,} bytes")
        return any(FILLER in archive.read(one) for one in pickles)


def _asks(path: Path, name: str) -> CheckpointError:
    return CheckpointError(
        f"{path.name} is a pickle that asks for {one_line(name, 80)}; what tensors do not need "
        "could run code and is refused, expected torch.save(model.state_dict(), …)"
    )


def unwrap(content: Any, name: str) -> tuple[dict[str, Tensor], str]:
    """Return the state dict inside what a training script saved, and its innermost key.

    Raises:
        CheckpointError: there is none.
    """
    within = ""
    for _ in range(4):  # {"state_dict": {"model": …}}; a hostile nest ends here
        if not isinstance(content, Mapping):
            break
        tensors = {
            key: value.detach() for key, value in content.items() if isinstance(value, Tensor)
        }
        inner = next((key for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inner is None or len(tensors) > 8:
            if tensors and all(isinstance(key, str) for key in tensors):
                return tensors, within
            break
        content, within = content[inner], inner
    found = type(content).__name__
    if isinstance(content, Mapping):
        found = f"a dictionary with {some(content) or 'nothing in it'}"
    raise CheckpointError(f"{name} holds {found}; expected a state dict, names and tensors")
