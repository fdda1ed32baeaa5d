"""Reading attention by what it moves: weights times the length of what is added.

    y_i = Σ_j Σ_h α_ij^h f_h(x_j) + b_O,   f_h(x) = (x W_V^h + b_V^h) W_O^h
    ‖Σ_h α_ij^h f_h(x_j)‖

A large weight on a short vector moves little. Source: Kobayashi et al., "Attention is Not Only
a Weight: Analyzing Transformers with Vector Norms", EMNLP 2020, arXiv 2004.10102, section 3.

Limits. One layer at a time: the skip connection, which adds x_i itself, LayerNorm, the MLP and
the other layers are left out (the authors' papers of 2021 and 2023 add some of them). A length
has no direction: long vectors may cancel, or point where no class looks. Every class has the
same map. In a ViT x is what LayerNorm gives; in BERT, of which the paper speaks, LayerNorm
comes after.
"""

from typing import TYPE_CHECKING

from jaxtyping import Float

from vitexplain.arrays import Array, require

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def head_norms(
    weights: Float[Array, "*batch head query key"],
    value: Float[Array, "*batch head key dim"],
    w_o: Float[Array, "head_dim dim_out"],
) -> Float[Array, "*batch head query key"]:
    """Return each head's ‖α_ij f(x_j)‖ = α_ij ‖v_j W_O‖.

    Args:
        value: each head's x W_V + b_V.
        w_o: the output projection, (heads · dim, dim_out): head h's rows are its h-th part.

    Raises:
        TypeError: not floating arrays of one library and dtype.
        ValueError: shapes that do not fit.
    """
    moved = _moved(weights, value, w_o)
    xp = require(moved=moved)
    return weights * xp.sqrt(xp.sum(moved * moved, axis=-1))[..., None, :]


def value_norms(
    weights: Float[Array, "*batch head query key"],
    value: Float[Array, "*batch head key dim"],
    w_o: Float[Array, "head_dim dim_out"],
) -> Float[Array, "*batch query key"]:
    """Return ‖Σ_h α_ij^h f_h(x_j)‖, the heads summed as vectors before the length is taken.

    The vectors (query, key, dim_out) are never all written out: the length follows from the
    inner products of the heads' f_h(x_j), (key, head, head). Where the heads cancel, rounding
    is up to √ε of the heads' own lengths.

    Args:
        value: as in `head_norms`.
        w_o: as in `head_norms`.

    Raises:
        TypeError: not floating arrays of one library and dtype.
        ValueError: shapes that do not fit.
    """
    moved = _moved(weights, value, w_o)
    xp = require(moved=moved)
    vectors = xp.moveaxis(moved, -3, -2)  # (..., key, head, dim_out)
    inner = xp.moveaxis(vectors @ vectors.mT, -3, -1)  # (..., head, head, key)
    squared = xp.zeros_like(weights[..., 0, :, :])
    for head in range(weights.shape[-3]):
        mixed = xp.sum(weights * inner[..., head, :, None, :], axis=-3)
        squared = squared + weights[..., head, :, :] * mixed
    return xp.sqrt(xp.where(squared > 0, squared, xp.zeros_like(squared)))


def value_norms_of(
    vit: "ViT", images: Float[Array, "batch channel row col"], *, layer: int = -1
) -> Float[Array, "batch token token"]:
    """Return the `value_norms` of one layer of a model; LayerScale counts as part of W_O.

    The layers after it are not computed. No gradient is kept.

    Raises:
        IndexError: the model has no such layer.
        TypeError, ValueError: as `vitexplain.vit.walk`.
    """
    import torch

    from vitexplain.vit import Block

    index, _ = vit.config.place(layer)
    params = dict(vit.named_parameters())
    with torch.no_grad():
        w_o = params[f"blocks.{index}.attn.proj.weight"].mT
        if vit.config.layer_scale:
            w_o = w_o * params[f"blocks.{index}.ls1.gamma"]
        for step in vit.walk(images):
            if isinstance(step, Block) and step.index == index:
                attention = step.attention.attention
                return value_norms(attention.weights, attention.value, w_o)
    raise AssertionError("a walk has every block")


def _moved(weights: Array, value: Array, w_o: Array) -> Array:
    """Return f_h(x_j) = v_j W_O^h, (..., head, key, dim_out), once the shapes are seen to fit."""
    xp = require(rank=3, weights=weights, value=value)
    require(rank=2, value=value, w_o=w_o)
    heads, key, dim = value.shape[-3:]
    if tuple(weights.shape[-3::2]) != (heads, key) or w_o.shape[0] != heads * dim:
        raise ValueError(
            "weights (..., head, query, key), value (..., head, key, dim) and w_o (head · dim, "
            f"dim_out) must fit, got {tuple(weights.shape)}, {tuple(value.shape)} and "
            f"{tuple(w_o.shape)}"
        )
    return value @ xp.reshape(w_o, (heads, dim, w_o.shape[1]))
