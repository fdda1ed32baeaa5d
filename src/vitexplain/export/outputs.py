"""What a graph of a ViT can answer, by name, and the function that computes it."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from jaxtyping import Float

from vitexplain.arrays import Array, namespace
from vitexplain.reading.recursion import advanced
from vitexplain.reading.rollout import rollout
from vitexplain.vit import Block, Embedding, Params, Readout, Step, ViTConfig, walk
from vitexplain.vit.forward import functions, read_out

if TYPE_CHECKING:
    from torch import Tensor, nn

OF_A_BLOCK = {
    "input": "the tokens that enter the block (batch, token, dim)",
    "normed": "LayerNorm of the input (batch, token, dim)",
    "query": "each head's queries (batch, head, token, dim of a head)",
    "key": "each head's keys, shaped likewise",
    "value": "each head's values, shaped likewise",
    "scores": "query · key (batch, head, query, key)",
    "scaled": "the scores divided by √d_k",
    "weights": "softmax of the scaled scores: each row sums to 1",
    "head_outputs": "each head's weighted values (batch, head, token, dim of a head)",
    "merged": "the heads side by side (batch, token, dim)",
    "attention": "what attention adds, after the output projection (batch, token, dim)",
    "residual": "input plus attention",
    "normed_mlp": "LayerNorm of the residual",
    "hidden": "the MLP's first layer (batch, token, hidden)",
    "activated": "after its GELU or SwiGLU",
    "mlp": "what the MLP adds (batch, token, dim)",
    "output": "the tokens that leave the block",
    "mean": "the weights, mean over heads (batch, query, key)",
    "rollout": "rollout of the blocks up to this one (batch, query, key)",
    "lens": "each token's logits, were the block the last one (batch, token, class)",
}
"""Names that stand for every block, or for one of them with its number: "weights.3"."""

OF_THE_MODEL = {
    "patches": "the flattened patches (batch, patch, numbers of a patch)",
    "projected": "the patches projected (batch, patch, dim)",
    "tokens": "what enters the first block (batch, token, dim)",
    "final": "LayerNorm of the last block's tokens",
    "pooled": "what is read out: class token, mean, both, or each patch",
    "pre_logits": "the tanh layer before the head, where there is one",
    "logits": "the answer (batch, class), or (batch, patch, class) with readout 'patches'",
}
"""Names of which there is one."""

OUTPUTS = OF_THE_MODEL | OF_A_BLOCK
"""Every name that a graph can answer, and what it is."""

OF: dict[type, tuple[str, ...]] = {
    Embedding: ("patches", "projected", "tokens"),
    Block: tuple(name for name in OF_A_BLOCK if name not in ("mean", "rollout", "lens")),
    Readout: ("final", "pooled", "pre_logits", "logits"),
}
"""The names that a step of the walk answers itself."""

BRANCHES = ("carried", "attended", "carried_mlp", "mlp")
"""What a block adds: its input and what attention makes of it; their sum and what the MLP adds."""

HEADS = ("query", "key", "value", "scores", "scaled", "weights")
PLACES: dict[str, str] = {name: f"attention.attention.{name}" for name in HEADS} | {
    "head_outputs": "attention.attention.output", "merged": "attention.merged",
    "attention": "attention.output", "final": "normed",
}  # fmt: skip
"""Where a step has what goes by another name."""


def full_names(outputs: Collection[str], config: ViTConfig) -> list[str]:
    """Return each output's name, those of a block once for every block: "weights.0", ….

    Raises:
        ValueError: no name, an unknown one, or one that this model does not have.
    """
    if isinstance(outputs, str) or not outputs:
        raise ValueError(f"outputs must be a list of names, got {outputs!r}")
    found: dict[str, None] = {}
    for name in outputs:
        base, dot, layer = name.partition(".")
        if base not in OUTPUTS or (dot and base not in OF_A_BLOCK):
            raise ValueError(f"unknown output {name!r}; there are {', '.join(OUTPUTS)}")
        if base == "pre_logits" and config.pre_logits is None:
            raise ValueError("this model has no pre_logits layer")
        if dot and layer not in map(str, range(config.depth)):
            raise ValueError(f"{name!r}: the model has blocks 0 to {config.depth - 1}")
        if base == "lens" and (config.norm_mean or config.readout == "class+mean"):
            raise ValueError("lens needs a model that norms and reads single tokens")
        every = [f"{base}.{i}" for i in range(config.depth)] if base in OF_A_BLOCK else [base]
        found |= dict.fromkeys([name] if dot else every)
    return list(found)


def answers(
    params: Params,
    images: Float[Array, "batch channel row col"],
    config: ViTConfig,
    outputs: Collection[str],
    *,
    gates: Float[Array, "layer head"] | None = None,
    positions: float | Float[Array, ""] | None = None,
    branches: Float[Array, "layer branch"] | None = None,
) -> dict[str, Array]:
    """Return what is asked for along `vit.walk`, by the names of `full_names`.

    Args:
        params: as for `walk`, of the images' library and dtype.
        gates: each head's output is multiplied by its gate, in the columns of the output
            projection that read it: 1 as trained, 0 without the head.
        positions: the table of positions is multiplied by this.
        branches: each of a block's `BRANCHES` is multiplied by its factor, 1 as trained.

    Raises:
        KeyError, TypeError, ValueError: as `full_names` and `walk`, or gates or branches of
            another shape.
    """
    names = full_names(outputs, config)
    changed = dict(params)
    if positions is not None:
        changed["pos_embed"] = params["pos_embed"] * positions
    for kind, given, width in (("head", gates, config.heads), ("branch", branches, len(BRANCHES))):
        expected = (config.depth, width)
        if given is not None and tuple(given.shape) != expected:
            name = "gates" if kind == "head" else "branches"
            raise ValueError(f"{name} must be (layer, {kind}) {expected}, got {tuple(given.shape)}")
    if gates is not None:
        for layer in range(config.depth):
            name = f"blocks.{layer}.attn.proj.weight"
            changed[name] = _gated(params[name], gates[layer])

    def edit(name: str, layer: int, x: Array) -> Array:
        if branches is None or name not in BRANCHES:
            return x
        return x * branches[layer, BRANCHES.index(name)]

    found = dict(_found(walk(changed, images, config, edit), set(names)))
    if lenses := [name for name in names if name.startswith("lens")]:
        single = replace(
            config, readout="patches", class_token=False, distillation=False, registers=0
        )
        layers = functions(params, config)
        found |= {name: read_out(layers, found[name], single) for name in lenses}
    return {name: found[name] for name in names}


def _gated(weight: Float[Array, "out dim"], gates: Float[Array, " head"]) -> Array:
    """Return the output projection, each head's columns times its gate."""
    xp = namespace(weight)
    out, dim = weight.shape
    heads = gates.shape[0]
    columns = xp.reshape(weight, (out, heads, dim // heads)) * gates[:, None]
    return xp.reshape(columns, (out, dim))


def _found(steps: Iterator[Step], wanted: set[str]) -> Iterator[tuple[str, Array]]:
    """Yield the wanted quantities of each step, and keep nothing else."""
    rolled = None
    for step in steps:
        index = f".{step.index}" if isinstance(step, Block) else ""
        for name in OF[type(step)]:
            if f"{name}{index}" in wanted:
                yield f"{name}{index}", attrgetter(PLACES.get(name, name))(step)
        if isinstance(step, Block):
            weights = step.layer.full
            if f"mean{index}" in wanted:
                yield f"mean{index}", namespace(weights).mean(weights, axis=-3)
            if f"lens{index}" in wanted:
                yield f"lens{index}", step.output
            if any(name.startswith("rollout") for name in wanted):
                rolled = advanced(rolled, rollout([weights]))
                yield f"rollout{index}", rolled


def stored(model: "nn.Module", *, float16: bool = True) -> "dict[str, Tensor]":
    """Return a model's parameters in float32, rounded to what a graph of it stores.

    A parameter with a number beyond float16's largest, 65 504, is not rounded.
    """
    params = {name: p.detach().float().cpu() for name, p in model.named_parameters()}
    return {name: _rounded(p) if float16 else p for name, p in params.items()}


def _rounded(p: "Tensor") -> "Tensor":
    half = p.half()
    return half.float() if bool(half.isfinite().all()) else p
