"""The forward pass of a Vision Transformer, one named step after the other, see `forward`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float

from vitexplain.arrays import Array, is_torch, require
from vitexplain.attention import Attention, MultiHead, attend
from vitexplain.moved import tell
from vitexplain.patches import sides
from vitexplain.trace import Layer
from vitexplain.vit.config import Params, ViTConfig
from vitexplain.vit.forward import Layers, block, embed, functions, read_out
from vitexplain.vit.parameters import parameter_shapes


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


Edit = Callable[[str, int, Array], Array]
"""From a quantity's name in `forward`, its block and what it is, to what takes its place."""


def walk(
    params: Params,
    images: Float[Array, "*batch channel row col"],
    config: ViTConfig,
    edit: Edit | None = None,
) -> Iterator[Step]:
    """Yield the steps of the forward pass in order: an embedding, each block, the readout.

    Each step is computed when it is asked for, and nothing is kept here but the tokens that
    the next one needs: a consumer that keeps nothing holds one step at a time.

    Args:
        params: named as in `parameter_shapes`; NumPy arrays or torch tensors like the images.
        edit: called with each quantity of a block ("normed", "merged", "attended", "carried",
            "residual", "normed_mlp", "hidden", "activated", "mlp", "carried_mlp"), the block's
            number, and what was computed; what it returns goes on in its place. So
            `lambda name, block, x: x * (name != "mlp")` is the model without its MLPs.

    Raises:
        KeyError: a parameter is missing.
        TypeError: images and parameters differ in library or dtype.
        ValueError: a parameter or the images have another shape than the config says, or
            the images hold NaN or infinity.
    """
    require(rank=3, images=images)
    check_images(images, config)
    check_params(params, images, config)
    layers = functions(params, config)
    seen = _Seen()
    x = embed(layers, images, config, seen)
    yield Embedding("embedding", positions=params["pos_embed"][0], **seen)
    del seen
    for index in range(config.depth):
        step = _step(layers.blocks[index], x, index, edit)
        x = step.output
        yield step
        del step  # before the next is computed
    seen = _Seen(pre_logits=None)
    read_out(layers, x, config, seen)
    yield Readout("readout", **seen)


class _Seen(dict[str, Array]):
    """Keeps each intermediate by its name, as it was edited."""

    def __init__(self, change: Callable[[str, Array], Array] | None = None, **known: Any) -> None:
        super().__init__(**known)
        self._change = change

    def __call__(self, name: str, x: Array) -> Array:
        self[name] = self._change(name, x) if self._change else x
        return self[name]


def _step(layers: Layers, x: Array, index: int, edit: Edit | None) -> Block:
    """Return one block with every intermediate."""
    heads: list[Attention] = []

    def watched(query: Array, key: Array, value: Array) -> Array:
        heads.append(attend(query, key, value))
        return heads[0].output

    seen = _Seen(edit and (lambda name, found: edit(name, index, found)))
    output = block(layers, x, watched, note=seen)
    merged, attended, *_ = map(seen.pop, ("merged", "attended", "carried", "carried_mlp"))
    require(output=attended)  # x and the other matrices have shown in query, key and value
    attention = MultiHead(heads[0], merged, attended)
    return Block(f"block {index}", index, x, attention=attention, output=output, **seen)


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


tell(globals())
