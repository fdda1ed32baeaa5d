"""Which softmax is attention: its input is a product of activations, its result mixes values.

Neither the shape nor the name of a softmax tells: a classifier's and a router's look alike. So
products, softmax results and what is made of them elementwise are followed from operator to
operator. A softmax counts once its result, perhaps after dropout, a cast or a mix of heads, is
multiplied along the very axis that it normalised.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

from vitexplain.capture.operators import SAME

SOFTMAX = {"aten::_softmax", "aten::_safe_softmax", "aten::softmax"}
PRODUCT = {f"aten::{name}" for name in ("bmm", "mm", "matmul", "baddbmm", "einsum", "linear")}
LINEAR = {f"aten::{name}" for name in ("addmm", "convolution", "conv2d", "conv1d")}
NORMS = {
    f"aten::{name}"
    for name in ("layer_norm", "batch_norm", "instance_norm", "group_norm", "native_layer_norm",
                 "native_batch_norm", "native_group_norm", "_native_batch_norm_legit")
}  # fmt: skip
DROPOUT = "aten::dropout"
DROPOUTS = "dropout", "dropout_"
WAITING = 64  # results of a softmax that are held at a time until they meet values


@dataclass(frozen=True, eq=False)
class Found:
    """A softmax that is attention."""

    candidate: "Candidate"
    between: tuple[str, ...]  # operators that changed its result before it met the values
    applied: Tensor  # what met them, its last axis summed over

    def take(self, applied: bool | None) -> Tensor:
        """Return what the softmax gave, or what of it was applied to the values; then let go.

        Without a wish, what was applied, unless only dropout or a cut lies between.
        """
        weights, self.candidate.weights = self.candidate.weights, None
        assert weights is not None
        whole = self.applied.numel() == weights.numel()
        if applied is None:
            applied = whole and any(not name.endswith(DROPOUTS) for name in self.between)
        if not applied or (whole and not self.between):
            return weights
        return self.applied.reshape(weights.shape) if whole else self.applied


@dataclass(eq=False)
class Candidate:
    """The result of a softmax that may turn out to be attention weights."""

    weights: Tensor | None  # softmax along the last axis; None once it is settled
    operator: str
    module: str  # path of the module that it ran in
    reason: str = "no product sums over what it normalised"  # why not, until one does


@dataclass(frozen=True)
class Weights:
    """Storage that holds a candidate's numbers, and where its softmax axis is in it."""

    candidate: Candidate
    size: int
    stride: int | None  # None where it was lost on the way
    between: tuple[str, ...] = ()  # operators that changed the numbers since the softmax

    def runs_along(self, x: Tensor, axis: int) -> bool:
        """Return whether the softmax ran along this axis; a part of it may have been cut off."""
        if x.ndim < -axis:
            return False
        if self.stride is None or self.size == 1:
            return x.shape[axis] == self.size
        return x.stride(axis) == self.stride and x.shape[axis] <= self.size

    def after(self, operator: str, old: Tensor, new: Tensor) -> "Weights":
        """Return the mark of what an operator made of `old`, entry by entry."""
        changed = operator.removesuffix("_") not in SAME
        between = self.between + (operator,) * changed
        axes = range(-1, -min(old.ndim, new.ndim) - 1, -1)
        fits = [axis for axis in axes if self.runs_along(old, axis)]
        axis = max(fits, key=lambda axis: old.shape[axis], default=None)  # of size 1, any fits
        if axis is None:
            return Weights(self.candidate, self.size, None, between)
        return Weights(self.candidate, new.shape[axis], new.stride(axis), between)


SCORES = "scores"  # storage that holds a product of two activations
FIXED = "fixed"  # storage that holds parameters, perhaps cast
NOISE = "noise"  # storage that holds what dropout multiplies by
Mark = Weights | str


class Flow:
    """Follows scores to their softmax, and weights to the values that they mix."""

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self._marks: dict[int, tuple[StorageWeakRef, frozenset[Mark]]] = {}
        self._limit = 256
        self.candidates: list[Candidate] = []
        for parameter in parameters:
            self._mark(parameter, {FIXED})

    def before(self, func: Any, args: tuple, kwargs: dict) -> None:
        """Save a candidate's weights from an operator that is about to write over them."""
        if not func._schema.is_mutable:
            return
        for x in tensors(args, kwargs):
            for mark in self._weights(x):
                weights = mark.candidate.weights
                if weights is not None and key_of(weights) == key_of(x):
                    mark.candidate.weights = weights.clone()

    def after(self, name: str, given: dict[str, Any], result: Any, module: str) -> list[Found]:
        """Follow one operator, and return each softmax that it shows to be attention."""
        if name in SOFTMAX:
            self._softmax(name, given, result, module)
        elif name in PRODUCT:
            operands = operands_of(name, given)
            if FIXED in self._marks_of(operands[-1]):
                self.pass_on(name, given, result, whole=True)
                return []
            self._mark(result, {SCORES})
            if FIXED in self._marks_of(operands[0]):  # learned queries, or a map between heads
                self.pass_on(name, given, result, whole=True)
            return list(self._mixed(name, given, operands))
        if name in LINEAR or name in NORMS:
            self.pass_on(name, given, result, whole=True)
        elif name.startswith("aten::bernoulli"):
            self._mark(result, {NOISE})
        return []

    def _softmax(self, name: str, given: dict[str, Any], result: Tensor, module: str) -> None:
        x, axis = given["self"], given["dim"]
        axis -= x.ndim if axis >= 0 else 0
        if SCORES in self._marks_of(x) and axis in (-1, -2) and x.ndim > 1:
            candidate = Candidate(result.detach().movedim(axis, -1), name, module)
            self._mark(result, {Weights(candidate, result.shape[axis], result.stride(axis))})
        else:
            reason = "its input is no product of queries and keys"
            candidate = Candidate(None, name, module, reason)
        self.candidates.append(candidate)
        if len(self.candidates) > WAITING:  # met no values for so long: it will not
            self.candidates[-1 - WAITING].weights = None

    def _mixed(self, name: str, given: dict, operands: list[Tensor]) -> Iterator[Found]:
        """Yield each softmax over whose axis this product sums."""
        for place, x in enumerate(operands):
            axes = summed(name, given, operands, place)
            for mark in self._weights(x):
                axis = next((axis for axis in axes if mark.runs_along(x, axis)), None)
                if axis is not None and mark.candidate.weights is not None:
                    self.candidates.remove(mark.candidate)
                    yield Found(mark.candidate, mark.between, x.detach().movedim(axis, -1))

    def pass_on(self, name: str, given: dict, result: Any, whole: bool = False) -> None:
        """Mark the result as its inputs are; with `whole` only if it is as large as one of them.

        A linear map between heads keeps that size, as in talking heads (Shazeer et al. 2020,
        arXiv 2003.02436), and so does a norm over them; most others do not.
        """
        inputs = list(tensors(given))
        new = next(tensors(result), None)
        if new is None or not new.is_floating_point() or new.is_nested:
            return
        if name in SAME and any(key_of(old) == key_of(new) for old in inputs):
            return  # a view: the memory is marked
        if name == "aten::dropout" and not given["train"]:
            name = "aten::clone"
        if any(NOISE in self._marks_of(old) for old in inputs):
            name = DROPOUT
        marks: set[Mark] = {mark for mark in self._marks_of(new) if mark == SCORES}
        for old in inputs:
            found = self._marks_of(old)
            if whole and old.numel() != new.numel():
                continue
            if SCORES in found and name not in NORMS:
                marks.add(SCORES)
            marks |= {mark.after(name, old, new) for mark in found if isinstance(mark, Weights)}
        if inputs and all(FIXED in self._marks_of(old) for old in inputs):
            marks.add(FIXED)
        if marks:
            self._mark(new, marks)

    def _mark(self, x: Tensor, marks: Iterable[Mark]) -> None:
        key = key_of(x)
        if key is None:
            return
        # The weak reference keeps the key from being used again, but not the numbers.
        self._marks[key] = StorageWeakRef(x.untyped_storage()), frozenset(marks)
        if len(self._marks) > self._limit:
            self._marks = {k: found for k, found in self._marks.items() if not found[0].expired()}
            self._limit = max(256, 2 * len(self._marks))

    def _marks_of(self, x: Tensor) -> frozenset[Mark]:
        key = key_of(x)
        return self._marks[key][1] if key in self._marks else frozenset()

    def _weights(self, x: Tensor) -> Iterator[Weights]:
        for mark in self._marks_of(x):
            if isinstance(mark, Weights):
                yield mark


def key_of(x: Tensor) -> int | None:
    """Return what identifies the memory of a tensor; sparse and nested ones have none."""
    try:
        return x.untyped_storage()._cdata
    except (NotImplementedError, RuntimeError):
        return None


def tensors(*values: Any) -> Iterator[Tensor]:
    """Yield the tensors among an operator's arguments, also those in lists."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors(*value)
        elif isinstance(value, dict):
            yield from tensors(*value.values())


def operands_of(name: str, given: dict[str, Any]) -> list[Tensor]:
    if name == "aten::einsum":
        return list(given["tensors"])
    if name == "aten::baddbmm":  # what it adds is a mask or bias
        return [given["batch1"], given["batch2"]]
    if name == "aten::linear":  # of two activations it is their product, without the transpose
        return [given["input"], given["weight"]]
    return [given["self"], given["other" if name == "aten::matmul" else "mat2"]]


def summed(name: str, given: dict[str, Any], operands: list[Tensor], place: int) -> list[int]:
    """Return the axes, counted from the last, that a product sums over in one operand."""
    if name != "aten::einsum":
        last = place == 0 or operands[place].ndim == 1 or name == "aten::linear"
        return [-1] if last else [-2]
    terms, _, kept = given["equation"].replace(" ", "").partition("->")
    letters = terms.split(",")[place].split("...")[-1]
    return [i - len(letters) for i, letter in enumerate(letters) if letter not in kept]
