"""Reading attention as it is: the weights of one layer, one head, or their mean.

    A = softmax(Q Kᵀ / √d_k)

Source: Vaswani et al. 2017, arXiv 1706.03762, equation (1). A weight is the share of one value
in one head's mixture in one layer. What the value holds, how long it is, what W_O and the MLP
make of it and what the other layers mixed before and after is left out; the target is, too:
the map is the same for every class.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from jaxtyping import Float

from vitexplain.arrays import Array, namespace, require
from vitexplain.vit import attention_weights

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def raw(
    vit: "ViT",
    images: Float[Array, "batch channel row col"],
    *,
    layer: int = -1,
    head: int | None = None,
) -> Float[Array, "batch token token"]:
    """Return the weights of one layer and one head; without a head, the mean over heads.

    The layers after it are not computed. No gradient is kept.

    Args:
        layer: from 0; negative counts from the last.
        head: from 0; negative counts from the last.

    Raises:
        IndexError: the model has no such layer or head.
        TypeError, ValueError: as `vitexplain.vit.walk`.
    """
    import torch

    layer, head = vit.config.place(layer, head)
    with torch.no_grad():
        walked = attention_weights(vit.walk(images))
        weights = next(islice(walked, layer, None))
        return weights.mean(-3) if head is None else weights[..., head, :, :]


def mean_weights(
    attentions: Iterable[Float[Array, "*batch head token token"]],
) -> Float[Array, "*batch token token"]:
    """Return the mean of the weights over heads and layers; every row sums to 1.

    It treats the layers as if they lay side by side, not on top of each other.

    Raises:
        TypeError: not floating arrays.
        ValueError: no layer, or layers of different shapes.
    """
    total, count = 0, 0
    for weights in each_layer(attentions, "the mean", rank=3):
        layer = namespace(weights).mean(weights, axis=-3)
        del weights  # before the next layer's are asked for
        total = total + layer
        count += 1
    return total / count


def each_layer(
    attentions: Iterable[Float[Array, "*batch_head token token"]], reading: str, *, rank: int = 2
) -> Iterator[Float[Array, "*batch_head token token"]]:
    """Yield each layer's weights once they are seen to be between the tokens of the one before.

    Args:
        reading: what needs them, for the error if there are none.
        rank: the axes that each layer has at least.

    Raises:
        TypeError: not floating arrays.
        ValueError: no layer, weights that are not square, or layers of different shapes.
    """
    first = None
    for weights in attentions:
        require(rank=rank, weights=weights)
        shape = (*weights.shape[:-3], *weights.shape[-2:])
        if shape[-1] != shape[-2]:
            raise ValueError(
                f"weights must be (..., head, token, token), got shape {tuple(weights.shape)}"
            )
        first = first or shape
        if shape != first:
            raise ValueError(
                f"every layer must have the same batch and tokens, got {first} and {shape}; "
                "windows that merge are for vitexplain.reading.stage_rollout"
            )
        yield weights
        del weights  # before the next layer's are asked for
    if first is None:
        raise ValueError(f"{reading} needs the weights of at least one layer, got none")
