"""Data flows one way: a module imports only from its left, and what it does not need stays out."""

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import vitexplain
from vitexplain import extras

PACKAGE = Path(vitexplain.__file__).parent
ORDER = [  # left to right; modules of one row may import each other
    {"arrays", "extras", "files", "moved", "writing"},
    {"exercises", "lazy", "pixels"},
    {"attention", "layers", "patches", "positions", "tokens", "faces", "windows"},
    {"convolution", "designed", "trace"},
    {"transformer", "vit"},
    {"reading", "images"},
    {"checkpoints", "capture"},
    {"compare"},
    {"experiments"},
    {"export"},
    {"facts"},
    {"explorer", "figures"},
    {"jobs", "report"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def dotted(path: Path) -> str:
    return ".".join((PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


MODULES = {dotted(path): path for path in [PACKAGE / "__init__.py", *FILES]}


def imported_by(path: Path) -> set[str]:
    """Modules of this package that a file imports, wherever in the file it does so."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else node.module for name in full}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return (names & set(MODULES)) - {dotted(path)}


def test_every_module_has_its_place():
    assert {module_of(path) for path in FILES} == set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_come_from_the_left(path):
    here = module_of(path)
    rooms = {name.split(".")[1] for name in imported_by(path) if "." in name}
    wrong = {room for room in rooms if RANK[room] > RANK[here]}
    assert not wrong, f"{path.name} imports {wrong} from its right"


def test_no_two_modules_import_each_other_even_by_a_detour():
    """Imports inside of functions and for type checkers count: who reads one meets the other."""
    arrows = {name: imported_by(path) for name, path in MODULES.items()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(" ← ".join(error.args[1]))


def test_the_package_knows_nothing_of_what_is_in_no_wheel():
    """The studies make its results; the builder makes pages of it."""
    for path in FILES:
        text = path.read_text("utf-8")
        assert not re.search(r"^\s*(import|from) (studies|builder)\b", text, re.MULTILINE)


BUILDERS = {"mkdocs", "properdocs", "material", "mkdocs_jupyter", "mkdocstrings", "markdown"}


def test_the_package_does_not_know_how_pages_are_built():
    """So that another builder changes one folder, `builder`."""
    users = {
        module_of(path): node.lineno
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
        if name.split(".")[0] in BUILDERS
    }
    assert users == {}


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import vitexplain", {"torch", "plotly", "numpy", "jaxtyping"}),
        ("import vitexplain.vit, vitexplain.reading, vitexplain.designed", {"torch", "plotly"}),
        ("import vitexplain.figures", {"torch"}),
        ("import vitexplain; vitexplain.attention.attend", {"torch", "plotly"}),
    ],
)
def test_what_is_not_needed_is_not_loaded(statement, absent):
    code = f"{statement}\nimport sys; print(*sorted({absent!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


def test_without_torch_the_walk_runs_and_the_module_names_the_extra():
    code = """
import sys
sys.modules["torch"] = None  # what `import torch` meets where torch is not installed
import numpy as np
from vitexplain.vit import ViTConfig, init_params, walk
config = ViTConfig(image_size=8, patch=4, dim=8, depth=1, heads=2, mlp_dim=8, classes=3)
*_, last = walk(init_params(config), np.ones((3, 8, 8), np.float32), config)
print(last.logits.shape)
try:
    from vitexplain.vit import ViT
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    shape, error = result.stdout.strip().split("\n")
    assert shape == "(3,)"
    assert extras.install("torch") in error


def test_a_wrong_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'atention'"):
        _ = vitexplain.atention
    assert "attention" in dir(vitexplain)
