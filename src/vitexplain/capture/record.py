"""Recording attention while a model runs, through torch's dispatch: nothing is replaced.

A dispatch mode sees every operator below autograd, whoever calls it: Python, TorchScript or
torch's own composite functions. It calls the operator as it came, so the output stays what it
was to the last bit, and looks at arguments and result.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from vitexplain.capture.choice import Choice, Heads, Only, wanted
from vitexplain.capture.flow import SOFTMAX, Flow, tensors
from vitexplain.capture.maps import AttentionMap, CaptureError, Kind, Maps, listed
from vitexplain.capture.operators import (
    bound,
    is_attention,
    is_elementwise,
    is_known,
    name_of,
    unwatched,
)
from vitexplain.capture.reasons import why_nothing
from vitexplain.capture.running import Running, clean
from vitexplain.capture.weights import NATIVE, fused_weights, native_weights, with_heads
from vitexplain.capture.windowed import what_of

_looking: ContextVar[bool] = ContextVar("looking", default=False)  # a capture computes weights


@contextmanager
def capture(
    model: nn.Module,
    *,
    only: Only | None = None,
    keep: Callable[[AttentionMap], bool] | None = None,
    heads: Heads | None = None,
    device: torch.device | str | None = None,
    applied: bool | None = None,
    eager: bool = False,
) -> Iterator[Maps]:
    """Record every attention matrix that `model` computes inside the `with`, and change nothing.

    Fused kernels keep no weights: theirs are computed again as softmax(Q Kᵀ · scale + mask) from
    what the kernel got. An explicit softmax counts if its input comes from a product of two
    activations and its result is multiplied along the axis that it normalised: a classifier's
    or a router's does not. Modules are named as in `model.named_modules()`.

    Output, random numbers, gradients, hooks and modes of the model stay as they are, also after
    an exception. Captures nest, of one model or several. Only what runs in the calling thread
    is seen. Weights carry no gradient.

    >>> import torch
    >>> from vitexplain.capture import capture
    >>> model = torch.nn.MultiheadAttention(16, 4, batch_first=True).eval()
    >>> x = torch.ones(1, 5, 16)
    >>> with capture(model) as maps:
    ...     output, _ = model(x, x, x, need_weights=False)
    >>> maps[0].weights.shape
    torch.Size([1, 4, 5, 5])

    Args:
        only: record these modules alone: a name, a pattern as "blocks.*.attn", several of
            them, or a function of the name. The others' weights are not computed.
        keep: keep a map only if this says so of it.
        heads: how heads become one as soon as a map is there; the head axis is left out then.
        device: where maps go as soon as they are there, say "cpu".
        applied: what to record of a softmax whose result the model changes before it meets the
            values; `AttentionMap.between` says where one does. By default what met the values,
            as after mixing heads or adding to the weights, but without dropout; true: with
            dropout, and without what was cut off; false: what the softmax gave.
        eager: run modules that `torch.compile` has compiled as they were before, which may move
            the last digits of the output. Without, a compiled model is an error.

    Raises:
        TypeError: not a module.
        ValueError: an unknown way to fuse heads.
        CaptureError: the model is compiled, `only` fits no module, or, at the end of the
            `with`, nothing was recorded or an attention could not be: with the reason.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"capture takes a torch.nn.Module, got {type(model).__name__}")
    compiled = [clean(name) for name, module in model.named_modules() if is_compiled(module)]
    if compiled and not eager:
        raise CaptureError(
            f"compiled by torch.compile: {listed(compiled)}; compiled kernels show no attention. "
            "Capture the model it was made of (compiled._orig_mod, which shares its weights), or "
            "run it uncompiled for once: capture(model, eager=True)"
        )
    running = Running(model)
    choice = Choice(wanted(only, running.names.values()), keep, heads, device)
    recorder = _Recorder(running, choice, Flow(model.parameters()), applied)
    with ExitStack() as stack:
        if compiled:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
            stack.enter_context(warnings.catch_warnings())  # that hooks fire once more is known
            warnings.filterwarnings("ignore", ".*global hooks on modules")
        stack.enter_context(running)
        stack.enter_context(recorder)
        try:
            yield recorder.maps
        except RuntimeError as error:
            if "torch dispatch mode" not in str(error):
                raise
            raise CaptureError(
                "a compiled function inside the model does not run while its operators are "
                "watched; flex_attention is one: choose another attention for the model"
            ) from error
    recorder.finish(model)


