"""The Vision Transformer: its sizes, its forward pass step by step, and a torch module.

`walk` is the forward pass, written once for NumPy arrays and torch tensors. `ViT` needs torch.
"""

from typing import TYPE_CHECKING

from vitexplain.lazy import lazy
from vitexplain.vit.config import PRESETS, Params, ViTConfig
from vitexplain.vit.parameters import (
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

__getattr__, _ = lazy(__name__, _IN_TORCH, note=" (vitexplain.vit.walk works without it)")
