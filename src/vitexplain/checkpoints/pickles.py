"""torch's `.pth`, `.pt` and `.bin`: pickles, opened so that none of them can run code.

`weights_only=True` reads tensors, numbers, strings and containers of these. Any other name in
the pickle ends the reading before it is called. `argparse.Namespace`, which training scripts
store beside the weights, is let through: it holds values and does nothing.
"""

import argparse
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vitexplain.checkpoints.errors import CheckpointError, one_line, some

# Where training scripts put the weights; averaged ones first, as timm does.
WRAPPERS = (
    "state_dict_ema", "model_ema", "ema", "state_dict", "model", "teacher", "module", "net",
    "network", "model_state_dict", "params",
)  # fmt: skip


def open_pickle(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file that `torch.save` wrote, out of their wrappers.

    Raises:
        CheckpointError: the pickle asks for code, is damaged, or holds no named tensors.
    """
    try:
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on old storage classes; the result is the same
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what a hostile pickle can make the unpickler raise is anything
        raise CheckpointError(f"{path.name} {_reason(error)}") from error
    return unwrap(content, path.name)


def _reason(error: Exception) -> str:
    found = re.search(r"GLOBAL ([\w.]+)|[Uu]nsupported (?:global|class) ([\w.]+)", str(error))
    if found is not None:
        name = found[1] or found[2]
        return (
            f"is a pickle that asks for {one_line(name, 80)}: code is not run here, expected "
            "tensors alone, as torch.save(model.state_dict(), file) writes them"
        )
    return f"is a damaged, truncated or hostile .pth file: {one_line(error, 160)}"


def unwrap(content: Any, name: str) -> dict[str, Tensor]:
    """Return the state dict inside what a training script saved.

    Raises:
        CheckpointError: there is none.
    """
    for _ in range(4):  # {"state_dict": {"model": …}}; a hostile nest ends here
        if not isinstance(content, Mapping):
            break
        tensors = {key: value for key, value in content.items() if isinstance(value, Tensor)}
        inner = next((key for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inner is None or len(tensors) > 8:
            if tensors and all(isinstance(key, str) for key in tensors):
                return tensors
            break
        content = content[inner]
    found = type(content).__name__
    if isinstance(content, Mapping):
        found = f"a dictionary with {some(content) or 'nothing in it'}"
    raise CheckpointError(f"{name} holds {found}; expected a state dict, names and tensors")
