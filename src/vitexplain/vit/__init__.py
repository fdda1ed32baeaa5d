"""The Vision Transformer: its sizes, its forward pass step by step, and a torch module.

`walk` is the forward pass, written once for NumPy arrays and torch tensors. `ViT` needs torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from vitexplain.vit.config import (
    PRESETS,
    Params,
    ViTConfig,
    count_macs,
    count_parameters,
    init_params,
    mac_shares,
    parameter_shapes,
    parameter_shares,
)
from vitexplain.vit.steps import Block, Embedding, Readout, Step, attention_weights, walk

if TYPE_CHECKING:
    from vitexplain.vit.looking import Looked, look
    from vitexplain.vit.module import ViT
    from vitexplain.vit.packing import packed

__all__ = [
    "PRESETS",
    "Block",
    "Embedding",
    "Looked",
    "Params",
    "Readout",
    "Step",
    "ViT",
    "ViTConfig",
    "attention_weights",
    "count_macs",
    "count_parameters",
    "init_params",
    "look",
    "mac_shares",
    "packed",
    "parameter_shapes",
    "parameter_shares",
    "walk",
]


_IN_TORCH = {"Looked": "looking", "ViT": "module", "look": "looking", "packed": "packing"}


def __getattr__(name: str):
    if name not in _IN_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_IN_TORCH[name]}")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModuleNotFoundError(
            f"vitexplain.vit.{name} needs torch: pip install 'vitexplain[torch]' "
            "(vitexplain.vit.walk works without it)",
            name="torch",
        ) from error
    return getattr(module, name)
