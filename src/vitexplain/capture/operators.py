"""torch's operators as a dispatch mode meets them: which attend, which keep each entry an entry."""

from functools import cache
from typing import Any

import torch

from vitexplain.capture.weights import NATIVE

FUSED = "aten::_scaled_dot_product_"  # and what chooses among those kernels:
CHOOSES = "aten::scaled_dot_product_attention"

# What keeps an entry an entry beside the operators that torch itself calls pointwise.
COPIES = {
    f"aten::{name}"
    for name in (
        "_to_copy", "cat", "constant_pad_nd", "contiguous", "copy", "copy_", "dropout", "dropout_",
        "index", "index_select", "masked_fill", "masked_fill_", "native_dropout", "pad", "reshape",
        "repeat", "stack", "to", "type_as",
    )
}  # fmt: skip
# Of those, the ones after which attention weights are what they were.
SAME = {
    f"aten::{name}"
    for name in ("_to_copy", "clone", "contiguous", "copy", "reshape", "to", "type_as")
}


def name_of(func: Any) -> str:
    """Return an operator's name without its overload, as "aten::bmm"."""
    return func._schema.name if isinstance(func, torch._ops.OpOverload) else f"higher_order::{func}"


def unwatched(func: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """Call an operator as it would run if nobody watched, to the last bit.

    In inference mode composite operators come whole to a dispatch mode, with torch's bookkeeping
    of views switched off. `linear` then takes the transposed weight for a constant, and multiplies
    in another way. So the bookkeeping is switched on again.
    """
    if not (torch.is_inference_mode_enabled() and is_composite(func)):
        return func(*args, **kwargs)
    excluded = torch._C._dispatch_tls_local_exclude_set()
    with torch._C._ForceDispatchKeyGuard(
        torch._C._dispatch_tls_local_include_set(),
        excluded.remove(torch._C.DispatchKey.ADInplaceOrView),
    ):
        return func(*args, **kwargs)


@cache
def is_composite(func: Any) -> bool:
    """Return whether an operator is made of others and gives new numbers, not a view."""
    if not isinstance(func, torch._ops.OpOverload):
        return False
    key = torch._C.DispatchKey.CompositeImplicitAutograd
    made_of_others = torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), key)
    return made_of_others and all(one.alias_info is None for one in func._schema.returns)


def is_known(name: str) -> bool:
    return name.startswith(FUSED) or name == CHOOSES or name in NATIVE


def is_attention(name: str) -> bool:
    """Return whether an operator's name says that it attends; those of autograd say it too."""
    return ("attention" in name or "attn" in name) and not name.endswith("backward")


def bound(func: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of an operator by name, with its defaults."""
    given = {}
    for place, argument in enumerate(func._schema.arguments):
        if place < len(args):
            given[argument.name] = args[place]
        else:
            given[argument.name] = kwargs.get(argument.name, argument.default_value)
    return given


@cache
def is_elementwise(func: Any) -> bool:
    return torch.Tag.pointwise in func.tags or func._schema.name in COPIES
