"""Arrays as JSON: lists of numbers that a person can read, float32, or a byte a weight."""

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from vitexplain.explorer.packed import Mean, Packed, unpack

VERSION = 2
MIME = "application/vnd.vitexplain.explorer+json"
DIGITS = 10  # significant digits of a number in a list
LISTED = 1024  # numbers that a list has at most; larger arrays are float32
MEAN = "mean"  # in place of weights: the mean of the layer's numbered heads


def encode(array: np.ndarray | Packed | Mean) -> Any:
    """Return an array as JSON: up to 1,024 float64 numbers as lists, all else as float32.

    A list's numbers have ten significant digits and null for NaN; float32 is little-endian,
    row by row, in base64: {"shape": [rows, cols], "f4": "…"}. What is packed has exact rows
    first, in "f4", then bytes in "u1" and the largest weight of each of their rows in "tops".
    """
    if isinstance(array, Mean):
        return MEAN
    if isinstance(array, Packed):
        exact = np.empty((0, array.levels.shape[-1])) if array.exact is None else array.exact
        shape = [len(exact) + len(array.levels), array.levels.shape[-1]]
        u1 = base64.b64encode(array.levels.tobytes()).decode()
        return {"shape": shape, "f4": _f4(exact), "u1": u1, "tops": _f4(array.tops)}
    if array.dtype == np.float64 and array.size <= LISTED:
        return [[_number(x) for x in row] for row in array.tolist()]
    return {"shape": list(array.shape), "f4": _f4(array)}


def decode(array: Any) -> np.ndarray:
    """Return an array of an explorer's JSON, float64 or float32: what `encode` wrote."""
    if not isinstance(array, dict):
        return np.array(array, dtype=np.float64)
    rows, cols = array["shape"]
    exact = np.frombuffer(base64.b64decode(array["f4"]), "<f4").reshape(-1, cols)
    if "u1" not in array:
        return exact.reshape(rows, cols)
    levels = np.frombuffer(base64.b64decode(array["u1"]), np.uint8).reshape(-1, cols)
    tops = np.frombuffer(base64.b64decode(array["tops"]), "<f4")
    return np.concatenate([exact, unpack(levels, tops)])


def weights_of(data: Mapping[str, Any], number: int, example: int = 0) -> np.ndarray:
    """Return the weights (query, key) of a map, the mean of a layer's heads among them."""
    arrays, maps = data["examples"][example]["arrays"], data["maps"]
    if arrays[number]["weights"] != MEAN:
        return decode(arrays[number]["weights"])
    layer = maps[number]["layer"]
    heads = [i for i, m in enumerate(maps) if m["layer"] == layer and isinstance(m["head"], int)]
    return np.mean([decode(arrays[i]["weights"]) for i in heads], axis=0)


def _f4(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def _number(x: float) -> float | int | None:
    """Return `x` to `DIGITS` significant digits; whole numbers are written without a point."""
    if math.isnan(x):
        return None
    rounded = float(f"{x:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded
