"""The attention explorer's data: one JSON-able dict that `<attention-explorer>` shows.

Everything a reader can see is computed here, once: the browser looks numbers up. It
multiplies nothing but the terms it lists for display (q_i k_i and a_j v_j); their sums,
the scores, the softmax and the output come from the `Attention` that is passed in.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vitexplain.attention import Attention
from vitexplain.figures.explorer_fallback import fallback, picture_uri

VERSION = 1
MIME = "application/vnd.vitexplain.explorer+json"
DIGITS = 10  # significant digits of every number in the JSON
VIEWS = ("picture", "matrix")


@dataclass(frozen=True, eq=False)
class Map:
    """One attention map to choose: a name and the `Attention` of one head, (token, dim) each.

    `dims` names the columns of query and key, `value_dims` those of value and output; both
    default to 1, 2, …, and `value_dims` to `dims` where the lengths agree. `note` is one
    sentence shown beside the picker.
    """

    name: str
    attention: Attention
    dims: Sequence[str] = ()
    value_dims: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the guided tour.

    `query` (a token) and `map` (a name or a number) are set when the step is entered; None
    leaves them. `ask` is what the reader should predict: the weights stay hidden until the
    `answer` is asked for, or one of the `choices` (tokens) is picked. `highlight` rings
    tokens; `view` "matrix" shows the matrix inside the tour. The texts may hold **bold**,
    *italic* and `code`. `holds` is the step's claim, computed from the data.
    """

    title: str
    text: str
    ask: str = ""
    answer: str = ""
    query: int | None = None
    map: str | int | None = None
    view: str = "picture"
    highlight: Sequence[int] = ()
    choices: Sequence[int] = ()
    holds: bool = True


@dataclass(frozen=True, eq=False)
class Explorer:
    """An explorer ready to be shown: `data` for the page's element, a static picture without it."""

    data: dict[str, Any]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {MIME: self.data, "text/html": fallback(self.data)}


def explorer(
    maps: Sequence[Map],
    *,
    tokens: Sequence[str],
    title: str,
    image: Any = None,
    grid: tuple[int, int] | None = None,
    short: Sequence[str] = (),
    query: int | None = None,
    tour: Sequence[Step] = (),
    url: bool = False,
    compact: bool = False,
    rounds: Sequence[int] = (),
) -> Explorer:
    """Return the explorer of `maps` over `tokens`, the patches of a picture or a sentence's words.

    Args:
        maps: at least one; their arrays have one row a token.
        tokens: a label each; equal labels are told apart by their place. With a grid, tokens
            that come before its rows * cols patches (a class token) stand above the picture.
        image: (row, col) or (row, col, channel), floats in [0, 1] or uint8.
        grid: rows and columns of patches, in row-major order; None for a sentence.
        short: labels for the matrix's margins; defaults to `tokens`.
        query: the first token chosen; defaults to that of the first step of the tour, or 0.
        url: keep the state in the page's address (one explorer a page).
        compact: picture and readout alone, without the three views.
        rounds: the tokens a compact one visits until it is touched; defaults to those whose
            largest weight in the first map is at least the median of the tokens'.

    Raises:
        ValueError: shapes or names that do not fit, numbers that are not finite, weights
            that are not the softmax of the scaled scores, or a step that does not hold.
    """
    if not maps or not tokens:
        raise ValueError("an explorer needs at least one map and one token")
    if grid is not None and (image is None or grid[0] * grid[1] > len(tokens)):
        raise ValueError(
            f"a grid of {grid} needs an image and as many tokens, got {len(tokens)} tokens"
        )
    names = [one.name for one in maps]
    if len(set(names)) < len(names):
        raise ValueError(f"maps need different names, got {names}")
    if short and len(short) != len(tokens):
        raise ValueError(f"short needs a label for each of {len(tokens)} tokens, got {len(short)}")
    steps = [_step(step, names, len(tokens)) for step in tour]
    first = steps[0] if steps else {"query": None, "map": None}
    chosen: int = (first["query"] or 0) if query is None else query
    if first["query"] not in (None, chosen):
        raise ValueError(f"query {chosen} is not that of the tour's first step, {first['query']}")
    _require_token(chosen, len(tokens), "query")
    labels = _distinct(tokens, grid)
    data = {
        "version": VERSION,
        "title": title,
        "tokens": [
            {"label": label, "short": name}
            for label, name in zip(labels, short or tokens, strict=True)
        ],
        "grid": None if grid is None else list(grid),
        "image": None if image is None else picture_uri(image),
        "maps": [_map(one, len(tokens)) for one in maps],
        "query": int(chosen),
        "map": first["map"] or 0,
        "tour": steps,
        "url": url,
        "compact": compact,
        "rounds": _rounds(rounds, maps[0], len(tokens)) if compact else [],
    }
    return Explorer(data)


