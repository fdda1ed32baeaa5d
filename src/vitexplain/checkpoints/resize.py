"""The table of positions for another image size, by the checkpoint's own convention.

Five conventions are in use, and they disagree: a model resized by another one than it was made
for gives other logits. Each is named after the library whose checkpoints it belongs to.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from vitexplain.moved import tell

RESIZES: dict[str, dict[str, Any]] = {
    # timm 1.0, `timm.layers.resample_abs_pos_embed`; Hugging Face's DINOv2 with registers
    "timm": {"mode": "bicubic", "antialias": True},
    # transformers 5, `ViTEmbeddings.interpolate_pos_encoding`; DeiT and DINOv2 alike
    "huggingface": {"mode": "bicubic"},
    # `torchvision.models.vision_transformer.interpolate_embeddings`
    "torchvision": {"mode": "bicubic", "align_corners": True},
    # timm 1.0, `VisionTransformer.load_pretrained` of Google's `.npz` files
    "timm npz": {"mode": "bilinear"},
    # google-research/vision_transformer, `checkpoint.interpolate_posembed`, whose
    # `scipy.ndimage.zoom` of order 1 this equals; big_vision does the same
    "google": {"mode": "bilinear", "align_corners": True},
}
"""The conventions by name: options of `torch.nn.functional.interpolate`.

Pixel centres are at half-integers, or, with `align_corners`, the first and last sample are on the
border; `antialias` is for a grid that shrinks.
"""


def resize(
    table: Tensor, old_grid: tuple[int, int], new_grid: tuple[int, int], convention: str
) -> Tensor:
    """Return a table of positions, (1, token, dim), for another grid of patches.

    Rows before the patches are kept: there are as many as the table has rows more than
    `old_grid` has patches. An unchanged grid leaves the table as it is. Numbers of less than
    32 bits are computed with in float32.

    Raises:
        ValueError: the convention is unknown, or the table has fewer rows than patches.
    """
    if convention not in RESIZES:
        raise ValueError(f"resize must be one of {tuple(RESIZES)}, got {convention!r}")
    if old_grid == new_grid:
        return table
    prefix = table.shape[1] - old_grid[0] * old_grid[1]
    if prefix < 0:
        raise ValueError(f"a grid of {old_grid} has more patches than {tuple(table.shape)} rows")
    maps = table[:, prefix:].mT.unflatten(-1, old_grid)
    maps = maps if maps.element_size() >= 4 else maps.float()
    maps = F.interpolate(maps.contiguous(), new_grid, **RESIZES[convention])
    return torch.cat([table[:, :prefix], maps.flatten(2).mT.to(table.dtype)], 1)


tell(globals())
