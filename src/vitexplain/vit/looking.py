"""The fast forward pass that keeps what attention did.

torch's fused kernel returns no weights. Here it computes the output all the same, and the
weights are computed once more beside it from the same queries and keys:

    weights = softmax(query keyᵀ / √d_k)

so that the logits are those of the plain forward pass to the last bit, and the weights those
of an unfused model. `walk` tells more, with every check, and takes longer.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

if TYPE_CHECKING:
    from vitexplain.vit.module import ViT

QUANTITIES = ("query", "key", "value", "scaled", "weights")
HUGE = 1 << 22  # bytes from which NumPy asks the system for huge pages


@dataclass(frozen=True, eq=False)
class Layer:
    """What attention did in one layer; what was not to be kept is None."""

    query: Float[Tensor, "batch head token dim"] | None = None
    key: Float[Tensor, "batch head token dim"] | None = None
    value: Float[Tensor, "batch head token dim"] | None = None
    scaled: Float[Tensor, "batch head token token"] | None = None  # query keyᵀ / √d_k
    weights: Float[Tensor, "batch head token token"] | None = None  # rows sum to 1


@dataclass(frozen=True, eq=False)
class Looked:
    """The logits of a forward pass, and what attention did on the way, first layer first."""

    logits: Float[Tensor, "*read classes"]
    layers: tuple[Layer, ...]


@torch.no_grad()
def look(
    vit: "ViT",
    images: Float[Tensor, "batch channel row col"],
    *,
    keep: Collection[str] = ("weights",),
    exact: bool = True,
    lazy: bool = False,
) -> Looked:
    """Return the logits for images, and each layer's attention.

    Args:
        keep: of "query", "key", "value", "scaled" and "weights".
        exact: leave the output to torch's fused kernel, so that the logits are bit for bit
            those of `vit(images)`. Otherwise the weights mix the values, which saves time
            and moves the logits by a few roundings.
        lazy: compute the last block for the tokens that are read out alone. Its weights are
            all there; only readout "class" gains by it. The logits move by a few roundings.

    Raises:
        ValueError: an unknown name in `keep`, or images that do not fit.
    """
    unknown = sorted(set(keep) - set(QUANTITIES))
    if unknown or isinstance(keep, str):
        raise ValueError(f"keep must be a list of {', '.join(QUANTITIES)}, got {keep!r}")
    record = _Record(set(keep), exact, vit.config.depth)
    read = 1 + vit.config.distillation if lazy and vit.config.readout == "class" else None
    logits = vit.read(vit.encode(images, record, read))
    return Looked(logits, tuple(record.layers))


class _Record:
    """Computes attention as `ViT.encode` asks for it, layer by layer, and keeps it."""

    def __init__(self, keep: set[str], exact: bool, depth: int) -> None:
        self.keep, self.exact, self.depth = keep, exact, depth
        self.layers: list[Layer] = []
        self.scaled: Tensor | None = None
        self.weights: Tensor | None = None

    def __call__(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        found = {"query": query, "key": key, "value": value}
        mixed = None
        if self.exact or not self.keep & {"scaled", "weights"}:
            mixed = F.scaled_dot_product_attention(query, key, value)
        if self.keep & {"scaled", "weights"} or mixed is None:
            found |= self._weigh(query, key)
        if mixed is None:
            mixed = found["weights"] @ value
        self.layers.append(Layer(**{name: x for name, x in found.items() if name in self.keep}))
        return mixed

    def _weigh(self, query: Tensor, key: Tensor) -> dict[str, Tensor]:
        index = len(self.layers)
        batch, heads, tokens, _ = query.shape
        shape = (batch, heads, tokens, tokens)
        if self.weights is None:  # at the first layer, room for all of them at once
            self.weights = room((self.depth, *shape), query)
            self.scaled = room((self.depth if "scaled" in self.keep else 1, *shape), query)
        assert self.scaled is not None
        weights, scaled = self.weights[index], self.scaled[index if "scaled" in self.keep else 0]
        scores(query, key, out=scaled)
        torch.softmax(scaled, -1, out=weights)
        return {"scaled": scaled, "weights": weights}


def scores(query: Tensor, key: Tensor, out: Tensor) -> None:
    """Write query keyᵀ / √d_k, (batch, head, token, token), in one product."""
    matrices = out.flatten(0, 1)
    scale = 1 / math.sqrt(query.shape[-1])
    torch.baddbmm(
        matrices, query.flatten(0, 1), key.flatten(0, 1).mT, beta=0, alpha=scale, out=matrices
    )


def room(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Return an empty tensor of a shape, of the dtype and device of another.

    On a CPU most of the time of keeping large arrays is the system's, which hands them out in
    small pages; NumPy asks for huge ones, torch does not.
    """
    size = prod(shape) * like.element_size()
    if like.device.type == "cpu" and like.dtype in _IN_NUMPY and size >= HUGE:
        return torch.from_numpy(np.empty(shape, _IN_NUMPY[like.dtype]))
    return torch.empty(shape, dtype=like.dtype, device=like.device)


_IN_NUMPY = {torch.float32: np.float32, torch.float64: np.float64}
