"""The Vision Transformer: its sizes, its forward pass step by step, and a torch module.

`walk` is the forward pass, written once for NumPy arrays and torch tensors. `ViT` needs torch.
"""

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
    from vitexplain.vit.module import ViT

__all__ = [
    "PRESETS",
    "Block",
    "Embedding",
    "Params",
    "Readout",
    "Step",
    "ViT",
    "ViTConfig",
    "attention_weights",
    "count_macs",
    "count_parameters",
    "init_params",
    "mac_shares",
    "parameter_shapes",
    "parameter_shares",
    "walk",
]


def __getattr__(name: str):
    if name == "ViT":
        try:
            from vitexplain.vit.module import ViT
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise ModuleNotFoundError(
                "vitexplain.vit.ViT needs torch: pip install 'vitexplain[torch]' "
                "(vitexplain.vit.walk works without it)",
                name="torch",
            ) from error
        return ViT
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
