"""The forward pass of a Vision Transformer, one named step after the other.

    z_0 = [class; x_1 E; …; x_N E] + E_pos                         (1)
    z'_l = MSA(LN(z_(l-1))) + z_(l-1)                              (2)
    z_l = MLP(LN(z'_l)) + z'_l                                     (3)
    y = LN(z_L)                                                    (4)

Source: Dosovitskiy et al., ICLR 2021, arXiv 2010.11929, section 3.1. The paper takes y at
the class token; so does readout "class". With "mean" it is the mean over the patches, with
"patches" every patch has logits of its own, and "class+mean" sets the two side by side.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jaxtyping import Float

from vitexplain.arrays import Array, is_torch, linear, namespace, require
from vitexplain.attention import MultiHead, multi_head
from vitexplain.layers import gelu, gelu_tanh, layer_norm, swiglu
from vitexplain.patches import patchify, project, sides
from vitexplain.trace import Layer
from vitexplain.vit.config import Params, ViTConfig, parameter_shapes


@dataclass(frozen=True, eq=False)
class Embedding:
    """The image becomes tokens, equation (1)."""

    name: str  # "embedding"
    patches: Float[Array, "*batch patch patch_dim"]  # flattened
    projected: Float[Array, "*batch patch dim"]
    positions: Float[Array, "token_or_patch dim"]  # what is added; registers get none
    tokens: Float[Array, "*batch token dim"]  # class, registers, patches: z_0


@dataclass(frozen=True, eq=False)
class Block:
    """One block, equations (2) and (3).

    With LayerScale, `attention.output` and `mlp` are multiplied channel by channel with the
    block's ls1.gamma and ls2.gamma before they are added.
    """

    name: str  # "block 0", "block 1", …
    index: int
    input: Float[Array, "*batch token dim"]
    normed: Float[Array, "*batch token dim"]  # LN(input)
    attention: MultiHead  # with every intermediate of every head
    residual: Float[Array, "*batch token dim"]  # input + attention.output: z'
    normed_mlp: Float[Array, "*batch token dim"]  # LN(residual)
    hidden: Float[Array, "*batch token _"]  # first layer of the MLP; twice as wide for SwiGLU
    activated: Float[Array, "*batch token mlp_dim"]  # GELU(hidden)
    mlp: Float[Array, "*batch token dim"]  # second layer of the MLP
    output: Float[Array, "*batch token dim"]  # residual + mlp: z

    @property
    def layer(self) -> Layer:
        """What attention did."""
        return Layer.of(self.attention, self.name)


@dataclass(frozen=True, eq=False)
class Readout:
    """From the last tokens to the logits, equation (4) and the head."""

    name: str  # "readout"
    normed: Float[Array, "*normed dim"]  # every token; with `norm_mean` the mean alone
    pooled: Float[Array, "*read _"]  # class token, mean of the patches, both, or each patch
    pre_logits: Float[Array, "*read width"] | None  # tanh layer, where there is one
    logits: Float[Array, "*read classes"]  # with readout "patches" (..., patch, classes)


Step = Embedding | Block | Readout


def walk(
    params: Params, images: Float[Array, "*batch channel row col"], config: ViTConfig
) -> Iterator[Step]:
    """Yield the steps of the forward pass in order: an embedding, each block, the readout.

    Each step is computed when it is asked for, and nothing is kept here but the tokens that
    the next one needs: a consumer that keeps nothing holds one step at a time.

    Args:
        params: named as in `parameter_shapes`; NumPy arrays or torch tensors like the images.

    Raises:
        KeyError: a parameter is missing.
        TypeError: images and parameters differ in library or dtype.
        ValueError: a parameter or the images have another shape than the config says, or
            the images hold NaN or infinity.
    """
    require(rank=3, images=images)
    check_images(images, config)
    check_params(params, images, config)
    embedding = embed(params, images, config)
    x = embedding.tokens
    yield embedding
    del embedding
    for index in range(config.depth):
        step = block(params, x, config, index)
        x = step.output
        yield step
        del step  # before the next is computed
    yield read_out(params, x, config)


def embed(params: Params, images: Array, config: ViTConfig) -> Embedding:
    """Return the tokens of the images: patches projected, class token, positions, registers."""
    patches = patchify(images, config.patch)
    kernel = params["patch_embed.proj.weight"].reshape(config.dim, config.patch_dim)
    projected = project(patches, kernel.T, params["patch_embed.proj.bias"])
    xp = namespace(projected)
    batch = projected.shape[:-2]
    first = [name for name in ("cls_token", "dist_token") if name in parameter_shapes(config)]
    parts = [xp.broadcast_to(params[name][0], (*batch, 1, config.dim)) for name in first]
    parts.append(projected)
    positions = params["pos_embed"][0]
    tokens = xp.concat(parts, axis=-2) + positions
    if config.registers:
        registers = xp.broadcast_to(params["reg_token"][0], (*batch, config.registers, config.dim))
        first = config.prefix - config.registers
        tokens = xp.concat([tokens[..., :first, :], registers, tokens[..., first:, :]], axis=-2)
    return Embedding("embedding", patches, projected, positions, tokens)


def block(params: Params, x: Array, config: ViTConfig, index: int) -> Block:
    """Return one pre-norm block with every intermediate."""
    p = {
        name: params[f"blocks.{index}.{name}"]
        for layer in ("norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2")
        for name in (f"{layer}.weight", f"{layer}.bias")
    }
    scale_1, scale_2 = (
        params[f"blocks.{index}.{name}.gamma"] if config.layer_scale else None
        for name in ("ls1", "ls2")
    )
    normed = layer_norm(x, p["norm1.weight"], p["norm1.bias"], config.eps)
    q, k, v = (slice(i * config.dim, (i + 1) * config.dim) for i in range(3))
    w, b = p["attn.qkv.weight"], p["attn.qkv.bias"]
    attention = multi_head(
        normed, w[q].T, w[k].T, w[v].T, p["attn.proj.weight"].T,
        b_q=b[q], b_k=b[k], b_v=b[v], b_o=p["attn.proj.bias"], heads=config.heads,
    )  # fmt: skip
    residual = x + _scaled(attention.output, scale_1)
    normed_mlp = layer_norm(residual, p["norm2.weight"], p["norm2.bias"], config.eps)
    hidden = linear(normed_mlp, p["mlp.fc1.weight"].T, p["mlp.fc1.bias"])
    activated = ACTIVATIONS[config.activation](hidden)
    mlp = linear(activated, p["mlp.fc2.weight"].T, p["mlp.fc2.bias"])
    return Block(
        f"block {index}", index, x, normed, attention, residual,
        normed_mlp, hidden, activated, mlp, residual + _scaled(mlp, scale_2),
    )  # fmt: skip


def _scaled(branch: Array, gamma: Array | None) -> Array:
    return branch if gamma is None else branch * gamma


ACTIVATIONS = {"gelu": gelu, "gelu tanh": gelu_tanh, "swiglu": swiglu}


def read_out(params: Params, x: Array, config: ViTConfig) -> Readout:
    """Return the final norm, the pooled token and the logits."""
    if config.norm_mean:
        pooled = normed = layer_norm(
            namespace(x).mean(x[..., config.prefix :, :], axis=-2),
            params["fc_norm.weight"], params["fc_norm.bias"], config.eps,
        )  # fmt: skip
    else:
        normed = layer_norm(x, params["norm.weight"], params["norm.bias"], config.eps)
        pooled = _pool(normed, config)
    last, pre_logits = pooled, None
    if config.pre_logits is not None:
        weight, bias = params["pre_logits.fc.weight"], params["pre_logits.fc.bias"]
        last = pre_logits = namespace(pooled).tanh(linear(pooled, weight.T, bias))
    logits = last
    if config.classes:
        logits = linear(last, params["head.weight"].T, params["head.bias"])
    if config.distillation:
        second = normed[..., 1, :]
        if config.classes:
            second = linear(second, params["head_dist.weight"].T, params["head_dist.bias"])
        logits = (logits + second) / 2
    return Readout("readout", normed, pooled, pre_logits, logits)


def _pool(normed: Array, config: ViTConfig) -> Array:
    """Return what the head reads: the class token, the mean of the patches, both, or each."""
    xp = namespace(normed)
    patches = normed[..., config.prefix :, :]
    match config.readout:
        case "class":
            return normed[..., 0, :]
        case "mean":
            return xp.mean(patches, axis=-2)
        case "class+mean":
            return xp.concat([normed[..., 0, :], xp.mean(patches, axis=-2)], axis=-1)
        case "patches":
            return patches


def attention_weights(steps: Iterable[Step]) -> Iterator[Float[Array, "*batch head token token"]]:
    """Yield the attention weights of each block of a walk, keeping nothing else."""
    for step in steps:
        if isinstance(step, Block):
            yield step.attention.attention.weights
        del step


def check_images(images: Array, config: ViTConfig) -> None:
    """Raise ValueError unless the images have the config's channels and size."""
    expected = (config.channels, *sides(config.image_size))
    if images.ndim < 3 or tuple(images.shape[-3:]) != expected:
        raise ValueError(
            f"images must be (..., channel, row, col) = (..., {', '.join(map(str, expected))}), "
            f"got shape {tuple(images.shape)}"
        )


def check_params(params: Params, images: Array, config: ViTConfig) -> None:
    """Raise KeyError, TypeError or ValueError unless the parameters fit images and config."""
    for name, shape in parameter_shapes(config).items():
        if name not in params:
            raise KeyError(f"parameter {name} is missing, it must have shape {shape}")
        found = params[name]
        if tuple(found.shape) != shape:
            raise ValueError(f"parameter {name} must be {shape}, got {tuple(found.shape)}")
        if is_torch(found) != is_torch(images) or found.dtype != images.dtype:
            raise TypeError(
                f"parameter {name} and the images must be of one library and dtype, "
                f"got {type(found).__name__} {found.dtype} and "
                f"{type(images).__name__} {images.dtype}"
            )
