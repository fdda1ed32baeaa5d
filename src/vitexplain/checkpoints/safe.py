"""safetensors: a header that says where each tensor lies, then the numbers.

The library compares the header with the file before it reads a number.
"""

from pathlib import Path

from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line
from vitexplain.extras import needed


def open_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors of a safetensors file, and the words in its header.

    Raises:
        CheckpointError: the header is too long, no JSON, or does not fit the data.
    """
    with needed(path.name, "torch", ["safetensors"], called="the library safetensors"):
        from safetensors import SafetensorError, safe_open
    try:
        with safe_open(path, "pt") as file:
            # copies: the library maps the file, and a file that changes would change the model
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError, MemoryError, KeyError) as error:
        raise CheckpointError(
            f"{path.name} is a damaged safetensors file: {one_line(error)}"
        ) from error
