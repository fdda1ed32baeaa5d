"""Rollout along the forward pass, a few heads at a time."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from vitexplain.arrays import single
from vitexplain.reading.recursion import advanced
from vitexplain.vit.looking import scaled_scores

if TYPE_CHECKING:
    from vitexplain.vit import ViT

ROOM = {"cpu": 1 << 24, "cuda": 1 << 28}  # bytes of weights at a time; one head of one image fits


class Fold:
    """Takes in each layer's queries and keys as `ViT.encode` computes them, and rolls out.

    `mixed` makes of a layer's fused weights, (batch, token, token), the matrix to multiply with.
    """

    def __init__(self, fusion: Literal["mean", "max", "min"], mixed: Callable[[Tensor], Tensor]):
        self.fusion, self.mixed = fusion, mixed
        self.rolled: Tensor | None = None

    @torch.no_grad()
    def run(self, vit: "ViT", images: Tensor) -> None:
        """Roll out for these images."""
        read = vit.config.read and 1  # nobody reads the last block's tokens
        vit.encode(images, self, read)

    def __call__(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        self.rolled = advanced(self.rolled, self.mixed(self._fused(query, key)))
        return F.scaled_dot_product_attention(query, key, value)

    def _fused(self, query: Tensor, key: Tensor) -> Tensor:
        """Return the weights with the heads fused, (batch, token, token)."""
        batch, heads, tokens, _ = query.shape
        fused = query.new_zeros(batch, tokens, tokens, dtype=single(query[:0]).dtype)
        for images, some in _parts(query):
            part = scaled_scores(query[images, some], key[images, some])
            torch.softmax(part, -1, out=part)
            if self.fusion == "mean":
                fused[images] += part.sum(1)
            elif some.start == 0:
                fused[images] = getattr(part, f"a{self.fusion}")(1)
            else:
                one_or_other = getattr(torch, f"{self.fusion}imum")
                fused[images] = one_or_other(fused[images], getattr(part, f"a{self.fusion}")(1))
        return fused.div_(heads) if self.fusion == "mean" else fused


def _parts(query: Tensor) -> Iterator[tuple[slice, slice]]:
    """Yield slices of images and of heads whose weights fit into the room."""
    batch, heads, tokens, _ = query.shape
    one = tokens * tokens * single(query[:0]).element_size()
    fit = max(ROOM.get(query.device.type, ROOM["cpu"]) // one, 1)  # heads
    images = max(fit // heads, 1)
    some = min(fit, heads)
    for i in range(0, batch, images):
        for h in range(0, heads, some):
            yield slice(i, i + images), slice(h, h + some)
