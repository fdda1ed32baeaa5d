"""The table of positions for another image size, by the checkpoint's own convention.

Five conventions are in use, and they disagree: a model resized by another one than it was
made for gives other logits. Each function here takes and gives the rows of the patches as a
map, (1, dim, row, col), and is named after the library whose checkpoints it belongs to.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Resize = Callable[[Tensor, tuple[int, int]], Tensor]


def timm(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bicubic, antialiased when the grid shrinks, pixel centres at half-integers.

    Source: timm 1.0, `timm.layers.resample_abs_pos_embed`. Hugging Face's DINOv2 with
    registers does the same.
    """
    return F.interpolate(table, grid, mode="bicubic", align_corners=False, antialias=True)


def huggingface(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bicubic, not antialiased, pixel centres at half-integers.

    Source: transformers 5, `ViTEmbeddings.interpolate_pos_encoding`; DeiT and DINOv2 alike.
    """
    return F.interpolate(table, grid, mode="bicubic", align_corners=False)


def torchvision(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bicubic, not antialiased, first and last sample on the border.

    Source: torchvision, `torchvision.models.vision_transformer.interpolate_embeddings`.
    """
    return F.interpolate(table, grid, mode="bicubic", align_corners=True)


def timm_npz(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bilinear, not antialiased, pixel centres at half-integers.

    Source: timm 1.0, `VisionTransformer.load_pretrained` of Google's `.npz` files.
    """
    return F.interpolate(table, grid, mode="bilinear", align_corners=False)


def google(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bilinear, not antialiased, first and last sample on the border.

    Source: google-research/vision_transformer, `checkpoint.interpolate_posembed`, whose
    `scipy.ndimage.zoom` of order 1 this equals; big_vision does the same.
    """
    return F.interpolate(table, grid, mode="bilinear", align_corners=True)


RESIZES: dict[str, Resize] = {
    "timm": timm,
    "huggingface": huggingface,
    "torchvision": torchvision,
    "timm npz": timm_npz,
    "google": google,
}
"""The conventions by name."""


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
    patches = RESIZES[convention](maps.contiguous(), new_grid).flatten(2).mT.to(table.dtype)
    return torch.cat([table[:, :prefix], patches], 1)
