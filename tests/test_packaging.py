"""What is published and with what it is installed: the wheel, the lock, the hooks' versions."""

import os
import re
import subprocess
import tomllib
import venv
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_readme import ROOT, blocks, read

PROJECT = tomllib.loads(read("pyproject.toml"))
LOCKED = re.findall(
    r"^(\S+)==([^\s;]+).*\\\n((?:    --hash=\S+(?: \\)?\n)+)", read("requirements.lock"), re.M
)


def pinned() -> dict[str, set[tuple[str, str]]]:
    """Name → its (version, marker) in constraints.txt."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in read("constraints.txt").splitlines():
        if line.partition("#")[0].strip():
            requirement = Requirement(line.partition("#")[0])
            [clause] = requirement.specifier
            assert clause.operator == "==", line
            found[canonicalize_name(requirement.name)].add(
                (clause.version, str(requirement.marker))
            )
    return found


def test_lock_and_constraints_agree():
    locked = defaultdict(set)
    for name, version, _ in LOCKED:
        locked[canonicalize_name(name)].add(version)
    pins = {name: {version for version, _ in found} for name, found in pinned().items()}
    both = pins.keys() & locked.keys()
    assert len(both) > 140
    assert {name: pins[name] for name in both} == {name: locked[name] for name in both}


def test_lock_holds_all_that_the_project_asks_for():
    names = {canonicalize_name(name) for name, _, _ in LOCKED}
    extras = PROJECT["project"]["optional-dependencies"].values()
    asked = [Requirement(line) for extra in extras for line in extra]
    asked += [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    missing = {r.name for r in asked if canonicalize_name(r.name) not in names}
    assert missing == {"vitexplain"}, "`make lock`"


def test_every_locked_file_has_a_hash_and_no_address():
    text = read("requirements.lock")
    assert len(LOCKED) == len(re.findall(r"^[^\s#].*==", text, flags=re.M))
    for name, _, hashes in LOCKED:
        found = re.findall(r"--hash=sha256:([0-9a-f]{64})(?: |\n)", hashes)
        assert found, name
        assert len(found) == hashes.count("--hash"), name
    assert "://" not in text


def test_the_group_of_linters_is_the_extra():
    assert (
        PROJECT["dependency-groups"]["lint"] == PROJECT["project"]["optional-dependencies"]["lint"]
    )


def test_hooks_have_the_versions_of_the_linters():
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    versions = {hook["repo"].rsplit("/")[-1]: hook.get("rev") for hook in hooks}
    for tool, repository in (
        ("ruff", "ruff-pre-commit"),
        ("codespell", "codespell"),
        ("zizmor", "zizmor-pre-commit"),
    ):
        [(version, _)] = pinned()[tool]
        assert versions[repository] == f"v{version}"


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """An environment with nothing in it."""
    place = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(place, with_pip=True)
    return place / "bin" / "python"


@pytest.fixture(scope="module")
def wheel(python, tmp_path_factory) -> Path:
    """The wheel that VITEXPLAIN_WHEEL names, or one that is built here."""
    if given := os.environ.get("VITEXPLAIN_WHEEL"):
        return Path(given).resolve()
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run([python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", place, ROOT], check=True)
    [wheel] = place.iterdir()
    return wheel


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_both_licences(wheel):
    source = ROOT / "src"
    files = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    left_out = re.compile(r"__pycache__|export/graphs/photo-.*\.onnx$")  # the latter are large
    files = {name for name in files if not left_out.search(name)}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    assert "vitexplain/py.typed" in files
    assert {name for name in names if ".dist-info/" not in name} == files
    licences = {name.split("/licenses/")[1] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-CONTENT.md"}
    assert wheel.stat().st_size <= 5e6


@pytest.mark.slow
def test_the_wheel_runs_the_readme_s_snippet_where_nothing_else_is(python, wheel, tmp_path):
    constraints = ROOT / "constraints.txt"
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", constraints, wheel], check=True)
    [snippet] = blocks(read("README.md"), "python")
    *lines, last = [line for line in snippet.splitlines() if line]
    code = "\n".join([*lines, f"figure = {last}", "import sys", "print(type(figure).__name__)"])
    code += "\nprint('torch' in sys.modules)"
    run = subprocess.run(
        [python, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["Figure", "False"]
