"""safetensors: a header that says where each tensor lies, then the numbers.

The format: 8 bytes with the header's length (little-endian), the header as JSON, the data.
Source: the safetensors README, "Format", whose limit of 100 MB for a header is kept here.
"""

import json
from math import prod
from pathlib import Path
from typing import Any

from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line
from vitexplain.extras import needed

LONGEST_HEADER = 100_000_000  # bytes


def open_safetensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file.

    Raises:
        CheckpointError: the header is too long, no JSON, or does not fit the data.
    """
    with needed(path.name, "torch", ["safetensors"], called="the library safetensors"):
        from safetensors import SafetensorError, safe_open
    _check_header(path)
    try:
        with safe_open(path, "pt") as file:
            # copies: the library maps the file, and a file that changes would change the model
            return {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, MemoryError, KeyError) as error:
        raise CheckpointError(
            f"{path.name} is a damaged safetensors file: {one_line(error)}"
        ) from error


def _check_header(path: Path) -> None:
    """Raise CheckpointError unless the header's length, JSON and extents fit the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(LONGEST_HEADER, size - 8):
            raise CheckpointError(
                f"{path.name} is no safetensors file, or a truncated one: it declares a header of "
                f"{length:,} bytes, and {max(size - 8, 0):,} follow (at most {LONGEST_HEADER:,})"
            )
        text = file.read(length)
    try:
        header = json.loads(text)
        header.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        for name, entry in header.items():
            _check_entry(path, name, entry)
        if 8 + length + end != size:
            raise CheckpointError(
                f"{path.name} is truncated or has a tail: its header describes "
                f"{8 + length + end:,} bytes, the file has {size:,}"
            )
    except CheckpointError:
        raise
    except (ValueError, RecursionError, AttributeError, LookupError, TypeError) as error:
        raise CheckpointError(
            f"{path.name} starts as safetensors, but its header is not the JSON of one "
            f"({one_line(error, 100)})"
        ) from error


def _check_entry(path: Path, name: str, entry: dict[str, Any]) -> None:
    start, end = entry["data_offsets"]
    count, bits = prod(entry["shape"]), _BITS.get(entry["dtype"])
    if bits is not None and 8 * (end - start) != count * bits:
        raise CheckpointError(
            f"{path.name}: parameter {one_line(name, 80)} is declared as {entry['dtype']} of shape "
            f"{tuple(entry['shape'])}, {count * bits // 8:,} bytes, but has {end - start:,}"
        )


_BITS = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8}
_BITS |= {"U8": 8, "BOOL": 8}  # others are left to the library
