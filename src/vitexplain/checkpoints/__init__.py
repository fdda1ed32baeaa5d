"""Other people's Vision Transformers: checkpoints of timm, Hugging Face, torchvision and Google.

`load(path)` gives the model, `read(path)` also labels and preprocessing, and
`load_pretrained(name)` gets one from the Hugging Face hub. A file that cannot be read raises
`CheckpointError`. Needs torch, which is loaded on first use.
"""

from typing import TYPE_CHECKING

from vitexplain.checkpoints.errors import CheckpointError
from vitexplain.lazy import lazy

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

__getattr__, __dir__ = lazy(__name__, _HOME)
