"""What the answer of a model is read from, and the map of patches that this makes.

A (token, token) matrix says how much of each first token is in each last one. The answer is
read from some of the last tokens alone; their rows are the map. Which rows these are is the
model's readout: the class token's; with a distillation token the mean of both, as the logits
are; with readout "mean" the mean over the patches' rows. Every reading here makes its map so.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from vitexplain.arrays import Array, require
from vitexplain.vit import Block, Readout, ViTConfig, walk

if TYPE_CHECKING:
    from vitexplain.vit import ViT


def answer_weights(config: ViTConfig) -> Float[np.ndarray, " token"]:
    """Return each last token's share in the answer: the weights sum to 1.

    Raises:
        ValueError: the readout has no such shares: "patches" has an answer a patch, and
            "class+mean" weighs its two halves by the head.
    """
    if config.readout not in ("class", "mean"):
        raise ValueError(
            "a map of attention needs one answer, read from the class token or from the mean of "
            f"the patches; this model's readout is {config.readout!r}"
        )
    return config.answer_shares


def answer_row(
    matrix: Float[Array, "*batch token token"], config: ViTConfig
) -> Float[Array, "*batch token"]:
    """Return the row of a matrix over tokens that the answer is read from: its rows, weighted.

    Raises:
        TypeError: not a floating array.
        ValueError: the matrix has not the config's tokens, or as `answer_weights`.
    """
    xp = require(rank=2, matrix=matrix)
    if tuple(matrix.shape[-2:]) != (config.tokens, config.tokens):
        raise ValueError(
            f"the matrix must be (..., {config.tokens}, {config.tokens}), "
            f"got shape {tuple(matrix.shape)}"
        )
    weights = answer_weights(config)
    return xp.asarray(weights, dtype=matrix.dtype, device=matrix.device) @ matrix


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


def walk_with_gradients(
    vit: "ViT", images: Float[Array, "batch channel row col"], target: Int[Array, " batch"]
) -> tuple[list[Block], Readout, list[Float[Array, "batch head token token"]]]:
    """Return every block of a walk, its readout, and ∂s_t/∂A_l of each block's weights A_l.

    s_t is the target's logit. Only what leads from the images to the logits carries a graph, the
    parameters do not: no `.grad` of theirs is touched.

    Raises:
        TypeError, ValueError: as `vitexplain.vit.walk` and `chosen`.
    """
    import torch

    params = {name: parameter.detach() for name, parameter in vit.named_parameters()}
    with graph():
        steps = list(walk(params, images.detach().clone().requires_grad_(), vit.config))
        (readout,) = (step for step in steps if isinstance(step, Readout))
        blocks = [step for step in steps if isinstance(step, Block)]
        weights = [block.attention.attention.weights for block in blocks]
        gradients = torch.autograd.grad(chosen(readout.logits, target).sum(), weights)
    return blocks, readout, list(gradients)


@contextmanager
def graph() -> Generator[None, None, None]:
    """Let gradients flow inside the `with`, whatever the caller has switched off."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        yield


def chosen(
    logits: Float[Array, "batch *each classes"], target: Int[Array, " batch"]
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
    index = target.long().clone()  # a graph takes no tensor made in inference mode
    return logits.gather(1, index[:, None])[:, 0]