def is_compiled(module: nn.Module) -> bool:
    """Return whether calls of a module run what `torch.compile` made of it."""
    dynamo = sys.modules.get("torch._dynamo")
    wrapped = dynamo is not None and isinstance(module, dynamo.OptimizedModule)
    return wrapped or getattr(module, "_compiled_call_impl", None) is not None


class _Recorder(TorchDispatchMode):
    """Calls every operator as it came, and records those that are attention."""

    # Operators that take functions, as `flex_attention`, come here too, instead of failing.
    supports_higher_order_operators = True

    def __init__(self, running: Running, choice: Choice, flow: Flow, applied: bool | None) -> None:
        super().__init__()
        self.running, self.choice, self.flow, self.applied = running, choice, flow, applied
        self.maps = Maps()
        self.opaque: list[tuple[str, str]] = []  # operator that hides its weights, module
        self.outside = False  # whether attention ran, but in no module of the model

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = name_of(func)
        if _looking.get():  # of a capture inside this one, not of the model
            return func(*args, **kwargs)
        if not self.running.frames:
            self.outside |= is_attention(name)
            return unwatched(func, args, kwargs)
        if is_attention(name) and not is_known(name):
            self.opaque.append((name, self.running.name))
        if not isinstance(func, torch._ops.OpOverload):
            return func(*args, **kwargs)
        self.flow.before(func, args, kwargs)
        result = unwatched(func, args, kwargs)
        token = _looking.set(True)
        try:
            with torch.no_grad():
                self._look(func, name, bound(func, args, kwargs), result)
        finally:
            _looking.reset(token)
        return result

    def _look(self, func: Any, name: str, given: dict[str, Any], result: Any) -> None:
        if name not in NATIVE and any(x.is_nested for x in tensors(given, result)):
            if name in SOFTMAX or is_known(name):
                self.maps._ignore(self.running.name, "its sequences are nested tensors")
        elif is_elementwise(func):
            self.flow.pass_on(name, given, result)
        elif name in NATIVE:
            self._record("native", name, lambda: native_weights(given))
        elif is_known(name):
            self._record("fused", name, lambda: fused_weights(
                given["query"], given["key"], mask=given.get("attn_mask", given.get("attn_bias")),
                causal=given["is_causal"], scale=given["scale"],
            ))  # fmt: skip
        else:
            for found in self.flow.after(name, given, result, self.running.name):
                operator = found.candidate.operator
                weights = partial(found.take, self.applied)
                self._record("softmax", operator, weights, found.between)

    def _record(
        self, kind: Kind, operator: str, weights: Callable[[], Tensor], between: tuple = ()
    ) -> None:
        frame = self.running.frames[-1]
        name = frame.name
        if operator == NATIVE[0]:  # it attends for the layer's submodule, which is not called
            name = f"{name}.self_attn".removeprefix(".")
        if not self.choice.wants(name):
            self.choice.left_out.append(name)
            return
        inputs = self.running.inputs()
        whole = with_heads(weights(), frame.module, frame.shape)
        over = what_of(
            whole, next(iter(inputs.values()), ()), [one.module for one in self.running.frames]
        )
        found = self.choice.reduced(whole)
        recorded = AttentionMap(name, found, kind, operator, between, over, inputs)
        if self.choice.accepts(recorded):
            self.maps._add(recorded)

    def finish(self, model: nn.Module) -> None:
        """Say which softmax was none; raise CaptureError if what was asked for is not there."""
        for candidate in self.flow.candidates:
            self.maps._ignore(candidate.module, candidate.reason)
        self.flow.candidates.clear()
        if self.opaque:
            operators = listed(name for name, _ in self.opaque)
            modules = listed(module for _, module in self.opaque)
            raise CaptureError(
                f"{operators} hides its weights, in {modules}: choose another attention for the "
                "model, as attn_implementation='sdpa' or 'eager' in transformers"
            )
        if not self.maps:
            raise CaptureError(
                why_nothing(model, self.running, self.choice, self.maps.ignored, self.outside)
            )
