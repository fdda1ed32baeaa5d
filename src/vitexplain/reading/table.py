"""Every reading under one name and with one signature: model, images, targets → one map an image.

    READINGS["rollout"](vit, images, target)   # (batch, row, col) on the patch grid

Higher is more important, in units of the reading's own: compare the order of patches between
readings, not the numbers. A map keeps no gradient. The readings of attention need a readout
"class" or "mean" ("transformer attribution": "class"), "attention flow" takes at most about 64
patches; "gradient", "integrated gradients" and "occlusion" need one answer an image.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from jaxtyping import Float, Int

from vitexplain.arrays import Array
from vitexplain.reading.answer import answer_map, on_grid
from vitexplain.reading.attribution import generic_attribution, gradient_attention
from vitexplain.reading.flow import attention_flow_of
from vitexplain.reading.gradients import gradient, integrated_gradients, over_patches
from vitexplain.reading.norms import value_norms_of
from vitexplain.reading.occlusion import occlusion
from vitexplain.reading.raw import mean_weights, raw
from vitexplain.reading.relevance import transformer_attribution
from vitexplain.reading.rollout import rollout_of
from vitexplain.vit import attention_weights

if TYPE_CHECKING:
    from vitexplain.vit import ViT

Reading = Callable[
    ["ViT", Float[Array, "batch channel row col"], Int[Array, " batch"]],
    Float[Array, "batch patch_row patch_col"],
]


def _last_layer(vit: "ViT", images: Array, target: Array) -> Array:
    """The last layer's weights, mean over heads."""
    return answer_map(raw(vit, images), vit.config)


def _mean_of_layers(vit: "ViT", images: Array, target: Array) -> Array:
    """The weights, mean over heads and layers."""
    import torch

    with torch.no_grad():
        return answer_map(mean_weights(attention_weights(vit.walk(images))), vit.config)


def _rollout(vit: "ViT", images: Array, target: Array) -> Array:
    """Attention rollout: heads averaged, half a skip connection, layers multiplied."""
    return answer_map(rollout_of(vit, images), vit.config)


def _attention_flow(vit: "ViT", images: Array, target: Array) -> Array:
    """The maximum flow from the answer to each patch through the layers' weights."""
    return on_grid(attention_flow_of(vit, images)[..., vit.config.prefix :], vit.config)


def _value_norms(vit: "ViT", images: Array, target: Array) -> Array:
    """The length of what each patch adds to the answer's token in the last layer."""
    return answer_map(value_norms_of(vit, images), vit.config)


def _gradient_attention(vit: "ViT", images: Array, target: Array) -> Array:
    """Weights times their gradients where positive, mean over heads and layers."""
    return answer_map(gradient_attention(vit, images, target), vit.config)


def _generic_attribution(vit: "ViT", images: Array, target: Array) -> Array:
    """Weights times gradients, rolled through the layers (Chefer, Gur and Wolf, ICCV 2021)."""
    return answer_map(generic_attribution(vit, images, target), vit.config)


def _transformer_attribution(vit: "ViT", images: Array, target: Array) -> Array:
    """Relevance propagated to the weights, times gradients, rolled through the layers."""
    return answer_map(transformer_attribution(vit, images, target), vit.config)


def _gradient(vit: "ViT", images: Array, target: Array) -> Array:
    """The size of the logit's gradient, summed over each patch."""
    return over_patches(gradient(vit, images, target).abs(), vit.config)


def _integrated_gradients(vit: "ViT", images: Array, target: Array) -> Array:
    """Gradients along the way from the mean colour to the image, summed over each patch."""
    return over_patches(integrated_gradients(vit, images, target), vit.config)


def _occlusion(vit: "ViT", images: Array, target: Array) -> Array:
    """The fall of the logit when each patch is covered with the image's mean colour."""
    return occlusion(vit, images, target)


READINGS: dict[str, Reading] = {
    "last layer": _last_layer,
    "mean of layers": _mean_of_layers,
    "rollout": _rollout,
    "attention flow": _attention_flow,
    "value norms": _value_norms,
    "gradient × attention": _gradient_attention,
    "generic attribution": _generic_attribution,
    "transformer attribution": _transformer_attribution,
    "gradient": _gradient,
    "integrated gradients": _integrated_gradients,
    "occlusion": _occlusion,
}
"""Every reading; the docstring of each is one sentence for people."""

CLASS_AGNOSTIC = frozenset(
    {"last layer", "mean of layers", "rollout", "attention flow", "value norms"}
)
"""The readings whose map is the same whatever the target."""
