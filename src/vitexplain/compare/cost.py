"""What a model costs: parameters, multiply-adds, and how a cost grows.

A multiply-add is one product and the sum it goes into; this literature calls it a FLOP. The
closed formulas need no torch; what counts a model does.
"""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Integer

if TYPE_CHECKING:
    from torch import nn


def parameters(model: "nn.Module") -> int:
    """Return the number of a model's parameters; one that two layers share counts once."""
    return sum(parameter.numel() for parameter in model.parameters())


def multiply_adds(model: "nn.Module", image_shape: Sequence[int]) -> int:
    """Return the multiply-adds of one forward pass of one image, (channel, row, col).

    Every convolution and matrix product is counted, as it runs, from its shapes alone: a copy
    of the model without numbers (torch's meta device) runs, in evaluation mode. Biases, norms,
    softmax, pooling and activations are not counted. On the meta device fused attention runs
    as the two matrix products that it is; on a CPU torch's counter would miss it.

    Raises:
        ValueError: the image's shape has another number of axes than three.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    if len(image_shape) != 3:
        raise ValueError(f"image_shape must be (channel, row, col), got {tuple(image_shape)}")
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        on_meta(model)(torch.empty(1, *image_shape, device="meta"))
    return counter.get_total_flops() // 2  # torch counts a multiply-add as two operations


def on_meta(model: "nn.Module") -> "nn.Module":
    """Return a copy of the model with shapes but no numbers, in evaluation mode."""
    from torch import nn

    tensors = {id(buffer): buffer.to("meta") for buffer in model.buffers()}
    for parameter in model.parameters():
        tensors[id(parameter)] = nn.Parameter(parameter.to("meta"), parameter.requires_grad)
    return copy.deepcopy(model, tensors).eval()


def global_attention_macs(rows: int, cols: int, channels: int) -> int:
    """Return the multiply-adds of self-attention of all rows × cols tokens to all.

        Ω(MSA) = 4 h w C² + 2 (h w)² C

    Queries, keys, values and the output's projection, then the two products; softmax is left
    out. Source: Liu et al., Swin, ICCV 2021, arXiv 2103.14030, equation (1).

    Raises:
        ValueError: a size is less than 1.
    """
    _at_least_one(rows=rows, cols=cols, channels=channels)
    tokens = rows * cols
    return 4 * tokens * channels**2 + 2 * tokens**2 * channels


def window_attention_macs(rows: int, cols: int, channels: int, window: int) -> int:
    """Return the multiply-adds of self-attention inside windows of window × window tokens.

        Ω(W-MSA) = 4 h w C² + 2 M² h w C

    Linear in the tokens where global attention is quadratic. Source: as
    `global_attention_macs`, equation (2).

    Raises:
        ValueError: a size is less than 1, or the windows do not tile the tokens.
    """
    _at_least_one(rows=rows, cols=cols, channels=channels, window=window)
    if rows % window or cols % window:
        raise ValueError(f"windows of side {window} do not tile {rows}×{cols} tokens")
    tokens = rows * cols
    return 4 * tokens * channels**2 + 2 * window**2 * tokens * channels


def exponent(
    size: Float[np.ndarray, " n"] | Integer[np.ndarray, " n"] | Sequence[float],
    cost: Float[np.ndarray, " n"] | Integer[np.ndarray, " n"] | Sequence[float],
) -> float:
    """Return p of the power law cost = a · sizeᵖ that fits best: the slope in log-log.

        p = Σ (x - x̄)(y - ȳ) / Σ (x - x̄)²,   x = log size, y = log cost

    Least squares on the logarithms, so that every cost counts by its ratio, not its size.

    Raises:
        ValueError: not one cost a size, fewer than two different sizes, or a number that is
            not positive and finite.
    """
    x, y = (np.asarray(numbers, dtype=float) for numbers in (size, cost))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"exponent needs one cost for each size, got {x.shape} and {y.shape}")
    if not all(np.all(np.isfinite(v) & (v > 0)) for v in (x, y)):
        raise ValueError("sizes and costs must be positive and finite")
    if len(set(x.tolist())) < 2:
        raise ValueError("exponent needs at least two different sizes")
    x, y = np.log(x), np.log(y)
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / (x @ x))


def _at_least_one(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")