def _map(one: Map, tokens: int) -> dict[str, Any]:
    """Return one map's arrays as lists, with the parts of its softmax."""
    fields = ("query", "key", "value", "scores", "scaled", "weights", "output")
    arrays = {field: _array(getattr(one.attention, field)) for field in fields}
    for field, array in arrays.items():
        if array.ndim != 2 or array.shape[0] != tokens:
            raise ValueError(
                f"{field} of map {one.name!r} must be one head's (token, dim) array with "
                f"{tokens} rows, got shape {array.shape}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{field} of map {one.name!r} must be finite, got NaN or infinity")
    # What is left of a zero after rounding (1e-17) would only puzzle the reader. Weights stay:
    # a softmax has no zeros, only very small numbers.
    for field in set(fields) - {"weights"}:
        small = np.abs(arrays[field]) < 1e-14 * np.abs(arrays[field]).max()
        arrays[field] = np.where(small, 0.0, arrays[field])
    scaled, weights = arrays["scaled"], arrays["weights"]
    # A row's largest exponential, relative to itself, is 1: so its weight is 1 / total.
    largest = weights.max(axis=-1, keepdims=True)
    peaks = np.take_along_axis(scaled, weights.argmax(axis=-1)[:, None], axis=-1)
    exps = weights / largest
    seen = weights > 0
    # Loose enough for bfloat16, whose numbers have three digits.
    if not np.allclose(exps[seen], np.exp(scaled - peaks)[seen], rtol=0.05, atol=1e-3):
        raise ValueError(f"weights of map {one.name!r} must be the softmax of its scaled scores")
    dims = _dims(one.dims, arrays["query"].shape[1], f"dims of map {one.name!r}")
    values = arrays["value"].shape[1]
    same = one.value_dims or (one.dims if len(one.dims) == values else ())
    return {
        "name": one.name,
        "note": one.note,
        "dims": dims,
        "value_dims": _dims(same, values, f"value_dims of map {one.name!r}"),
        "divisor": _number(np.sqrt(len(dims))),
        **{field: _numbers(array) for field, array in arrays.items()},
        "peaks": _numbers(peaks[:, 0]),
        "exps": _numbers(exps),
        "totals": _numbers(1 / largest[:, 0]),
    }


def _step(step: Step, names: Sequence[str], tokens: int) -> dict[str, Any]:
    """Return one step of the tour, checked."""
    where = f"step {step.title!r} of the tour"
    if not bool(step.holds):
        raise ValueError(f"{where} does not hold on this data")
    if step.view not in VIEWS:
        raise ValueError(f"view of {where} must be one of {VIEWS}, got {step.view!r}")
    if bool(step.ask) != bool(step.answer):
        raise ValueError(f"{where} needs both ask and answer, or neither")
    if step.choices and not step.ask:
        raise ValueError(f"{where} has choices but asks nothing")
    for token in (*step.highlight, *step.choices, *([] if step.query is None else [step.query])):
        _require_token(token, tokens, where)
    chosen = step.map
    if isinstance(chosen, str):
        if chosen not in names:
            raise ValueError(f"{where} names map {chosen!r}; there are {list(names)}")
        chosen = names.index(chosen)
    if chosen is not None and not 0 <= chosen < len(names):
        raise ValueError(f"{where} names map {chosen}; there are {len(names)}")
    return {
        "title": step.title,
        "text": step.text,
        "ask": step.ask,
        "answer": step.answer,
        "query": None if step.query is None else int(step.query),
        "map": chosen,
        "view": step.view,
        "highlight": [int(token) for token in step.highlight],
        "choices": [int(token) for token in step.choices],
    }


def _rounds(given: Sequence[int], first: Map, tokens: int) -> list[int]:
    for token in given:
        _require_token(token, tokens, "rounds")
    most = _array(first.attention.weights).max(axis=-1)
    return list(given) or np.flatnonzero(most >= np.median(most)).tolist()


def _require_token(token: int, tokens: int, what: str) -> None:
    if not 0 <= token < tokens:
        raise ValueError(f"{what}: token {token} is not one of the {tokens} tokens")


def _distinct(tokens: Sequence[str], grid: tuple[int, int] | None) -> list[str]:
    """Return the labels, with the place added to those that occur more than once."""
    times = Counter(tokens)
    before = 0 if grid is None else len(tokens) - grid[0] * grid[1]

    def place(i: int) -> str:
        if grid is None or i < before:
            return f"{i + 1}"
        row, col = divmod(i - before, grid[1])
        return f"{row}, {col}"  # from 0, as everywhere

    return [
        label if times[label] == 1 else f"{label} ({place(i)})" for i, label in enumerate(tokens)
    ]


def _dims(dims: Sequence[str], size: int, what: str) -> list[str]:
    if dims and len(dims) != size:
        raise ValueError(f"{what} must name {size} columns, got {len(dims)}")
    return list(dims) or [str(i + 1) for i in range(size)]


def _array(x: Any) -> np.ndarray:
    """Return a NumPy or torch array of any device and floating dtype as float64."""
    return np.asarray(x.detach().cpu().double() if hasattr(x, "detach") else x, dtype=np.float64)


def _number(x: float) -> float | int:
    """Return `x` to `DIGITS` significant digits; whole numbers are written without a point."""
    rounded = float(f"{x:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded


def _numbers(array: np.ndarray) -> list[Any]:
    return [_numbers(row) if np.ndim(row) else _number(row) for row in array]
