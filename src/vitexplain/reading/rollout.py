"""Reading attention across layers: rollout.

Source: Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020,
arXiv 2005.00928, section 3 and equation (1). Fusions other than the mean and discarding
low weights are later practice; they have no place in the paper.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from jaxtyping import Float

from vitexplain.arrays import Array, can_be_read, namespace, single
from vitexplain.reading.raw import each_layer
from vitexplain.reading.recursion import advanced

if TYPE_CHECKING:
    from vitexplain.vit import ViT

Fusion = Literal["mean", "max", "min"]


def rollout(
    attentions: Iterable[Float[Array, "*batch_head token token"]],
    *,
    fusion: Fusion = "mean",
    residual: float = 0.5,
    discard: float = 0.0,
) -> Float[Array, "*batch token token"]:
    """Return how much of each first token is in each last one, if attention were all there is.

        Ã_l = A_l Ã_(l-1),   A_l = (1 - r) W_l + r I,   Ã_0 = I

    W_l are layer l's weights with the heads fused into one and each row made to sum to 1
    again, r is `residual`, the share of the skip connection (1/2 in the paper). So every
    row of the result sums to 1 for every fusion and every discard. Row i tells of token i
    of the last layer, column j of token j of the first. The values, W_O, the MLP and
    LayerNorm are left out: it is a reading of the weights, not of the model.

    Args:
        attentions: each layer's weights, first layer first; an iterator is consumed layer
            by layer, and one (token, token) matrix an image is held. A layer of two axes
            is one head, or heads fused already.
        fusion: how heads become one.
        discard: share of each row's weights, the lowest, that are set to 0 after fusing.

    Raises:
        TypeError: not floating arrays.
        ValueError: no layer, weights that are not square or whose rows do not sum to 1,
            layers of different shapes, an unknown fusion, or a share outside [0, 1).
    """
    every = rollouts(attentions, fusion=fusion, residual=residual, discard=discard)
    return deque(every, maxlen=1).pop()


def rollouts(
    attentions: Iterable[Float[Array, "*batch_head token token"]],
    *,
    fusion: Fusion = "mean",
    residual: float = 0.5,
    discard: float = 0.0,
) -> Iterator[Float[Array, "*batch token token"]]:
    """Yield the `rollout` of the first layer, of the first two, and so on.

    Raises:
        TypeError, ValueError: as `rollout`, once there is a layer to take.
    """
    require_choices(fusion, residual, discard)
    rolled = None
    for weights in each_layer(attentions, "rollout"):
        heads = weights[None] if weights.ndim == 2 else weights
        layer = mixed(fused(heads, fusion), residual, discard)
        del weights, heads  # before the next layer's are asked for
        rolled = advanced(rolled, layer)
        del layer
        yield rolled


def rollout_of(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    *,
    fusion: Fusion = "mean",
    residual: float = 0.5,
    discard: float = 0.0,
) -> Float[Array, "batch token token"]:
    """Return the `rollout` of a model for images, along its fast forward pass.

    No layer's weights are ever held for all heads and images: they are computed a few heads
    at a time and folded at once. Memory beyond the forward pass is three (token, token)
    matrices an image and that room, however many layers there are. No gradient is kept.

    Raises:
        TypeError, ValueError: as `ViT.encode` and `rollout`.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    from vitexplain.reading.streaming import fused_weights

    require_choices(fusion, residual, discard)
    rolled = None

    def attend(query: Array, key: Array, value: Array) -> Array:
        nonlocal rolled
        rolled = advanced(rolled, mixed(fused_weights(query, key, fusion), residual, discard))
        return scaled_dot_product_attention(query, key, value)

    with torch.no_grad():
        vit.encode(images, attend, vit.config.read and 1)  # the last block's tokens go unread
    return rolled


def require_choices(fusion: str, residual: float, discard: float = 0.0) -> None:
    """Raise ValueError for an unknown fusion, or a share outside [0, 1)."""
    if fusion not in ("mean", "max", "min"):
        raise ValueError(f"fusion must be 'mean', 'max' or 'min', got {fusion!r}")
    for name, share in {"residual": residual, "discard": discard}.items():
        if not 0 <= share < 1:
            raise ValueError(f"{name} must be at least 0 and less than 1, got {share}")


def fused(
    weights: Float[Array, "*batch head query key"], fusion: Fusion, name: str = "attention"
) -> Float[Array, "*batch query key"]:
    """Return the heads' weights as one, in float32 at least: a product of many needs the digits.

    Raises:
        ValueError: rows that do not sum to 1, in the weights' own precision.
    """
    xp = namespace(weights)
    precision = xp.finfo(weights.dtype)
    weights = single(weights)
    total = xp.sum(weights, axis=-1)
    if can_be_read(total) and bool(xp.any(xp.abs(total - 1) > 16 * precision.eps)):
        raise ValueError(f"each row of {name}'s weights must sum to 1, these do not")
    return getattr(xp, fusion)(weights, axis=-3)


def mixed(fused: Array, residual: float, discard: float = 0.0) -> Array:
    """Return (1 - r) W + r I, for fused weights whose rows are made to sum to 1 again.

    Raises:
        ValueError: the weights of a row are all 0.
    """
    xp = namespace(fused)
    tokens = fused.shape[-1]
    count = int(discard * tokens)  # fewer than tokens: a row keeps at least its largest weight
    if count:
        ranks = xp.argsort(xp.argsort(fused, axis=-1), axis=-1)
        fused = xp.where(ranks < count, xp.zeros_like(fused), fused)
    total = xp.sum(fused, axis=-1, keepdims=True)
    if can_be_read(total) and bool(xp.any(total == 0)):
        raise ValueError("the fused weights of a row are all 0, fuse by 'mean' or 'max'")
    layer = fused / total
    layer *= 1 - residual
    diagonal = xp.arange(tokens)
    layer[..., diagonal, diagonal] += residual
    return layer
