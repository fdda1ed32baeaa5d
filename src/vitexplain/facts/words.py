"""Words with named slots: the numbers in a sentence are computed when it is read."""

import ast
import string
from dataclasses import dataclass
from numbers import Number
from typing import Any

from vitexplain import writing
from vitexplain.experiments.results import Interval
from vitexplain.facts.numbers import names, ours, value

_FUNCTIONS = {f.__name__: f for f in (abs, all, max, min, sorted)}


class _Slots(string.Formatter):
    """Fills {name}, {name.attribute} and {name[key]:format} from the table of numbers."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> object:
        return value(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        return written(value, format_spec)


def written(value: Any, spec: str = "") -> str:
    """Write one value as a sentence has it: the one place where a slot becomes text.

    `spec` is Python's, with a true minus sign for numbers, and four of our own: `%` for a share
    with its interval, 94.3% (93.1 to 95.5); `v4` for a vector with four decimals; `p1` for a power
    of ten with one. A list is written item by item.

    Raises:
        ValueError: the value is nothing, or cannot be written so.
    """
    if value is None:
        raise ValueError("a slot must have a value, got None")
    if isinstance(value, Interval):
        if spec != "%":
            raise ValueError(f"an interval is written as %, got {spec!r}")
        return writing.share(value)
    if spec[:1] == "v":
        return writing.vector(value, int(spec[1:]))
    if spec[:1] == "p":
        return writing.power(value, int(spec[1:]))
    if isinstance(value, list):
        return ", ".join(written(one, spec) for one in value)
    text = format(value, spec)
    return text.replace("-", "−") if isinstance(value, Number) else text


@dataclass(frozen=True)
class Words:
    """A text in Markdown with slots; `str` gives it with its numbers, computed now.

    Raises:
        ValueError: a slot names no number of the table.
    """

    text: str

    def __post_init__(self) -> None:
        _known(self.slots, self.text)

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the numbers, in order."""
        found = (name for _, name, _, _ in string.Formatter().parse(self.text) if name)
        return tuple(name.partition(".")[0].partition("[")[0] for name in found)

    @property
    def computed(self) -> bool:
        """Whether a slot names a number of ours; published ones are quoted."""
        return not ours().isdisjoint(self.slots)

    @property
    def typed(self) -> str:
        """What is left of the text without its slots."""
        return "".join(f"{text}{'…' * (name is not None)}"
                       for text, name, _, _ in string.Formatter().parse(self.text))  # fmt: skip

    def __str__(self) -> str:
        return _Slots().vformat(self.text, (), {})


@dataclass(frozen=True)
class Condition:
    """An expression over the table of numbers, true as long as they bear the words out.

    Raises:
        ValueError: it names no number of the table.
    """

    text: str

    def __post_init__(self) -> None:
        _known(self._names, self.text)

    @property
    def _lines(self) -> str:
        return f"(\n{self.text}\n)"

    @property
    def _names(self) -> set[str]:
        tree = ast.parse(self._lines, mode="eval")
        found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        bound = {node.id for node in ast.walk(tree)
                 if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}  # fmt: skip
        return found - bound - _FUNCTIONS.keys()

    def __call__(self) -> bool:
        numbers = {name: value(name) for name in self._names}
        return bool(eval(self._lines, {"__builtins__": _FUNCTIONS, **numbers}))


def _known(used: Any, where: str) -> None:
    if unknown := sorted(set(used) - names()):
        raise ValueError(f"no number is called {', '.join(unknown)} in “{where}”")
