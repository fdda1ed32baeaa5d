"""Packages whose names are loaded on first use, so that importing one loads no heavy library."""

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any

from vitexplain.extras import needed
from vitexplain.moved import MOVED, words


def lazy(
    package: str,
    homes: Mapping[str, str] | None = None,
    *,
    modules: Collection[str] = (),
    extra: str = "torch",
    libraries: Collection[str] = ("torch",),
    note: str = "",
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package (PEP 562).

    Args:
        package: its `__name__`.
        homes: each name to give, and the module of the package where it lives.
        modules: the modules that are given themselves.
        extra: what to install where one of the `libraries` is missing; `note` ends that message.
    """
    homes = homes or {}

    def get(name: str) -> Any:
        if name in modules:
            return import_module(f"{package}.{name}")
        if (old := f"{package}.{name}") in MOVED:
            raise ImportError(words(old), name=old)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with needed(f"{package}.{name}", extra, libraries, note=note):
            return getattr(import_module(f"{package}.{homes[name]}"), name)

    def names() -> list[str]:
        here = getattr(sys.modules[package], "__all__", ())
        return sorted({*modules, *homes, *here})

    return get, names
