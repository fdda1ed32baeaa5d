"""The transformer attribution of Chefer, Gur and Wolf: relevance handed down layer by layer.

    Ā_l = I + E_h[(∂s_t/∂A_l ⊙ R(A_l))⁺],   C = Ā_L ⋯ Ā_2 Ā_1

R(A_l) is the relevance that layer-wise relevance propagation (LRP) hands to layer l's weights,
starting with 1 at the target's logit s_t; ∂s_t/∂A_l is the gradient. Source: "Transformer
Interpretability Beyond Attention Visualization", CVPR 2021, arXiv 2012.09838, section 3. The
text writes the product with the first factor on the left; the authors' code multiplies as here.

The rules, one a function below:

- linear layer: of the products x_j w_ji only those ≥ 0 carry relevance, in proportion; the bias
  carries none (`through_linear`);
- matrix product U V, as of weights and values: each factor gets u ⊙ ∂Z/∂u (R ⊘ Z), which is the
  whole twice, so half of that (`through_product`);
- skip connection a + b: each gets a ⊙ R ⊘ Z, then both are scaled so that neither's share of the
  whole is negative and the shares sum to it (`through_sum`);
- LayerNorm, LayerScale, GELU, tanh and softmax hand on what they get, position by position.

Where a denominator is 0 relevance is lost; else its sum stays 1 from step to step, which the
tests hold it to. For six random models the result in double precision was that of the authors'
code, which adds 10⁻⁹ to its denominators, to two millionths of what is off the diagonal.

Limits. The rules are chosen, not derived, and other ones give other maps. What LayerNorm and
softmax do is left out. What speaks against the class is cut off, and so is what a negative number
tells for it: evidence that decides the answer can get an empty map. A sum a + b near 0 divides by
almost nothing. The gradient is there because relevance alone hardly knows the class.
"""

from typing import TYPE_CHECKING

from jaxtyping import Float, Int

from vitexplain.arrays import Array
from vitexplain.attention import merge_heads, split_heads
from vitexplain.reading.answer import walk_with_gradients
from vitexplain.vit import Block, Params, Readout, ViTConfig

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def transformer_attribution(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> Float[Array, "batch token token"]:
    """Return C, the relevance of each first token for each last one.

    Raises:
        TypeError, ValueError: the images or targets do not fit the model, or the rules do not:
            they are for readout "class" without a distillation token, and an MLP with GELU.
    """
    import torch

    check_rules(vit.config)
    params = {name: parameter.detach() for name, parameter in vit.named_parameters()}
    blocks, readout, gradients = walk_with_gradients(vit, images, target)
    with torch.no_grad():
        rolled = torch.eye(vit.config.tokens, dtype=images.dtype, device=images.device)
        relevance = through_readout(params, readout, target, vit.config)
        for block, gradient in zip(reversed(blocks), reversed(gradients), strict=True):
            relevance, of_weights = through_block(params, block, relevance, vit.config)
            layer = (gradient * of_weights).clamp(min=0).mean(-3)
            rolled = rolled + rolled @ layer  # times I + E_h[(…)⁺]
    return rolled


def check_rules(config: ViTConfig) -> None:
    """Raise ValueError unless the rules cover the model."""
    if config.readout != "class" or config.distillation:
        found = "a distillation token" if config.distillation else f"readout {config.readout!r}"
        raise ValueError(f"transformer attribution reads the class token alone, got {found}")
    if config.activation == "swiglu":
        raise ValueError("transformer attribution has no rule for SwiGLU, a product of features")


def through_readout(
    params: Params, readout: Readout, target: Int[Array, " batch"], config: ViTConfig
) -> Float[Array, "batch token dim"]:
    """Return the relevance of the last tokens, which is the class token's alone; its sum is 1."""
    import torch

    target = torch.as_tensor(target, device=readout.logits.device).long()
    relevance = torch.zeros_like(readout.logits).scatter(1, target[:, None], 1)
    if config.classes:
        last = readout.pooled if readout.pre_logits is None else readout.pre_logits
        relevance = through_linear(last, params["head.weight"].mT, relevance)
    if readout.pre_logits is not None:
        weight = params["pre_logits.fc.weight"].mT
        relevance = through_linear(readout.pooled, weight, relevance)
    tokens = relevance.new_zeros(len(relevance), config.tokens, config.dim)
    tokens[:, 0] = relevance
    return tokens


def through_block(
    params: Params, block: Block, relevance: Float[Array, "batch token dim"], config: ViTConfig
) -> tuple[Float[Array, "batch token dim"], Float[Array, "batch head token token"]]:
    """Return the relevance of a block's input and of its attention weights, given its output's."""
    import torch

    def weight(name: str) -> Array:
        return params[f"blocks.{block.index}.{name}"].mT

    def scaled(branch: Array, name: str) -> Array:
        gamma = f"blocks.{block.index}.{name}.gamma"
        return branch * params[gamma] if config.layer_scale else branch

    skip, branch = through_sum(block.residual, scaled(block.mlp, "ls2"), relevance)
    branch = through_linear(block.activated, weight("mlp.fc2.weight"), branch)
    branch = through_linear(block.normed_mlp, weight("mlp.fc1.weight"), branch)
    relevance = skip + branch

    attention = block.attention.attention
    skip, branch = through_sum(block.input, scaled(block.attention.output, "ls1"), relevance)
    branch = through_linear(block.attention.merged, weight("attn.proj.weight"), branch)
    branch = split_heads(branch, config.heads)
    of_weights, of_value = through_product(attention.weights, attention.value, branch)
    of_query, of_key = through_product(attention.query, attention.key.mT, of_weights)
    parts = torch.cat([merge_heads(part) for part in (of_query, of_key.mT, of_value)], -1)
    branch = through_linear(block.normed, weight("attn.qkv.weight"), parts)
    return skip + branch, of_weights


def through_linear(
    x: Float[Array, "*batch dim_in"],
    weight: Float[Array, "dim_in dim_out"],
    relevance: Float[Array, "*batch dim_out"],
) -> Float[Array, "*batch dim_in"]:
    """Return R_j = Σ_i (x_j w_ji)⁺ / Σ_j′ (x_j′ w_j′i)⁺ R_i for y_i = Σ_j x_j w_ji + b_i."""
    positive, negative = x.clamp(min=0), x.clamp(max=0)
    rising, falling = weight.clamp(min=0), weight.clamp(max=0)
    share = _ratio(relevance, positive @ rising + negative @ falling)
    return positive * (share @ rising.mT) + negative * (share @ falling.mT)


def through_product(
    u: Float[Array, "*batch row inner"],
    v: Float[Array, "*batch inner col"],
    relevance: Float[Array, "*batch row col"],
) -> tuple[Float[Array, "*batch row inner"], Float[Array, "*batch inner col"]]:
    """Return half of u ⊙ (R ⊘ UV) Vᵀ and half of v ⊙ Uᵀ (R ⊘ UV)."""
    share = _ratio(relevance, u @ v) / 2
    return u * (share @ v.mT), v * (u.mT @ share)


def through_sum(
    a: Float[Array, "batch token dim"],
    b: Float[Array, "batch token dim"],
    relevance: Float[Array, "batch token dim"],
) -> tuple[Float[Array, "batch token dim"], Float[Array, "batch token dim"]]:
    """Return each summand's relevance, R_a = a ⊙ R ⊘ (a + b) scaled image by image.

    The scale is |Σ R_a| / (|Σ R_a| + |Σ R_b|) · Σ R / Σ R_a, sums over tokens and channels.
    """
    share = _ratio(relevance, a + b)
    of_a, of_b = a * share, b * share
    sum_a, sum_b = (x.sum((-2, -1), keepdim=True) for x in (of_a, of_b))
    whole = relevance.sum((-2, -1), keepdim=True)
    both = sum_a.abs() + sum_b.abs()
    scale_a, scale_b = (_ratio(x.abs() * whole, both * x) for x in (sum_a, sum_b))
    return of_a * scale_a, of_b * scale_b


def _ratio(a: Array, b: Array) -> Array:
    """Return a / b, and 0 where b is 0."""
    import torch

    none = b == 0
    return torch.where(none, 0, a / torch.where(none, 1, b))
