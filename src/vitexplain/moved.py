"""Names that moved or went: until the next version, whoever uses one is told where it is now.

A line of `moved.txt` is an old name and the new one, or "gone: " and what to use instead. A module
that is no more leaves a stand-in in `sys.modules`, which knows nothing but that; one that lost
names says `__getattr__ = told(__name__)`. All of it goes with the next version.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
MODULES: dict[str, str] = {}
NAMES: dict[str, str] = {}
for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
    kind, _, row = line.partition(" ")
    old, _, new = row.partition(" -> ")
    {"module": MODULES, "name": NAMES}[kind][old] = new
MOVED = MODULES | NAMES


def words(old: str) -> str:
    """Return where a name or a module is now, in words; of a module, its names as well."""
    rows = {name: new for name, new in MOVED.items() if name == old or name.startswith(f"{old}.")}
    said = (
        f"{name} is {new}" if new.startswith("gone: ") else f"{name} is now {new}"
        for name, new in rows.items()
    )
    return "; ".join(said)


def tell(module: dict[str, Any]) -> None:
    """Let a module (its `globals()`) say where the names are that it lost (PEP 562).

    They raise ImportError, so that `from module import name` says it; other names are as before.
    """
    before = module.get("__getattr__")

    def get(name: str) -> Any:
        old = f"{module['__name__']}.{name}"
        if old in MOVED:
            raise ImportError(words(old), name=old)
        if before:
            return before(name)
        raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")

    module["__getattr__"] = get


def renamed(**old: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function say where its keywords are that it lost: names, and what to use instead."""

    def wrap(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **given: P.kwargs) -> T:
            for name in old.keys() & given.keys():
                raise TypeError(f"{function.__name__} has no {name!r} any more: {old[name]}")
            return function(*args, **given)

        return call

    return wrap


class StandIn(ModuleType):
    """What is left of a module: any use of it says where it is now."""

    def __getattr__(self, name: str) -> Any:
        if name == "__path__":  # what `from module import name` and `import module.part` ask for
            raise ImportError(words(self.__name__), name=self.__name__)
        if name.startswith("__"):
            raise AttributeError(name)
        old = f"{self.__name__}.{name}"
        raise AttributeError(words(old if old in MOVED else self.__name__))


def stand_in() -> None:
    """Put a stand-in in the place of each module that is no more."""
    for name in MODULES:
        sys.modules.setdefault(name, StandIn(name))
