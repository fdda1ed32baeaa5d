"""What was computed, in words: numbers, intervals, vectors and tables as a page writes them.

Every function returns Markdown and rounds once, at the end. A minus is the sign − (U+2212), and
what rounds to nothing has no sign.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, SupportsFloat

import numpy as np

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Spread(Protocol):
    """A mean and the two ends of its interval."""

    @property
    def mean(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


class Markdown(str):
    """Text that a notebook and a page show as what its marks mean."""

    def _repr_markdown_(self) -> str:
        return str(self)


def number(x: SupportsFloat, digits: int | None = None, *, sign: bool = False) -> str:
    """Write a number with that many digits after the point: −1.80.

    Without `digits` it is as short as twelve of them allow: −1.8. `sign` asks for the plus of a
    difference: +1.80.
    """
    value = float(x)
    plus = "+" if sign else ""
    text = f"{round(value, 12):{plus}g}" if digits is None else f"{value:{plus}.{digits}f}"
    if not text.strip("+-0."):
        text = text.lstrip("+-")
    return text.replace("-", "−")


def percent(share: SupportsFloat, digits: int = 1, *, sign: bool = False) -> str:
    """Write a share of 1 in percent: 94.3%."""
    return number(100 * float(share), digits, sign=sign) + "%"


def interval(one: Spread, digits: int = 2, *, sign: bool = False, unit: str = "") -> str:
    """Write a mean with its interval: 0.31 (0.27 to 0.35); the unit follows the mean."""
    mean, low, high = (number(x, digits, sign=sign) for x in (one.mean, one.low, one.high))
    return f"{mean}{unit} ({low} to {high})"


def share(one: Spread, digits: int = 1) -> str:
    """Write a share of 1 in percent with its interval, cut off at 0 and 1: 94.3% (93.1 to 95.5).

    No share can leave 0 to 1; the interval of a few seeds can.
    """
    low, high = (number(100 * min(max(x, 0.0), 1.0), digits) for x in (one.low, one.high))
    return f"{percent(one.mean, digits)} ({low} to {high})"


def between(numbers: Iterable[float], written: Callable[[float], str] = number) -> str:
    """Write the lowest and the highest number: 3 to 5; one alone if both read alike: 3."""
    values = list(numbers)
    low, high = written(min(values)), written(max(values))
    return low if low == high else f"{low} to {high}"


def power(x: SupportsFloat, digits: int = 0) -> str:
    """Write a number as a multiple of a power of ten: 6.7 × 10<sup>−5</sup>; 0 is exactly 0."""
    if float(x) == 0:
        return "exactly 0"
    factor, exponent = f"{float(x):.{digits}e}".split("e")
    return f"{factor} × 10<sup>{int(exponent)}</sup>".replace("-", "−")


def vector(numbers: object, digits: int | None = None) -> str:
    """Write an array of any shape as one row of numbers: [2, 0, −1, 1.8]."""
    return f"[{', '.join(number(x, digits) for x in np.ravel(np.asarray(numbers)))}]"


def products(a: Iterable[float], b: Iterable[float], times: str = " · ") -> str:
    """Write a dot product out, product by product: (−1) · 2 + 3 · 0.5.

    Raises ValueError for vectors of two lengths.
    """

    def factor(x: float) -> str:
        text = number(x)
        return f"({text})" if text.startswith("−") else text

    return " + ".join(f"{factor(x)}{times}{factor(y)}" for x, y in zip(a, b, strict=True))


def count(things: int) -> str:
    """Write a count as a sentence does: no, one, … ten, then 11."""
    return _COUNTS[things] if 0 <= things < len(_COUNTS) else f"{things:,}".replace("-", "−")


def listed(words: Iterable[object], last: str = " and ") -> str:
    """Write words one after the other: a, b and c."""
    *first, end = map(str, words)
    return f"{', '.join(first)}{last}{end}" if first else end


def table(
    header: Sequence[object],
    rows: Iterable[Iterable[object]],
    words: Iterable[int] | None = (0,),
) -> Markdown:
    """Return a Markdown table: columns of `words` to the left, of numbers to the right.

    With None all columns are words. Raises ValueError for a row of another length than the
    header.
    """
    left = set(range(len(header)) if words is None else words)
    rule = ["---" if column in left else "--:" for column in range(len(header))]
    lines = [list(map(str, line)) for line in (header, rule, *rows)]
    for line in lines:
        if len(line) != len(header):
            raise ValueError(f"a row must have {len(header)} cells as the header has, got {line}")
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
