"""One attention map of an explorer: what it is made of, checked, and how it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from vitexplain.arrays import Array, as_numpy
from vitexplain.attention import Attention
from vitexplain.explorer.numbers import encode
from vitexplain.explorer.packed import Mean, Packed

Head = int | Literal["mean", "rollout"]
STEPS = ("query", "key", "value", "scores", "scaled", "output")
"""What a map with steps has beside its weights."""
UNDERFLOW = 1e-6  # a weight below this share of its row's largest may be 0 without any mask
SLACK = 0.02  # of a row's sum and of a softmax: bfloat16 has three digits


@dataclass(frozen=True, eq=False)
class Map:
    """One attention map to choose: a name and one head's `Attention`, or its weights alone.

    The arrays are (token, dim) or (query, key). A map of weights alone, (query, key), has no
    steps to show: so with a mean of heads or a rollout. Queries and keys are all the tokens, or
    those that `queries` and `keys` say: in cross-attention, words of two sentences.

    Args:
        attention: one head's steps or its weights; `Packed` takes a quarter of the room.
        dims: names of the columns of query and key; 1, 2, … by default.
        value_dims: names of the columns of value and output; `dims` where they are as many.
        note: one sentence shown beside the picker.
        layer: from 0; with layers a reader chooses layer and head, without by name.
        head: from 0, or "mean" or "rollout".
        bias: (query, key), what was added to the scaled scores.
        masked: whether weights of 0 are pairs left out by a mask or a window; by default that
            is told from the scores, and with weights alone any 0 is such a pair.
        queries: which of the tokens ask, by place; by default all.
        keys: which are asked.
        grid: rows and columns of those tokens, where layers have grids of their own.
    """

    name: str
    attention: Attention | Array | Packed | Mean
    dims: Sequence[str] = ()
    value_dims: Sequence[str] = ()
    note: str = ""
    layer: int | None = None
    head: Head | None = None
    bias: Array | None = None
    masked: bool | None = None
    queries: range | None = None
    keys: range | None = None
    grid: tuple[int, int] | None = None

    @property
    def has_steps(self) -> bool:
        """Whether there is more than the weights."""
        return isinstance(self.attention, Attention)

    @cached_property
    def weights(self) -> np.ndarray:
        """The weights, (query, key)."""
        alone = not isinstance(self.attention, Attention | Packed | Mean)
        return as_numpy(self.attention if alone else self.attention.weights)

    @property
    def place(self) -> tuple[int | None, Head | None]:
        """Layer and head."""
        return self.layer, self.head

    def meta(self) -> dict[str, Any]:
        """Return what the JSON says of the map in all examples: names, no numbers.

        Raises:
            ValueError: names of columns of another number, or a layer without a head.
        """
        if (self.layer is None) != (self.head is None):
            raise ValueError(f"map {self.name!r} needs both layer and head, or neither")
        numbers = [x for x in self.place if x not in (None, "mean", "rollout")]
        if self.layer is not None and not all(isinstance(x, int) and x >= 0 for x in numbers):
            raise ValueError(
                f"map {self.name!r} must have a layer from 0, and a head from 0, 'mean' or "
                f"'rollout', got {self.place}"
            )
        dims = value_dims = divisor = None
        if isinstance(self.attention, Attention):
            width, values = self.attention.query.shape[-1], self.attention.value.shape[-1]
            dims = _dims(self.dims, width, f"dims of map {self.name!r}")
            same = self.value_dims or (self.dims if len(self.dims) == values else ())
            value_dims = _dims(same, values, f"value_dims of map {self.name!r}")
            divisor = float(np.sqrt(width))
        elif self.dims or self.value_dims or self.bias is not None:
            raise ValueError(f"map {self.name!r} has weights alone: no dims and no bias")
        return {
            "name": self.name,
            "note": self.note,
            "layer": self.layer,
            "head": self.head,
            "dims": dims,
            "value_dims": value_dims,
            "divisor": divisor,
        }

    def arrays(self, tokens: int) -> dict[str, Any]:
        """Return the map's numbers for `tokens` tokens, checked and written.

        Raises:
            ValueError: shapes that do not fit, numbers that are not finite, or weights that
                are not what softmax makes of the scaled scores and the bias.
        """
        fields = {"weights": self.weights}
        if isinstance(self.attention, Attention):
            fields |= {field: as_numpy(getattr(self.attention, field)) for field in STEPS}
        if self.bias is not None:
            fields["bias"] = as_numpy(self.bias)
        for field, array in fields.items():
            self._check(field, array, tokens)
        masked = bool((self.weights == 0).any())
        if self.has_steps:
            masked = self._check_softmax(fields)
        # What is left of a zero after rounding (1e-17) would only puzzle the reader. Weights
        # stay: a softmax has no zeros, only very small numbers.
        written: dict[str, Any] = {field: encode(_clean(array)) for field, array in fields.items()}
        small = self.attention if isinstance(self.attention, Packed | Mean) else self.weights
        written["weights"] = encode(small)
        for side in ("queries", "keys"):
            if (part := getattr(self, side)) is not None:
                written[side] = [part.start, part.stop]
        if self.queries is not None and self.queries == self.keys and self.grid is not None:
            written["grid"] = list(self.grid)
        return written | {"masked": masked if self.masked is None else self.masked}

    def _check(self, field: str, array: np.ndarray, tokens: int) -> None:
        asked, given = (self._part(side, tokens) for side in ("queries", "keys"))
        rows = given if field in ("key", "value") else asked
        pairs = field in ("weights", "scores", "scaled", "bias")
        if array.ndim != 2 or len(array) != len(rows) or (pairs and array.shape[1] != len(given)):
            kind = "(query, key)" if pairs else "(token, dim)"
            also = " and columns" if len(rows) == len(given) else f" and {len(given)} columns"
            raise ValueError(
                f"{field} of map {self.name!r} must be one head's {kind} array with "
                f"{len(rows)} rows{also if pairs else ''}, got shape {array.shape}"
            )
        finite = np.isfinite(array)
        if field in ("scores", "scaled", "bias"):  # none was computed outside a window
            finite |= np.isnan(array) & (self.weights == 0)
        if not finite.all():
            raise ValueError(f"{field} of map {self.name!r} must be finite, got NaN or infinity")
        if field == "weights":
            sums = array.sum(axis=1)
            if array.min() < 0 or sums.min() <= 0 or sums.max() > 1 + SLACK:
                raise ValueError(
                    f"weights of map {self.name!r} must be at least 0, and each row's sum more "
                    f"than 0 and at most 1, got sums from {sums.min():.4g} to {sums.max():.4g}"
                )

    def _part(self, side: str, tokens: int) -> range:
        part = getattr(self, side)
        if part is None:
            return range(tokens)
        if part.step != 1 or not 0 <= part.start < part.stop <= tokens:
            raise ValueError(
                f"{side} of map {self.name!r} must be a range of the {tokens} tokens, got {part}"
            )
        return part

    def _check_softmax(self, fields: dict[str, np.ndarray]) -> bool:
        """Check weights against scores; return whether a 0 among them needs a mask to be one."""
        scores, scaled, weights = fields["scores"], fields["scaled"], fields["weights"]
        known = np.isfinite(scaled)
        divided = scores[known] / np.sqrt(fields["query"].shape[1])
        if not np.allclose(scaled[known], divided, rtol=0.05, atol=1e-3):
            raise ValueError(f"scaled of map {self.name!r} must be its scores divided by √d_k")
        logits = scaled + fields["bias"] if "bias" in fields else scaled
        peaks = np.take_along_axis(logits, weights.argmax(axis=1)[:, None], axis=1)
        exps = np.exp(np.minimum(logits - peaks, 1))  # a masked score may be far above the peak
        shares = weights / weights.max(axis=1, keepdims=True)
        seen = weights > 0
        if not np.allclose(shares[seen], exps[seen], rtol=0.05, atol=1e-3):
            raise ValueError(
                f"weights of map {self.name!r} must be the softmax of its scaled scores"
                + (" and bias" if "bias" in fields else "")
            )
        return bool((~seen & ~(exps < UNDERFLOW)).any())


def _clean(array: np.ndarray) -> np.ndarray:
    size = np.abs(array)
    return np.where(size < 1e-14 * np.nanmax(size), 0, array).astype(array.dtype)


def _dims(dims: Sequence[str], size: int, what: str) -> list[str]:
    if dims and len(dims) != size:
        raise ValueError(f"{what} must name {size} columns, got {len(dims)}")
    return list(dims) or [str(i + 1) for i in range(size)]
