"""The forward pass, written once: the walk, the fast look and the torch module all run it.

    z_0 = [class; x_1 E; …; x_N E] + E_pos                         (1)
    z'_l = MSA(LN(z_(l-1))) + z_(l-1)                              (2)
    z_l = MLP(LN(z'_l)) + z'_l                                     (3)
    y = LN(z_L)                                                    (4)

Source: Dosovitskiy et al., ICLR 2021, arXiv 2010.11929, section 3.1. The paper takes y at the
class token; so does readout "class". With "mean" it is the mean over the patches, with "patches"
every patch has logits of its own, and "class+mean" sets the two side by side.

`layers` are what is called on the way, named as in timm: those of the torch module, or those that
`functions` makes of arrays. `attend` takes query, key and value, and gives each query's mean of the
values: torch's fused kernel, or one that also looks. `note` gets each intermediate by its name, and
gives it back, or something else in its place. `carried` and `carried_mlp` are what the two residual
connections bring past attention and past the MLP.
"""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from vitexplain.arrays import Array, linear, namespace
from vitexplain.attention import merge_heads, split_heads
from vitexplain.layers import gelu, gelu_tanh, layer_norm, swiglu
from vitexplain.patches import patchify, project
from vitexplain.vit.config import Params, ViTConfig

Layers = Any  # a torch module or what `functions` returns
Attend = Callable[[Array, Array, Array], Array]
"""From query, key and value (…, head, token, dim) to each query's weighted mean of values."""
Note = Callable[[str, Array], Array]


def unnoted(name: str, x: Array) -> Array:
    """Return `x`: nobody wants it but the next step."""
    return x


def embed(layers: Layers, images: Array, config: ViTConfig, note: Note = unnoted) -> Array:
    """Return z_0, (…, token, dim): class token, distillation token, registers, patches (1)."""
    projected = note("projected", layers.patch_embed(images, note))
    xp = namespace(projected)
    batch = projected.shape[:-2]

    def repeated(name: str) -> Array:
        token = getattr(layers, name)[0]
        return xp.broadcast_to(token, (*batch, *token.shape))

    first = ["cls_token"] * config.has_class_token + ["dist_token"] * config.distillation
    tokens = xp.concat([*map(repeated, first), projected], axis=-2) if first else projected
    tokens = tokens + layers.pos_embed[0]
    if config.registers:  # they have no position
        parts = tokens[..., : len(first), :], repeated("reg_token"), tokens[..., len(first) :, :]
        tokens = xp.concat(parts, axis=-2)
    return note("tokens", tokens)


def block(
    layers: Layers, x: Array, attend: Attend, read: int | None = None, note: Note = unnoted
) -> Array:
    """Return z_l of z_(l-1), (…, token, dim), of the first `read` tokens alone if so many (2, 3).

    With LayerScale each branch is multiplied channel by channel before it is added.
    """
    attended = layers.attn(note("normed", layers.norm1(x)), attend, read, note)
    x = note("residual", note("carried", x[..., :read, :]) + layers.ls1(attended))
    added = layers.ls2(layers.mlp(note("normed_mlp", layers.norm2(x)), note))
    return note("carried_mlp", x) + added


def self_attention(
    layers: Layers, x: Array, attend: Attend, read: int | None = None, note: Note = unnoted
) -> Array:
    """Return MSA(x), of the first `read` tokens alone if so many."""
    stacked = layers.qkv(x)
    dim = stacked.shape[-1] // 3
    query, key, value = (
        split_heads(stacked[..., i * dim : (i + 1) * dim], layers.heads) for i in range(3)
    )
    merged = note("merged", merge_heads(attend(query, key, value)[..., :read, :]))
    return note("attended", layers.proj(merged))


def mlp(layers: Layers, x: Array, note: Note = unnoted) -> Array:
    """Return MLP(x), each token alone: two linear layers with an activation between them."""
    hidden = note("hidden", layers.fc1(x))
    return note("mlp", layers.fc2(note("activated", layers.activation(hidden))))


