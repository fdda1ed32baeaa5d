"""Heads fused into one along the forward pass, a few of them at a time, see `rollout_of`."""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from vitexplain.arrays import single
from vitexplain.vit.looking import scaled_scores

ROOM = {"cpu": 1 << 24, "cuda": 1 << 28}  # bytes of weights at a time; one head of one image fits


def fused_weights(query: Tensor, key: Tensor, fusion: Literal["mean", "max", "min"]) -> Tensor:
    """Return the weights with the heads fused, (batch, token, token), in float32 at least."""
    batch, heads, tokens, _ = query.shape
    fused = query.new_zeros(batch, tokens, tokens, dtype=single(query[:0]).dtype)
    for images, some in _parts(query):
        part = scaled_scores(query[images, some], key[images, some])
        torch.softmax(part, -1, out=part)
        if fusion == "mean":
            fused[images] += part.sum(1)
        elif some.start == 0:
            fused[images] = getattr(part, f"a{fusion}")(1)
        else:
            one_or_other = getattr(torch, f"{fusion}imum")
            fused[images] = one_or_other(fused[images], getattr(part, f"a{fusion}")(1))
    return fused.div_(heads) if fusion == "mean" else fused


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
