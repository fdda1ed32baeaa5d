"""Attention weights in a byte each, so that all of them fit into one page.

A row of weights w with the largest weight m is kept as

    q = round(255 √(w / m)),   w ≈ m (q / 255)²

The root spends the levels on small weights, which are most of them: neighbouring levels are
2 m √(w / m) / 255 apart, so the error is at most m / 255 and that of a weight of 1 % of m a
tenth of it.
"""

import base64
import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

from vitexplain.arrays import Array, is_torch
from vitexplain.vit import ViTConfig

LEVELS = 255
BUDGET = 16_000_000
"""Most weights in a page: all heads of L/16 at 224 pixels, and with base64 about 20 MB."""

Kept = Literal["heads", "mean", "none"]


@dataclass(frozen=True, eq=False)
class Packed:
    """Weights of a byte each; `head` is 1 long where only the mean over heads is kept."""

    levels: UInt8[np.ndarray, "layer head token token"]
    tops: Float[np.ndarray, "layer head token"]  # each row's largest weight
    error: float  # the largest difference to the weights, measured


def what_fits(config: ViTConfig, budget: int = BUDGET) -> Kept:
    """Return which weights of a model fit into `budget` numbers: every head's, the mean, none."""
    layers = config.depth * config.tokens**2
    if layers * config.heads <= budget:
        return "heads"
    return "mean" if layers <= budget else "none"


def pack(
    weights: Float[Array, "*batch head token token"],
) -> tuple[UInt8[np.ndarray, "*batch head token token"], Float[np.ndarray, "*batch head token"]]:
    """Return one layer's levels and each row's largest weight."""
    if is_torch(weights):
        tops = weights.amax(-1)
        levels = (weights / tops[..., None]).sqrt().mul(LEVELS).round().byte()
        return levels.cpu().numpy(), tops.float().cpu().numpy()
    tops = weights.max(-1)
    levels = np.rint(LEVELS * np.sqrt(weights / tops[..., None])).astype(np.uint8)
    return levels, tops.astype(np.float32)


def unpack(
    levels: UInt8[np.ndarray, "*batch token"], tops: Float[np.ndarray, "*batch"]
) -> Float[np.ndarray, "*batch token"]:
    """Return the weights, each within tops / 255; what the page computes, too."""
    return tops[..., None] * (levels.astype(np.float32) / LEVELS) ** 2


def text(array: np.ndarray) -> str:
    """Return an array's bytes, compressed and in base64, for the page to decode."""
    raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return base64.b64encode(zlib.compress(raw, 6)).decode()
