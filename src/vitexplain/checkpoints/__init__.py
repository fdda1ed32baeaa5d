"""Other people's Vision Transformers: checkpoints of timm, Hugging Face, torchvision and Google.

`load(path)` gives the model, `read(path)` also labels and preprocessing, and
`load_pretrained(name)` gets one from the Hugging Face hub. A file that cannot be read raises
`CheckpointError`. Needs torch, which is loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vitexplain.checkpoints.errors import CheckpointError

if TYPE_CHECKING:
    from vitexplain.checkpoints.checkpoint import Checkpoint, load, read
    from vitexplain.checkpoints.hub import load_pretrained
    from vitexplain.checkpoints.resize import RESIZES

__all__ = ["RESIZES", "Checkpoint", "CheckpointError", "load", "load_pretrained", "read"]

_HOME = {
    "Checkpoint": "checkpoint",
    "load": "checkpoint",
    "read": "checkpoint",
    "load_pretrained": "hub",
    "RESIZES": "resize",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModuleNotFoundError(
            f"vitexplain.checkpoints.{name} needs torch: pip install 'vitexplain[torch]'",
            name="torch",
        ) from error


def __dir__() -> list[str]:
    return sorted([*__all__])
