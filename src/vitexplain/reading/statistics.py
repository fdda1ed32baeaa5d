"""Numbers about attention itself: how spread out, how alike the heads, which tokens stand out.

Mean attention distance, how far a head looks, is `vitexplain.compare.attention_distance`. None
of these knows of the answer: a head with low entropy is sharp, not important.
"""

import math
from typing import TYPE_CHECKING

from jaxtyping import Bool, Float

from vitexplain.arrays import Array, require

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def entropy(weights: Float[Array, "*batch query key"]) -> Float[Array, "*batch query"]:
    """Return the entropy of each query's weights, -Σ_j a_j ln a_j, in nats.

    From 0, all weight on one key, to ln(keys), uniform; e to its power is the number of keys
    that uniform weights of this entropy would have. Clark et al., BlackboxNLP 2019,
    arXiv 1906.04341, compare heads by it.

    Raises:
        TypeError: not a floating array.
        ValueError: fewer than two axes, or a negative weight.
    """
    xp = require(rank=2, weights=weights)
    if bool(xp.any(weights < 0)):
        raise ValueError("weights must not be negative")
    some = xp.where(weights > 0, weights, xp.ones_like(weights))  # 0 ln 0 = 0 = 1 ln 1
    return -xp.sum(some * xp.log(some), axis=-1)


def head_similarity(
    weights: Float[Array, "*batch head query key"],
) -> Float[Array, "*batch head _"]:
    """Return how alike each two heads attend, from 0 (never the same keys) to 1 (the same).

        1 - mean over queries of JS(a, b) / ln 2,   JS(a, b) = H((a + b)/2) - (H(a) + H(b))/2

    JS is the Jensen-Shannon divergence, H the entropy. Clark et al., BlackboxNLP 2019,
    arXiv 1906.04341, take the sum of JS over tokens for the distance of two heads. Heads may
    attend alike and yet move different values.

    Raises:
        TypeError, ValueError: as `entropy`; fewer than three axes.
    """
    xp = require(rank=3, weights=weights)
    own = entropy(weights)
    rows: list[Array] = []
    for head in range(weights.shape[-3]):
        one = slice(head, head + 1)
        both = entropy((weights + weights[..., one, :, :]) / 2)
        divergence = both - (own + own[..., one, :]) / 2
        rows.append(1 - xp.mean(divergence, axis=-1) / math.log(2))
    return xp.stack(rows, axis=-2)


def received(weights: Float[Array, "*batch query key"]) -> Float[Array, "*batch key"]:
    """Return the attention that each token receives: the mean over queries, which sums to 1.

    With uniform attention it is 1 / tokens; a token far above is a sink of attention.

    Raises:
        TypeError: not a floating array.
        ValueError: fewer than two axes.
    """
    xp = require(rank=2, weights=weights)
    return xp.mean(weights, axis=-2)


def token_norms(
    vit: "ViT", images: Float[Array, "batch channel row col"]
) -> Float[Array, "layer batch token"]:
    """Return the length of each token after each block. No gradient is kept.

    Raises:
        TypeError, ValueError: as `vitexplain.vit.walk`.
    """
    import torch

    from vitexplain.vit import Block

    with torch.no_grad():
        steps = vit.walk(images)
        return torch.stack([step.output.norm(dim=-1) for step in steps if isinstance(step, Block)])


def sinks(
    norms: Float[Array, "*batch token"],
    *,
    prefix: int = 0,
    times: float = 3.0,
    cutoff: float | None = None,
) -> Bool[Array, "*batch patch"]:
    """Return which patches' tokens are far longer than the others.

    In large models a few tokens, in Darcet et al. about 2 %, of patches that hold little are
    some ten times as long as the rest: the model keeps something of its own there, and attention
    maps light up at them. Source: "Vision Transformers Need Registers", ICLR 2024,
    arXiv 2309.16588, who cut at a length of 150, read off one model's histogram. Without a
    cutoff this takes a multiple of each image's median, a rule of our own; look at the histogram.

    Args:
        norms: lengths of tokens after a block, the last one as a rule.
        prefix: tokens before the patches; they are dropped.
        times: multiple of the median over the image's patches.
        cutoff: a length that takes the place of the rule.

    Raises:
        TypeError: not a floating array.
        ValueError: no patch is left, or a limit that is not above 0.
    """
    xp = require(norms=norms)
    limit = times if cutoff is None else cutoff
    if not limit > 0:
        raise ValueError(f"times and cutoff must be above 0, got {limit}")
    if not 0 <= prefix < norms.shape[-1]:
        raise ValueError(f"prefix must leave a patch of {norms.shape[-1]} tokens, got {prefix}")
    patches = norms[..., prefix:]
    if cutoff is not None:
        return patches > cutoff
    count = patches.shape[-1]
    ordered = xp.sort(patches, axis=-1)
    median = (ordered[..., (count - 1) // 2] + ordered[..., count // 2]) / 2
    return patches > times * median[..., None]
