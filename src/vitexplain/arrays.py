"""What the array functions share: the arrays' namespace, and errors that say the rule.

Every function of the numbers takes NumPy arrays or torch tensors, on any device, and
returns the same kind. `Array` stands for either in the annotations.
"""

import math
import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from array_api_compat import array_namespace

Array = Any  # a NumPy array or a torch tensor; jaxtyping gives its shape


def require(*, rank: int = 1, values: bool = True, **arrays: Array) -> Any:
    """Return the namespace shared by the named arrays, once each of them can be computed with.

    Without `values` the numbers are not looked at, which costs a pass over them.

    Raises:
        TypeError: an argument is no array, is not of a floating dtype, or the arrays
            are of different libraries or dtypes.
        ValueError: an array has fewer than `rank` axes, is empty, or holds NaN or infinity.
    """
    for name, x in arrays.items():
        if not hasattr(x, "shape") or not hasattr(x, "dtype"):
            kind = type(x).__name__
            raise TypeError(f"{name} must be a NumPy array or a torch tensor, got {kind}")
    try:
        xp = namespace(*arrays.values())
    except TypeError as error:
        kinds = {name: type(x).__module__.split(".")[0] for name, x in arrays.items()}
        raise TypeError(f"arrays must come from one library, got {kinds}") from error
    for name, x in arrays.items():
        if not xp.isdtype(x.dtype, "real floating"):
            raise TypeError(f"{name} must have a floating dtype, got {x.dtype}")
        if x.ndim < rank:
            raise ValueError(f"{name} must have at least {rank} axes, got shape {tuple(x.shape)}")
        if 0 in x.shape:
            raise ValueError(f"{name} must not be empty, got shape {tuple(x.shape)}")
        if values and can_be_read(x) and not all_finite(x):
            raise ValueError(f"{name} must be finite, got NaN or infinity, shape {tuple(x.shape)}")
    dtypes = {name: str(x.dtype) for name, x in arrays.items()}
    if len(set(dtypes.values())) > 1:
        raise TypeError(f"arrays must have one dtype, got {dtypes}")
    return xp


def fitted(name: str, x: Array, like: Array, axes: str) -> Array:
    """Return an array broadcast to the shape of another.

    Raises:
        ValueError: its shape does not allow it.
    """
    try:
        return namespace(x).broadcast_to(x, like.shape)
    except (ValueError, RuntimeError) as error:
        found = f"got {tuple(x.shape)} for {tuple(like.shape)}"
        raise ValueError(f"{name} must broadcast to {axes}, {found}") from error


def torch_of(x: Array) -> Any:
    """Return torch if `x` is one of its tensors, else None, without importing it to find out."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and isinstance(x, torch.Tensor) else None


def is_torch(x: Array) -> bool:
    """Return whether `x` is a torch tensor."""
    return torch_of(x) is not None


def namespace(*arrays: Array) -> Any:
    """Return the array API namespace of the arrays' library.

    Raises:
        TypeError: the arrays are of different libraries.
    """
    if all(is_torch(x) for x in arrays):  # what torch.compile can follow
        from array_api_compat import torch

        return torch
    return array_namespace(*arrays)


def can_be_read(x: Array) -> bool:
    """Return whether looking at the values of `x` is cheap, possible and wanted.

    It is not on a GPU, where a look waits for all work in flight; not while `torch.compile`
    or an exporter traces the shapes alone; and not inside `unchecked`.
    """
    torch = torch_of(x)
    if torch and (x.device.type != "cpu" or torch.compiler.is_compiling()):
        return False
    return _checking.get()


_checking: ContextVar[bool] = ContextVar("checking", default=True)


@contextmanager
def unchecked() -> Generator[None, None, None]:
    """Leave out the looks for NaN and infinity inside the `with`; shapes and dtypes are checked.

    Each look is a pass over memory, which a walk through a large model can do without: about
    4 % of its time. What is not finite then shows in the result, not in an error.
    """
    token = _checking.set(False)
    try:
        yield
    finally:
        _checking.reset(token)


def all_finite(x: Array) -> bool:
    """Return whether no entry of `x` is NaN or infinite."""
    if is_torch(x):
        # One pass over memory: a sum is finite unless an entry is not (or the sum overflows).
        x = x.detach()
        return math.isfinite(x.sum().item()) or bool(x.isfinite().all())
    xp = namespace(x)
    return bool(xp.all(xp.isfinite(x)))


def single(x: Array) -> Array:
    """Return half precision as float32, and anything else as it is."""
    xp = namespace(x)
    return xp.astype(x, xp.float32) if xp.finfo(x.dtype).bits < 32 else x


def as_precise(x: Array, like: Array) -> Array:
    """Return `x` in the precision of another array."""
    return x if x.dtype == like.dtype else namespace(x).astype(x, like.dtype)


def as_numpy(x: Array) -> np.ndarray:
    """Return a NumPy or torch array of any device as float64 if it is that, else as float32.

    Whole numbers and lists become float64.
    """
    if torch_of(x):
        x = x.detach().cpu()
        x = (x if x.dtype.itemsize == 8 else x.float()).numpy()
    x = np.asarray(x)
    return x if x.dtype == np.float64 else x.astype(np.float32 if x.dtype.kind == "f" else float)


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return x W + b, for x (..., dim_in), weight (dim_in, dim_out), bias (dim_out,).

    Raises:
        ValueError: the axes that are summed over, or the bias, do not fit.
    """
    if x.shape[-1] != weight.shape[0]:
        raise ValueError(
            "the last axis of x must equal the first of the weight, "
            f"got {tuple(x.shape)} and {tuple(weight.shape)}"
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[1],):
        raise ValueError(f"the bias must be ({weight.shape[1]},), got {tuple(bias.shape)}")
    if torch := torch_of(x):  # adds the bias inside the matrix product
        return torch.nn.functional.linear(x, weight.mT, bias)
    y = x @ weight
    return y if bias is None else y + bias