def read_out(layers: Layers, x: Array, config: ViTConfig, note: Note = unnoted) -> Array:
    """Return the logits of the last tokens, of which `config.read` are enough (4)."""
    if config.norm_mean:
        mean = namespace(x).mean(x[..., config.prefix :, :], axis=-2)
        normed = pooled = note("normed", layers.fc_norm(mean))
    else:
        normed = note("normed", layers.norm(x))
        pooled = pool(normed, config)
    last = note("pooled", pooled)
    if config.pre_logits is not None:
        last = note("pre_logits", namespace(x).tanh(layers.pre_logits["fc"](last)))
    logits = layers.head(last)
    if config.distillation:
        logits = (logits + layers.head_dist(normed[..., 1, :])) / 2
    return note("logits", logits)


def pool(normed: Array, config: ViTConfig) -> Array:
    """Return what the head reads: the class token, the mean of the patches, both, or each."""
    if config.readout == "class":
        return normed[..., 0, :]
    patches = normed[..., config.prefix :, :]
    if config.readout == "patches":
        return patches
    xp = namespace(normed)
    mean = xp.mean(patches, axis=-2)
    return mean if config.readout == "mean" else xp.concat([normed[..., 0, :], mean], axis=-1)


ACTIVATIONS = {"gelu": gelu, "gelu tanh": gelu_tanh, "swiglu": swiglu}


def functions(params: Params, config: ViTConfig) -> Layers:
    """Return the layers of a model as functions of NumPy arrays or torch tensors.

    Args:
        params: named and shaped as in `parameter_shapes`.
    """

    def norm(name: str) -> partial[Array]:
        weight, bias = params[f"{name}.weight"], params[f"{name}.bias"]
        return partial(layer_norm, weight=weight, bias=bias, eps=config.eps)

    def matrix(name: str) -> partial[Array]:
        return partial(linear, weight=params[f"{name}.weight"].T, bias=params[f"{name}.bias"])

    def factor(name: str) -> Callable[[Array], Array]:
        return (lambda x: x * params[f"{name}.gamma"]) if config.layer_scale else _same

    def block_at(path: str) -> SimpleNamespace:
        attention = SimpleNamespace(
            qkv=matrix(f"{path}.attn.qkv"), proj=matrix(f"{path}.attn.proj"), heads=config.heads
        )
        both = SimpleNamespace(
            fc1=matrix(f"{path}.mlp.fc1"), fc2=matrix(f"{path}.mlp.fc2"),
            activation=ACTIVATIONS[config.activation],
        )  # fmt: skip
        return SimpleNamespace(
            norm1=norm(f"{path}.norm1"), attn=partial(self_attention, attention),
            ls1=factor(f"{path}.ls1"), norm2=norm(f"{path}.norm2"), mlp=partial(mlp, both),
            ls2=factor(f"{path}.ls2"),
        )  # fmt: skip

    kernel = params["patch_embed.proj.weight"].reshape(config.dim, config.patch_dim).T

    def patch_embed(images: Array, note: Note) -> Array:
        patches = note("patches", patchify(images, config.patch))
        return project(patches, kernel, params["patch_embed.proj.bias"])

    last = "fc_norm" if config.norm_mean else "norm"
    heads = ("head", "head_dist") if config.distillation else ("head",)
    return SimpleNamespace(
        patch_embed=patch_embed,
        blocks=[block_at(f"blocks.{index}") for index in range(config.depth)],
        pre_logits={} if config.pre_logits is None else {"fc": matrix("pre_logits.fc")},
        **{name: x for name, x in params.items() if name.endswith(("_token", "pos_embed"))},
        **{last: norm(last)},
        **{name: matrix(name) if config.classes else _same for name in heads},
    )


def _same(x: Array) -> Array:
    return x
