"""Attention weights as each library gives them itself, without its fused kernels."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def of_timm(model: nn.Module, x: Tensor) -> list[Tensor]:
    """What enters each `attn_drop` of the unfused model."""
    found: list[Tensor] = []
    for module in model.modules():
        if hasattr(module, "fused_attn"):
            module.fused_attn = False  # pyright: ignore[reportArgumentType]
        drop = getattr(module, "attn_drop", None)
        if isinstance(drop, nn.Module):
            drop.register_forward_pre_hook(lambda _, args: found.append(args[0].clone()))
    model(x)
    return found


def of_transformers(model: Any, x: Tensor) -> Sequence[Tensor]:
    """`output_attentions` of the eager implementation; for Swin that is each stage's last block."""
    model.set_attn_implementation("eager")
    every: list[Tensor] = []
    for module in model.modules():
        if type(module).__name__ in ("SwinAttention", "Swinv2SelfAttention"):
            module.register_forward_hook(lambda _, args, result: every.append(result[1]))
    given = model(x, output_attentions=True).attentions
    if every:
        assert {id(one) for one in given} <= {id(one) for one in every}
    return every or given


def of_torch(model: nn.Module, *args: Any, **kwargs: Any) -> list[Tensor]:
    """`need_weights` of each `nn.MultiheadAttention`, called again with what it got."""
    found: list[Tensor] = []

    def again(module: Any, args: tuple, kwargs: dict) -> None:
        kwargs = kwargs | {"need_weights": True, "average_attn_weights": False}
        kwargs.pop("is_causal", None)  # a hint that only speeds up
        found.append(module.forward(*args, **kwargs)[1])  # `forward` runs no hooks

    enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        for module in model.modules():
            if isinstance(module, nn.MultiheadAttention):
                module.register_forward_pre_hook(again, with_kwargs=True)
        model(*args, **kwargs)
    finally:
        torch.backends.mha.set_fastpath_enabled(enabled)
    return found


def of_softmax_modules(model: nn.Module, x: Tensor) -> list[Tensor]:
    """What each `nn.Softmax` gives."""
    found: list[Tensor] = []
    for module in model.modules():
        if isinstance(module, nn.Softmax):
            module.register_forward_hook(lambda _, args, result: found.append(result.clone()))
    model(x)
    return found


def of_functional_softmax(namespace: Any) -> Callable[[nn.Module, Tensor], list[Tensor]]:
    """Return a reference that collects what `F.softmax` gives to a library's module `namespace`."""

    def own(model: nn.Module, x: Tensor) -> list[Tensor]:
        found: list[Tensor] = []
        real = namespace.F

        class Spied:
            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            def softmax(self, *args: Any, **kwargs: Any) -> Tensor:
                found.append(real.softmax(*args, **kwargs))
                return found[-1]

        namespace.F = Spied()
        try:
            model(x)
        finally:
            namespace.F = real
        return found

    return own
