"""A small project with the real theme, hook and settings, but lessons of the test's own."""

import os
import re
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

    def build(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Return the finished build; its output says what happened."""
        return self.run("-m", "vitexplain.site", "build", **environment)

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


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the tiny lesson, that builds."""
    for folder in ("src", "web", "overrides"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    docs = tmp_path / "docs"
    docs.mkdir()
    for folder in ("javascripts", "stylesheets"):
        (docs / folder).symlink_to(ROOT / "docs" / folder)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    settings = re.sub(r"(?m)^nav:\n(?:[ #-].*\n|\n)+", "nav:\n  - Lessons: []\n\n", settings)
    (tmp_path / "mkdocs.yml").write_text(settings, encoding="utf-8")
    (tmp_path / "explainers").mkdir()
    tiny = (FIXTURES / "tiny.py").read_text(encoding="utf-8")
    (tmp_path / "explainers" / "tiny.py").write_text(tiny, encoding="utf-8")
    return Project(tmp_path)
