"""Reading attention across layers: flow, the most that the layers could carry.

Source: Abnar and Zuidema, ACL 2020, arXiv 2005.00928, section 3. The layers are a graph: a node
for each token of each layer, an edge from token i after layer l to token j before it, whose
capacity is A_l[i, j]. A_l = (1 - r) W_l + r I, heads averaged, as in rollout. The flow to a first
token is the greatest that can run there from where the answer is read, no edge carrying more
than its capacity. (The authors' code then divides by the sum over tokens; this does not.)

    flow(t) ≤ min(1, Σ_i A_1[i, t])

Limits. Each token's flow is found as if the others asked for none, so flows do not sum to 1.
The bound above, what the first layer lets pass, is mostly reached once there are many layers:
the flow then repeats the first layer's column sums and tells nothing of the layers above. As
with rollout, values, W_O, MLP and LayerNorm are left out, and every class has the same map.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float64

from vitexplain.arrays import Array, as_numpy, namespace
from vitexplain.extras import needed
from vitexplain.reading.answer import answer_weights
from vitexplain.reading.raw import each_layer
from vitexplain.reading.rollout import require_choices
from vitexplain.vit import attention_weights

if TYPE_CHECKING:
    from vitexplain.vit import ViT

UNIT = 1 << 30  # a capacity of 1 in whole numbers, as SciPy's solver wants them
LIMIT = 72  # tokens: 8×8 patches and what stands before them


def attention_flow(
    attentions: Iterable[Float[Array, "*batch_head token token"]],
    start: Float[np.ndarray, " token"],
    *,
    residual: float = 0.5,
    limit: int = LIMIT,
) -> Float[Array, "*batch token"]:
    """Return the maximum flow from the answer to each first token, from 0 to 1.

    Solved one token at a time by Dinic's algorithm in whole numbers: capacities are multiplied
    by 2³⁰ and rounded down. A flow is too small by at most 2⁻³⁰ for each edge of the narrowest
    cut, in practice by about a token's worth of edges, 10⁻⁷; never too large.

    Args:
        attentions: each layer's weights, first layer first.
        start: each last token's share in the answer, what it can send at most: 1 for the class
            token and 0 elsewhere. They sum to 1.
        residual: share of the skip connection, 1/2 in the paper.
        limit: tokens at most. The time grows with layers × tokens³ and faster; 65 tokens and
            12 layers take a fraction of a second an image.

    Raises:
        ModuleNotFoundError: SciPy is not installed.
        TypeError: not floating arrays.
        ValueError: no layer, weights that are not square or negative, layers of different
            shapes, a residual outside [0, 1), too many tokens, or shares that are not as above.
    """
    require_choices("mean", residual)
    layers = [_capacities(weights, residual) for weights in each_layer(attentions, "flow")]
    shape, xp, like = layers[0].shape, namespace(layers[0]), layers[0]
    tokens = shape[-1]
    _require_few(tokens, limit)
    start = np.asarray(start, dtype=np.float64)
    if start.shape != (tokens,) or (start < 0).any() or abs(start.sum() - 1) > 1e-6:
        raise ValueError(f"start must be {tokens} shares that sum to 1, got {start}")
    stacked = np.stack([as_numpy(layer) for layer in layers], axis=-3, dtype=np.float64)
    images = stacked.reshape(-1, len(layers), tokens, tokens)
    flows = np.stack([_flow(image, start) for image in images]).reshape(shape[:-1])
    return xp.asarray(flows, dtype=like.dtype, device=like.device)


def attention_flow_of(
    vit: "ViT", images: Float[Array, "batch channel row col"], *, limit: int = LIMIT
) -> Float[Array, "batch token"]:
    """Return the `attention_flow` of a model for images. No gradient is kept.

    Raises:
        ModuleNotFoundError, TypeError, ValueError: as `attention_flow` and `answer_weights`.
    """
    import torch

    start = answer_weights(vit.config)
    _require_few(vit.config.tokens, limit)  # before the forward pass
    with torch.no_grad():
        return attention_flow(attention_weights(vit.walk(images)), start, limit=limit)


def _require_few(tokens: int, limit: int) -> None:
    if tokens > limit:
        raise ValueError(
            f"attention flow solves one maximum flow a token, which takes long above {limit} "
            f"tokens, got {tokens}; take rollout, or raise `limit`"
        )


def _capacities(weights: Array, residual: float) -> Array:
    """Return one layer's (…, token, token) capacities: heads averaged, skip connection added."""
    xp = namespace(weights)
    if bool(xp.any(weights < 0)):
        raise ValueError("weights must not be negative")
    mean = weights if weights.ndim == 2 else xp.mean(weights, axis=-3)
    eye = xp.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    return (1 - residual) * mean + residual * eye


def _flow(
    layers: Float64[np.ndarray, "layer token token"], start: Float64[np.ndarray, " token"]
) -> Float64[np.ndarray, " token"]:
    """Return the maximum flow to each first token of one image."""
    with needed("attention flow", "cli", ["scipy"], called="SciPy"):
        sparse = import_module("scipy.sparse")  # SciPy carries no types
        csgraph = import_module("scipy.sparse.csgraph")
    depth, tokens, _ = layers.shape
    layer, query, key = np.nonzero(np.floor(layers * UNIT))
    (first,) = np.nonzero(np.floor(start * UNIT))
    source = (depth + 1) * tokens  # one node above the last layer
    tail = np.concatenate([(layer + 1) * tokens + query, np.full(len(first), source)])
    head = np.concatenate([layer * tokens + key, depth * tokens + first])
    capacity = np.concatenate([layers[layer, query, key], start[first]]) * UNIT
    shape = (source + 1, source + 1)
    graph = sparse.csr_array((capacity.astype(np.int32), (tail, head)), shape=shape)
    flows = [csgraph.maximum_flow(graph, source, sink, method="dinic") for sink in range(tokens)]
    return np.array([flow.flow_value for flow in flows]) / UNIT
