"""Reading attention across layers: rollout.

Source: Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020,
arXiv 2005.00928, section 3 and equation (1). Fusions other than the mean and discarding
low weights are later practice; they have no place in the paper.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from jaxtyping import Float

from vitexplain.arrays import Array, can_be_read, namespace, require

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
    _check(fusion, residual, discard)
    rolled = None
    for weights in attentions:
        layer = _layer(weights, fusion, residual, discard)
        del weights  # before the next layer's are asked for
        if rolled is not None and layer.shape != rolled.shape:
            raise ValueError(
                "every layer must have the same batch and tokens, "
                f"got {tuple(rolled.shape)} and {tuple(layer.shape)}; windows that merge are for "
                "vitexplain.reading.windows.stage_rollout"
            )
        rolled = layer if rolled is None else layer @ rolled
    if rolled is None:
        raise ValueError("rollout needs the weights of at least one layer, got none")
    return rolled


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
    from vitexplain.reading.streaming import Fold

    _check(fusion, residual, discard)
    fold = Fold(fusion, lambda fused: _mixed(fused, residual, discard))
    fold.run(vit, images)
    return fold.rolled


def _check(fusion: str, residual: float, discard: float) -> None:
    if fusion not in ("mean", "max", "min"):
        raise ValueError(f"fusion must be 'mean', 'max' or 'min', got {fusion!r}")
    for name, share in {"residual": residual, "discard": discard}.items():
        if not 0 <= share < 1:
            raise ValueError(f"{name} must be at least 0 and less than 1, got {share}")


def _layer(weights: Array, fusion: Fusion, residual: float, discard: float) -> Array:
    """Return one layer's (…, token, token) matrix, its rows summing to 1."""
    xp = require(rank=2, weights=weights)
    weights = weights[None] if weights.ndim == 2 else weights
    tokens = weights.shape[-1]
    if weights.shape[-2] != tokens:
        raise ValueError(
            f"weights must be (..., head, token, token), got shape {tuple(weights.shape)}"
        )
    precision = xp.finfo(weights.dtype)
    if precision.bits < 32:  # a product of many layers needs the digits
        weights = xp.astype(weights, xp.float32)
    total = xp.sum(weights, axis=-1)
    if can_be_read(total) and bool(xp.any(xp.abs(total - 1) > 16 * precision.eps)):
        raise ValueError("each row of attention weights must sum to 1, these do not")
    return _mixed(getattr(xp, fusion)(weights, axis=-3), residual, discard)


def _mixed(fused: Array, residual: float, discard: float) -> Array:
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
    mixed = fused / total
    mixed *= 1 - residual
    diagonal = xp.arange(tokens)
    mixed[..., diagonal, diagonal] += residual
    return mixed
