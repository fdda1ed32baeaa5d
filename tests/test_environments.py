"""Each extra alone, in an environment of its own: what the pages say of it holds there.

`make environments` runs this. It installs a wheel of the package eight times, two environments at
a time, from pip's cache or the index.
"""

import json
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from builder.lesson import Meta, read_meta

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src/vitexplain/experiments/weights/photo-patches.safetensors"
FACE = ROOT / "docs/images/face.png"
RUN_A_GRAPH = "from vitexplain import export; export.about(export.graph('face-learned'))"
# What the pages tell a user of each extra to run; "-c" is Python code.
COMMANDS: dict[str, list[list[str]]] = {
    "": [],
    "torch": [["-c", "from vitexplain.experiments import weights; weights.load('photo-patches')"]],
    "cli": [
        ["vitexplain", "explain", f"{FACE}", "--model", f"{WEIGHTS}", "--out", "face.html"],
        ["vitexplain", "models", f"{WEIGHTS}"],
        ["vitexplain", "bench", "--help"],
    ],
    "hub": [["-c", "from vitexplain.checkpoints import hub; hub._client()"]],
    "export": [["-c", RUN_A_GRAPH], ["-m", "vitexplain.export", "sentence"]],
    "cli,export": [["vitexplain", "export-onnx", f"{WEIGHTS}", "--out", "photo.onnx"]],
    "cluster": [["-c", "from vitexplain.jobs import cluster; cluster._ray()"]],
    "experiments": [["-c", "from vitexplain.experiments.datasets import digits; digits()"]],
}
NAMES = """
import importlib, json, sys

def resolve(name):
    try:
        found = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        home, _, name = name.rpartition(".")
        return getattr(importlib.import_module(home), name)
    return [getattr(found, one) for one in getattr(found, "__all__", ())]

wrong = []
for name in json.load(sys.stdin):
    try:
        resolve(name)
    except Exception as error:
        wrong.append(f"{name}: {type(error).__name__}: {error}")
print("\\n".join(wrong))
"""


@dataclass(frozen=True)
class Environment:
    """Where the package is installed with just this extra, and an empty folder to work in."""

    extra: str
    folder: Path
    work: Path

    def run(self, *command: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        program = self.folder / "bin" / ("python" if command[0].startswith("-") else command[0])
        arguments = command if command[0].startswith("-") else command[1:]
        return subprocess.run(
            [program, *arguments], cwd=self.work, input=text, capture_output=True, text=True
        )

    def install(self, *what: str) -> None:
        pip = ["-m", "pip", "install", "-q", "--no-compile", "-c", str(ROOT / "constraints.txt")]
        done = self.run(*pip, *what)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    [made] = folder.glob("*.whl")
    return made


# Two at a time: each environment and its tests stay on one of pytest-xdist's workers.
EACH = [pytest.param(one, marks=pytest.mark.xdist_group(one or "none")) for one in COMMANDS]


@pytest.fixture(scope="module", params=EACH, ids=lambda extra: extra or "none")
def environment(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    made = Environment(request.param, folder, tmp_path_factory.mktemp("work"))
    made.install(f"{wheel}[{request.param}]" if request.param else str(wheel))
    yield made
    shutil.rmtree(folder)


def documented(extra: str) -> list[str]:
    """The modules and names of the API pages that need just this extra."""
    found = []
    for path in sorted((ROOT / "docs/api").glob("*.md")):
        page = path.read_text(encoding="utf-8")
        if yaml.safe_load(page.split("---")[1]).get("extra", "") == extra:
            found += re.findall(r"^::: (\S+)", page, flags=re.MULTILINE)
    return found


def notebooks(extra: str) -> list[str]:
    sources = {p.stem: p.read_text(encoding="utf-8") for p in (ROOT / "explainers").glob("*.py")}
    metas: dict[str, Meta] = {name: read_meta(text, name=name) for name, text in sources.items()}
    return [name for name, meta in metas.items() if meta.notebook and meta.extra == extra]


def test_documented_names_are_there(environment: Environment) -> None:
    names = documented(environment.extra)
    found = environment.run("-c", NAMES, text=json.dumps(names))
    assert (found.returncode, found.stdout.strip()) == (0, ""), found.stderr


def test_documented_commands_run(environment: Environment) -> None:
    for command in COMMANDS[environment.extra]:
        done = environment.run(*command)
        assert done.returncode == 0, f"{command}: {done.stderr}"


def test_downloaded_notebooks_run_as_their_first_code_says(environment: Environment) -> None:
    names = notebooks(environment.extra)
    if not names:
        return
    environment.install("ipykernel", "nbclient")  # as Jupyter brings them
    wrong = {}

    def execute(name: str) -> None:
        path = ROOT / "site/notebooks" / f"{name}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        first = next(cell["source"] for cell in cells if cell["cell_type"] == "code")
        assert f'"vitexplain[{environment.extra}] @ git+' in first
        done = environment.run("jupyter-execute", "--timeout=-1", str(path))
        if done.returncode:
            wrong[name] = done.stderr[-2000:]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(execute, names))
    assert wrong == {}
