"""Questions that answer back: each knows its answer, and what it says to a common mistake.

    Exercises(calculate("What is the score?", goat @ sheep, slips=[(wrong, "You forgot …")]), …)

Each wrong answer is computed too, by the wrong formula. Texts may hold **bold**, *italic*, `code`.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from vitexplain.pixels import png_uri
from vitexplain.writing import listed, number

MIME = "application/vnd.vitexplain.exercises+json"
KINDS = {"number": "Work it out", "choose": "Choose", "order": "Put in order",
         "look": "Guess, then look", "repair": "Find the mistake"}  # fmt: skip
Data = dict[str, Any]
Says = Mapping[str, str] | None  # what is said to a wrong option


class Exercises:
    """Exercises in the order they are asked."""

    def __init__(self, *asked: Data) -> None:
        self.asked = asked

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Data:
        """What a notebook shows: questions with folded answers; for the site, the data as well."""
        site = os.environ.get("VITEXPLAIN_RENDERER") == "data"
        shown: Data = {"text/markdown": "\n\n".join(map(markdown, self.asked))}
        return shown | ({MIME: {"exercises": self.asked}} if site else {})


def calculate(
    asks: str, answer: Any, *, digits: int = 2, slips: Iterable[tuple[Any, str]] = (), **more: Any
) -> Data:
    """Ask for a number, right to that many digits; `slips` are wrong ones and what to say to each.

    Raises ValueError when two of the answers cannot be told apart.
    """
    near = 10.0**-digits if digits else 0.4
    wrong = [{"given": float(x), "says": says} for x, says in slips]
    known = sorted([float(answer), *(slip["given"] for slip in wrong)])
    if np.any(np.diff(known) < 2 * near):
        raise ValueError(f"{asks!r}: answers must differ by {2 * near} at least, got {known}")
    more |= {"answer": float(answer), "tolerance": near}
    written = number(answer, digits) if digits else f"{round(answer):,}"
    return _asked("number", asks, wrong, written=written, **more)


def choose(
    asks: str, options: Mapping[str, Any], *, several: bool = False, slips: Says = None, **more: Any
) -> Data:  # fmt: skip
    """Ask which option is true; with `several`, which are. Each truth is computed.

    Raises ValueError when none is true, or two are and one is asked for; or when a slip is none.
    """
    options = dict(sorted(options.items()))  # by the alphabet: no place is the right one
    right = np.flatnonzero([bool(true) for true in options.values()]).tolist()
    if not 0 < len(right) < len(options) or (len(right) > 1 and not several):
        raise ValueError(f"{asks!r}: one option must be true, or some if `several`: {options}")
    return _choice("choose", asks, list(options), right, slips, several=several, **more)


def arrange(
    asks: str, items: Mapping[str, Any], *, slips: Sequence[tuple[Any, str]] = (), **more: Any
) -> Data:
    """Ask for the items from the smallest value to the largest; they are shown by the alphabet.

    `slips` are other values for the items, and what to say to the order that they make.
    Raises ValueError if two values are equal, or the alphabet or a slip gives the right order.
    """
    names, ways = sorted(items), [items, *(values for values, _ in slips)]
    right, *others = (sorted(range(len(names)), key=lambda i: float(x[names[i]])) for x in ways)
    wrong = [{"given": other, "says": says} for other, (_, says) in zip(others, slips, strict=True)]
    sure = len(set(map(float, items.values()))) == len(names)
    if not sure or right in [list(range(len(names))), *(slip["given"] for slip in wrong)]:
        raise ValueError(f"{asks!r}: values must differ and give another order, got {items}")
    return _asked("order", asks, wrong, options=names, right=right, **more)


def look(
    asks: str, names: Sequence[str], weights: Any, *, query: int,
    image: Any = None, grid: tuple[int, int] | None = None, slips: Says = None, **more: Any
) -> Data:  # fmt: skip
    """Ask for the key that `query` attends to most; then all the weights are shown.

    A `grid` (rows, columns) cuts the `image` into patches. Raises ValueError if counts differ.
    """
    row = np.asarray(weights, dtype=float)
    if row.shape != (len(names),) or (grid and grid[0] * grid[1] != len(row)):
        raise ValueError(f"{asks!r}: {len(names)} names, weights {row.shape}, a grid of {grid}")
    right = np.flatnonzero(np.isclose(row, row.max())).tolist()
    more |= {"weights": row.tolist(), "query": int(query)}
    more |= {"image": png_uri(image), "grid": grid} if grid else {}
    return _choice("look", asks, list(names), right, slips, **more)


def repair(
    asks: str, code: str, line: int, mends: Sequence[str], *,
    given: Data, makes: Any, slips: Says = None, **more: Any
) -> Data:  # fmt: skip
    """Ask for the broken line of `code` (from 0), then for the one of `mends` that repairs it.

    Each is run: with the names in `given`, the code must leave `y` equal to what it `makes`.
    Raises ValueError unless the code as it stands does not, and exactly one mend does.
    """
    lines, mends = code.strip().split("\n"), sorted(mends)
    tried = [[*lines[:line], mend, *lines[line + 1 :]] for mend in mends]
    right = [i for i, one in enumerate(tried) if _makes(one, given, makes)]
    if len(right) != 1 or _makes(lines, given, makes):
        raise ValueError(f"{asks!r}: one mend must repair broken code, got {right}")
    return _choice("repair", asks, list(mends), right, slips, lines=lines, line=line, **more)


def markdown(one: Data) -> str:
    """Return a question, what there is to choose from and its folded answer as Markdown."""
    right, tick = one.get("right", ()), "`" if one["kind"] == "repair" else ""
    options = [f"{tick}{name}{tick}" for name in one.get("options", ())]
    code = ["\n".join(["```python", *one["lines"], "```"])] if tick else []
    parts = [f"**{KINDS[one['kind']]}.** {one['asks']}", *code]
    among = [f"- {name}" for name in options if "weights" not in one]
    parts += ["\n".join(among)] if among else []
    answer = one.get("written") or listed((options[i] for i in right), ", ")
    fold = '<details markdown="1"><summary>The answer</summary>'
    return "\n\n".join([*parts, fold, f"**{answer}**. {one['because']}", "</details>"])


def _asked(kind: str, asks: str, slips: list[Data], *, because: str, **of: Any) -> Data:
    return {"kind": kind, "asks": asks, "hints": (), **of, "slips": slips, "because": because}


def _choice(kind: str, asks: str, names: list[str], right: list[int], slips: Says, **of: Any):
    wrong = [name for i, name in enumerate(names) if i not in right]
    if strange := set(slips or ()) - set(wrong):
        raise ValueError(f"{asks!r}: {strange} must be wrong options, which are {wrong}")
    said = [{"given": names.index(name), "says": says} for name, says in (slips or {}).items()]
    return _asked(kind, asks, said, options=names, right=right, **of)


def _makes(lines: Sequence[str], given: Data, makes: Any) -> bool:
    names = dict(given)
    try:
        exec("\n".join(lines), names)
        return np.shape(names["y"]) == np.shape(makes) and np.allclose(names["y"], makes)
    except Exception:  # what fails mends nothing
        return False
