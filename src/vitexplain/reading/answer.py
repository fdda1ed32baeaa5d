"""What the answer of a model is read from, and the map of patches that this makes.

A (token, token) matrix says how much of each first token is in each last one. The answer is
read from some of the last tokens alone; their rows are the map. Which rows these are is the
model's readout: the class token's; with a distillation token the mean of both, as the logits
are; with readout "mean" the mean over the patches' rows. Every reading here makes its map so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jaxtyping import Float, Int

from vitexplain.arrays import Array, namespace
from vitexplain.vit import Block, Readout, ViTConfig, walk

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def answer_row(
    matrix: Float[Array, "*batch token token"], config: ViTConfig
) -> Float[Array, "*batch token"]:
    """Return the row of a matrix over tokens that the answer is read from.

    Raises:
        ValueError: the matrix has not the config's tokens, or the readout has no such row:
            "patches" has an answer a patch, and "class+mean" weighs its two halves by the head.
    """
    if tuple(matrix.shape[-2:]) != (config.tokens, config.tokens):
        raise ValueError(
            f"the matrix must be (..., {config.tokens}, {config.tokens}), "
            f"got shape {tuple(matrix.shape)}"
        )
    if config.distillation:
        return (matrix[..., 0, :] + matrix[..., 1, :]) / 2
    if config.readout == "class":
        return matrix[..., 0, :]
    if config.readout == "mean":
        return namespace(matrix).mean(matrix[..., config.prefix :, :], axis=-2)
    raise ValueError(
        "a map of attention needs one answer, read from the class token or from the mean of "
        f"the patches; this model's readout is {config.readout!r}"
    )


def answer_map(
    matrix: Float[Array, "*batch token token"], config: ViTConfig
) -> Float[Array, "*batch row col"]:
    """Return the patches' part of `answer_row` on the patch grid.

    The columns of class token, distillation token and registers are dropped and nothing is
    divided by what is left, so a map of weights sums to less than 1.

    Raises:
        ValueError: as `answer_row`.
    """
    return on_grid(answer_row(matrix, config)[..., config.prefix :], config)


def on_grid(
    patches: Float[Array, "*batch patch"], config: ViTConfig
) -> Float[Array, "*batch row col"]:
    """Return one number a patch as a map, row by row."""
    return patches.reshape(*patches.shape[:-1], *config.grid)


def blocks_with_graph(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> tuple[list[Block], Float[Array, " batch"]]:
    """Return every block of a walk and each image's logit of its target, ready for `grad`.

    Only what leads from the images to the logits carries a graph, the parameters do not: no
    `.grad` of theirs is touched. Call it inside `graph`.

    Raises:
        TypeError, ValueError: as `vitexplain.vit.walk` and `chosen`.
    """
    params = {name: parameter.detach() for name, parameter in vit.named_parameters()}
    steps = list(walk(params, images.detach().clone().requires_grad_(), vit.config))
    (readout,) = (step for step in steps if isinstance(step, Readout))
    return [step for step in steps if isinstance(step, Block)], chosen(readout.logits, target)


@contextmanager
def graph() -> Iterator[None]:
    """Let gradients flow inside the `with`, whatever the caller has switched off."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        yield


def chosen(
    logits: Float[Array, "batch classes"], target: Int[Array, " batch"]
) -> Float[Array, " batch"]:
    """Return each image's logit of its target.

    Raises:
        TypeError: the targets are not integers.
        ValueError: there are several answers an image, not one target an image, or a target
            that is no class.
    """
    import torch

    if logits.ndim != 2:
        raise ValueError(
            'the reading asks for one answer an image; with readout "patches" each patch has its '
            f"own, got logits {tuple(logits.shape)}"
        )
    target = torch.as_tensor(target, device=logits.device)
    if target.is_floating_point() or target.is_complex() or target.dtype == torch.bool:
        raise TypeError(f"target must hold whole numbers, got {target.dtype}")
    batch, classes = logits.shape
    if tuple(target.shape) != (batch,):
        raise ValueError(f"target must be ({batch},), one an image, got {tuple(target.shape)}")
    if bool(((target < 0) | (target >= classes)).any()):
        raise ValueError(f"target must be from 0 to {classes - 1}, got {target.tolist()}")
    return logits.gather(1, target.long()[:, None])[:, 0]
