"""Attention weights in a byte each, so that all of them fit into one page.

A row of weights w with the largest weight m is kept as

    q = round(255 √(w / m)),   w ≈ m (q / 255)²

The root spends the levels on small weights, which are most of them: neighbouring levels are
2 m √(w / m) / 255 apart, so the error is at most m / 255 and that of a weight of 1 % of m a
tenth of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
    """Weights of a byte each, of one map or of many; the first rows of one may be exact."""

    levels: UInt8[np.ndarray, "*batch query key"]
    tops: Float[np.ndarray, "*batch query"]  # each row's largest weight
    error: float  # the largest difference to the weights, measured
    exact: Float[np.ndarray, "first key"] | None = None  # rows before those of `levels`

    @property
    def weights(self) -> Float[np.ndarray, "*batch query key"]:
        """The weights, each as a reader sees it."""
        rest = unpack(self.levels, self.tops)
        return rest if self.exact is None else np.concatenate([self.exact, rest])


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of maps, which the page takes itself: its numbers need no room."""

    of: Sequence[Any]  # maps of one layer's heads

    @property
    def weights(self) -> Float[np.ndarray, "query key"]:
        """The weights, each as a reader sees it."""
        return np.mean([one.weights for one in self.of], axis=0)


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
