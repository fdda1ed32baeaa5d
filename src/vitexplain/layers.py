"""The layers of a Transformer block that are not attention.

On torch tensors each is torch's own kernel; on NumPy arrays it is written out here, as
fast as NumPy allows. Both compute the same formula.
"""

import math

import numpy as np
from jaxtyping import Float

from vitexplain.arrays import Array, torch_of


def layer_norm(
    x: Float[Array, "*batch dim"],
    weight: Float[Array, " dim"],
    bias: Float[Array, " dim"],
    eps: float = 1e-6,
) -> Float[Array, "*batch dim"]:
    """Return (x - mean) / √(variance + eps) · weight + bias, over the last axis.

    The variance is the mean squared deviation, divided by dim.
    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, arXiv 1607.06450.
    """
    if torch := torch_of(x):
        return torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias, eps)
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.vecdot(centred, centred)[..., None] / x.shape[-1]
    centred *= weight / np.sqrt(variance + eps)
    centred += bias
    return centred


def gelu_tanh(x: Float[Array, "*batch dim"]) -> Float[Array, "*batch dim"]:
    """Return x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, which is near `gelu`.

    Source: Hendrycks and Gimpel 2016, section 2. The original JAX code of the Vision
    Transformer computes this form, and weights trained with one form want the same.
    """
    if torch := torch_of(x):
        return torch.nn.functional.gelu(x, approximate="tanh")
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
    return 0.5 * x * (1 + np.tanh(inner))


def swiglu(x: Float[Array, "*batch twice"]) -> Float[Array, "*batch dim"]:
    """Return silu(a) · b for the halves a, b of the last axis, silu(a) = a / (1 + exp(-a)).

    Source: Shazeer, "GLU Variants Improve Transformer", 2020, arXiv 2002.05202, section 2.

    Raises:
        ValueError: the last axis is odd.
    """
    if x.shape[-1] % 2:
        raise ValueError(f"swiglu halves the last axis, got shape {tuple(x.shape)}")
    half = x.shape[-1] // 2
    gate, value = x[..., :half], x[..., half:]
    if torch := torch_of(x):
        return torch.nn.functional.silu(gate) * value
    # σ(a) = (1 + tanh(a / 2)) / 2, which does not overflow
    return 0.5 * gate * (1 + np.tanh(0.5 * gate)) * value


def gelu(x: Float[Array, "*batch dim"]) -> Float[Array, "*batch dim"]:
    """Return x Φ(x) = x (1 + erf(x / √2)) / 2, with Φ the standard normal distribution.

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, arXiv 1606.08415.
    This is the exact form, not the approximation by tanh.
    """
    if torch := torch_of(x):
        return torch.nn.functional.gelu(x)
    y = np.empty(x.shape, x.dtype)
    flat_x, flat_y = np.ravel(x), np.ravel(y)
    for start in range(0, flat_x.size, _CHUNK):
        part = flat_x[start : start + _CHUNK]
        half = erf(part * math.sqrt(0.5))
        half += 1
        half *= 0.5
        np.multiply(half, part, out=flat_y[start : start + _CHUNK])
    return y


_CHUNK = 1 << 14  # numbers at a time, so that the intermediate results stay in the cache


def erf(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Return the error function of a NumPy vector.

    In float32 by formula 7.1.26 of Abramowitz and Stegun, Handbook of Mathematical
    Functions (1964), whose error is at most 1.5e-7 (5e-7 with float32's own rounding); in any
    other dtype by the C library's erf.
    """
    if x.dtype != np.float32:
        return np.fromiter(map(math.erf, x.tolist()), dtype=x.dtype, count=x.size)
    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series *= t
        series += np.float32(coefficient)
    series *= t
    size *= size
    np.negative(size, out=size)
    series *= np.exp(size, out=size)
    np.subtract(1, series, out=series)
    return np.copysign(series, x, out=series)
