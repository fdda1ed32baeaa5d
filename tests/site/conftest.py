"""A small project with the real theme, hook and settings, but lessons of the test's own."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
HEADER = "# ---\n# title: {title}\n# description: Written by a test.\n# {more}\n# ---\n"


@dataclass
class Project:
    """A site to build: write lessons and pages, then `build()`."""

    root: Path

    def lesson(self, name: str, body: str, *, more: str = "order: 5") -> None:
        text = HEADER.format(title=f"The lesson {name}", more=more) + body
        (self.root / "explainers" / f"{name}.py").write_text(text, encoding="utf-8")

    def page(self, name: str, text: str) -> Path:
        """Write a page of docs/ and put it into the menu."""
        path = self.root / "docs" / name
        path.write_text(text, encoding="utf-8")
        if f"  - {name}" not in self.settings():
            self.change("- Lessons: []", f"- Lessons: []\n  - {name}")
        return path

    def settings(self) -> str:
        return (self.root / "mkdocs.yml").read_text(encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        """Write something else into the settings."""
        (self.root / "mkdocs.yml").write_text(self.settings().replace(old, new), encoding="utf-8")

    def built(self, address: str) -> str:
        """Return the text of a file of the built site."""
        return (self.root / "site" / address).read_text(encoding="utf-8")

    def build(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Return the finished build; its output says what happened."""
        return self.run("-m", "builder", "build", **environment)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Return what Python did with these arguments in the project's folder."""
        settings = {"SITE_URL": "http://localhost/vitexplain/", "VITEXPLAIN_ONLY": ""}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **settings, **environment},
            timeout=5 * PATIENCE,
            check=False,
        )


def new_project(root: Path) -> Project:
    """Return a project with the tiny lesson, that builds."""
    for folder in ("builder", "src", "web", "overrides"):
        (root / folder).symlink_to(ROOT / folder)
    (root / "docs").mkdir()
    for folder in ("javascripts", "stylesheets"):
        (root / "docs" / folder).symlink_to(ROOT / "docs" / folder)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    settings = re.sub(r"(?m)^nav:\n(?:[ #-].*\n|\n)+", "nav:\n  - Lessons: []\n\n", settings)
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    (root / "explainers").mkdir()
    shutil.copy(FIXTURES / "tiny.py", root / "explainers")
    return Project(root)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """The project as it is, built once for all that only read it, and what its build said."""
    project = new_project(tmp_path_factory.mktemp("tiny"))
    build = project.build()
    assert build.returncode == 0, build.stdout
    return project, build.stdout


@pytest.fixture
def project(tmp_path: Path, tiny: tuple[Project, str]) -> Project:
    """A project to change: the tiny lesson has run, and the browser's modules are bundled."""
    shutil.copytree(tiny[0].root / ".cache", tmp_path / ".cache")
    return new_project(tmp_path)
