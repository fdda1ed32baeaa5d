"""torch's `.pth`, `.pt` and `.bin`: pickles, opened so that none of them can run code.

First the pickle's instructions are listed without following them, and every name that they ask
for must be one that tensors and plain containers need. Then torch follows them with
`weights_only=True`, which has a list of its own. `argparse.Namespace`, in which training
scripts store their settings beside the weights, is let through: it holds values.
"""

import argparse
import pickle
import pickletools
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line, some

NEEDED = re.compile(
    r"collections (OrderedDict|defaultdict|Counter)|argparse Namespace|(__builtin__|builtins) set"
    r"|torch (Size|device|(b?float|u?int|complex|bool)\w*)|torch(\.storage)? \w*Storage"
    r"|torch\._utils _rebuild_(tensor|tensor_v2|tensor_v3|parameter|parameter_with_state)"
)
BY_STACK = ("STACK_GLOBAL", "INST", "OBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4")
LONGEST = 2**28  # bytes of instructions, which hold names and numbers, no weights
OLD_PICKLES = 5  # in a file of torch before 1.6: magic, version, machine, content, keys

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
        for name in _names(path):
            if not NEEDED.fullmatch(name):
                asked = one_line(name, 80).replace(" ", ".")
                raise CheckpointError(
                    f"{path.name} is a pickle that asks for {asked}; what tensors do not need "
                    "could run code and is refused, expected torch.save(model.state_dict(), …)"
                )
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on old storage classes; the result is the same
            content = torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except Exception as error:  # what a hostile pickle can make an unpickler raise is anything
        said = str(error).rpartition("WeightsUnpickler error: ")[2]
        raise CheckpointError(
            f"{path.name} is a damaged, truncated or hostile .pth file: {one_line(said, 160)}"
        ) from error
    return unwrap(content, path.name)


def _names(path: Path) -> Iterator[str]:
    """Yield the names, "module name", that a file's pickles ask for."""
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"  # as torch decides; a zip may follow anything
        file.seek(0)
        if not zipped:
            for _ in range(OLD_PICKLES):
                yield from _asked(file)
            return
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".pkl"):
                if entry.file_size > LONGEST:
                    raise pickle.UnpicklingError(f"instructions of {entry.file_size:,} bytes")
                with archive.open(entry) as member:
                    yield from _asked(member)


def _asked(file: IO[bytes]) -> Iterator[str]:
    for operation, argument, _ in pickletools.genops(file):
        if operation.name in BY_STACK:
            yield "a name that the pickle computes"
        elif operation.name == "GLOBAL":
            yield str(argument)


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
