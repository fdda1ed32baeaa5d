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
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from vitexplain.arrays import single
from vitexplain.moved import tell
from vitexplain.trace import Layer
from vitexplain.vit.config import ViTConfig
from vitexplain.vit.forward import Attend

QUANTITIES = ("query", "key", "value", "scaled", "weights")


@dataclass(frozen=True, eq=False)
class Looked:
    """The logits of a forward pass, and what attention did on the way, first layer first."""

    logits: Float[Tensor, "*read classes"]
    layers: tuple[Layer, ...]


@runtime_checkable
class Encodes(Protocol):
    """What can be looked at: a `ViT`."""

    config: ViTConfig

    def encode(self, images: Tensor, attend: Attend = ..., read: int | None = None) -> Tensor:
        """Return the tokens after the last block."""
        ...

    def read(self, x: Tensor) -> Tensor:
        """Return the logits of the last tokens."""
        ...


@torch.no_grad()
def look(
    vit: Encodes,
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
    layers: list[Layer] = []

    def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        found = {"query": query, "key": key, "value": value}
        if not {"scaled", "weights"}.isdisjoint(keep):
            found["scaled"] = scaled = scaled_scores(query, key)
            room = None if "scaled" in keep else scaled  # else nobody needs them any more
            found["weights"] = torch.softmax(scaled, -1, out=room).to(query.dtype)
        kept: dict[str, Any] = {name: found[name] for name in keep}
        layers.append(Layer(f"block {len(layers)}", **kept))
        if exact or "weights" not in found:
            return F.scaled_dot_product_attention(query, key, value)
        return found["weights"] @ value

    logits = vit.read(vit.encode(images, attend, vit.config.read if lazy else None))
    return Looked(logits, tuple(layers))


def scaled_scores(
    query: Float[Tensor, "batch head query dim"],
    key: Float[Tensor, "batch head key dim"],
    out: Float[Tensor, "batch head query key"] | None = None,
) -> Float[Tensor, "batch head query key"]:
    """Return query keyᵀ / √d_k in float32 at least, without a second pass for the scale."""
    query, key = single(query), single(key)
    if out is None:
        out = query.new_empty(*query.shape[:-1], key.shape[-2])
    matrices, scale = out.flatten(0, 1), 1 / math.sqrt(query.shape[-1])
    torch.baddbmm(
        matrices, query.flatten(0, 1), key.flatten(0, 1).mT, beta=0, alpha=scale, out=matrices
    )
    return out


tell(globals())
