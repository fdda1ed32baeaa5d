"""Every name that moved says where it is now, however it is asked for."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from vitexplain import moved
from vitexplain.moved import MODULES, MOVED, NAMES

CHANGES = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")


def there(name: str) -> bool:
    """Whether a dotted name is a module of the package, or a name that one of them gives."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        home = ".".join(parts[:cut])
        if home in MODULES:
            return False
        try:
            found = import_module(home)
        except ImportError:  # a name is no module
            continue
        try:
            for part in parts[cut:]:
                found = getattr(found, part)
        except (AttributeError, ImportError):
            return False
        return True
    return False


@pytest.mark.parametrize("old", MOVED)
def test_what_moved_is_not_where_it_was_and_is_where_it_is_said_to_be(old):
    assert not there(old)
    for new in re.findall(r"\b(?:vitexplain|studies|builder)(?:\.\w+)+", MOVED[old]):
        assert there(new), f"{old} is said to be {new}"


@pytest.mark.parametrize("old", NAMES)
def test_an_old_name_is_an_error_that_names_the_new_place(old):
    module, _, name = old.rpartition(".")
    with pytest.raises(ImportError) as caught:
        exec(f"from {module} import {name}")
    assert f"{old} is " in str(caught.value)
    assert MOVED[old] in str(caught.value)


@pytest.mark.parametrize("old", MODULES)
def test_an_old_module_is_an_error_that_names_the_new_place(old):
    for statement in (f"from {old} import anything", f"import {old}.anything"):
        with pytest.raises(ImportError) as caught:
            exec(statement)
        assert MOVED[old] in str(caught.value)
    with pytest.raises(AttributeError) as told:
        _ = import_module(old).anything
    assert MOVED[old] in str(told.value)


@pytest.mark.parametrize("old", MOVED)
def test_the_changelog_lists_it(old):
    assert re.search(rf"^  - `{re.escape(old)}` → ", CHANGES, re.MULTILINE)


def test_other_names_stay_attribute_errors():
    room: dict[str, Any] = {"__name__": "vitexplain.attention"}
    moved.tell(room)
    with pytest.raises(AttributeError, match="no attribute 'atention'"):
        room["__getattr__"]("atention")
    room["__getattr__"] = str.upper  # its own
    moved.tell(room)
    assert room["__getattr__"]("atention") == "ATENTION"
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'vitexplain\.atention'"):
        import_module("vitexplain.atention")


def test_the_stand_ins_are_in_nobodys_way():
    """Who walks through all modules, as pickle does, meets nothing but attribute errors."""
    code = """
import inspect, sys, vitexplain
for module in list(sys.modules.values()):
    for name in ("anything", "__file__", "__warningregistry__"):
        assert not hasattr(module, name) or name.startswith("__")
inspect.getmodule(compile("", "x", "exec"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
