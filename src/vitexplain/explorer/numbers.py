"""Arrays as JSON: short lists of numbers that a person can read, or float32 in base64."""

import base64
import math
from typing import Any

import numpy as np

VERSION = 2
MIME = "application/vnd.vitexplain.explorer+json"
DIGITS = 10  # significant digits of a number in a list
LISTED = 1024  # numbers that a list has at most; larger arrays are float32


def encode(array: np.ndarray) -> Any:
    """Return an array as JSON: up to 1,024 float64 numbers as lists, all else as float32.

    A list's numbers have ten significant digits and null for NaN; float32 is little-endian,
    row by row, in base64: {"shape": [rows, cols], "f4": "…"}.
    """
    if array.dtype == np.float64 and array.size <= LISTED:
        return [[_number(x) for x in row] for row in array.tolist()]
    numbers = base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()
    return {"shape": list(array.shape), "f4": numbers}


def decode(array: Any) -> np.ndarray:
    """Return an array of an explorer's JSON, float64 or float32: what `encode` wrote."""
    if isinstance(array, dict):
        return np.frombuffer(base64.b64decode(array["f4"]), "<f4").reshape(array["shape"])
    return np.array(array, dtype=np.float64)


def _number(x: float) -> float | int | None:
    """Return `x` to `DIGITS` significant digits; whole numbers are written without a point."""
    if math.isnan(x):
        return None
    rounded = float(f"{x:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded
