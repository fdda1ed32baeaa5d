"""Reading attention by its gradient: what a weight is worth to one class.

    Ā_l = E_h[(∂s_t/∂A_l ⊙ A_l)⁺]

A_l are layer l's weights, E_h the mean over heads, ⁺ drops what is negative, s_t is the target's
logit. An Ā is not a share: its rows do not sum to 1. Sources: Chefer, Gur and Wolf, "Generic
Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers",
ICCV 2021, arXiv 2103.15679, rules (5) and (6); Barkan et al., "Grad-SAM", CIKM 2021,
arXiv 2204.11073, who take the mean of A ⊙ (∂s_t/∂A)⁺, the same, over layers, heads and tokens.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jaxtyping import Float, Int

from vitexplain.arrays import Array, namespace, require
from vitexplain.reading.answer import walk_with_gradients
from vitexplain.reading.raw import each_layer

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def attention_gradients(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> list[tuple[Float[Array, "batch head token token"], Float[Array, "batch head token token"]]]:
    """Return each layer's weights and the gradient of the target's logit to them.

    The gradient takes each weight for a number of its own: that a row sums to 1 is left out.

    Raises:
        TypeError, ValueError: the images or targets do not fit the model.
    """
    blocks, _, gradients = walk_with_gradients(vit, images, target)
    pairs = zip(blocks, gradients, strict=True)
    return [(block.attention.attention.weights.detach(), gradient) for block, gradient in pairs]


def positive_mean(
    weights: Float[Array, "*batch head token token"],
    gradients: Float[Array, "*batch head token token"],
) -> Float[Array, "*batch token token"]:
    """Return Ā = E_h[(∂s_t/∂A ⊙ A)⁺] (rule 5).

    What speaks against the class is dropped, head by head, before the mean.

    Raises:
        TypeError, ValueError: not floating arrays of one library and dtype, or shapes that differ.
    """
    xp = require(rank=3, weights=weights, gradients=gradients)
    if weights.shape != gradients.shape:
        raise ValueError(
            "weights and gradients must have one shape, "
            f"got {tuple(weights.shape)} and {tuple(gradients.shape)}"
        )
    product = weights * gradients
    return xp.mean(xp.where(product > 0, product, xp.zeros_like(product)), axis=-3)


def gradient_attention(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> Float[Array, "batch token token"]:
    """Return the mean over the layers of Ā, weights times gradients where positive.

    Its rows are kept apart, where Grad-SAM averages them: row i is what token i reads in any
    layer. What others carried to it from layer to layer is left out; `generic_attribution` adds it.

    Raises:
        TypeError, ValueError: the images or targets do not fit the model.
    """
    layers = [positive_mean(*layer) for layer in attention_gradients(vit, images, target)]
    return sum(layers[1:], start=layers[0]) / len(layers)


def generic_attribution(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> Float[Array, "batch token token"]:
    """Return the relevance of each first token for each last one by the rule of `relevancy`.

    Raises:
        TypeError, ValueError: the images or targets do not fit the model.
    """
    return relevancy(positive_mean(*layer) for layer in attention_gradients(vit, images, target))


def relevancy(
    layers: Iterable[Float[Array, "*batch token token"]],
) -> Float[Array, "*batch token token"]:
    """Return R after every layer, first layer first, from R = I: R ← R + Ā R (rule 6).

    So R is the product of (I + Ā), last layer on the left: a sum over all ways through the
    layers. It is a heuristic: values, W_O, MLP and LayerNorm enter through the gradient alone,
    and relevance is not conserved.

    Raises:
        TypeError: not floating arrays.
        ValueError: no layer, or matrices that are not square.
    """
    relevance = None
    for layer in each_layer(layers, "relevancy"):
        if relevance is None:
            xp = namespace(layer)
            eye = xp.eye(layer.shape[-1], dtype=layer.dtype, device=layer.device)
            relevance = xp.zeros_like(layer) + eye
        relevance = relevance + layer @ relevance
    return relevance
