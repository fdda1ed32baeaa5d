"""What the front pages of the repository promise is there."""

import re
import tomllib
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
import yaml
from PIL import Image

import vitexplain
from vitexplain.figures import patch_grid

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE-CONTENT.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_command_is_in_the_makefile(name):
    targets = set(re.findall(r"^(\w+):", read("Makefile"), flags=re.MULTILINE))
    lines = [line for block in blocks(read(name), "sh") for line in block.splitlines()]
    wanted = {t for line in lines for t in line.partition("#")[0].split()[1:]}
    assert lines
    assert all(line.startswith("make ") for line in lines)
    assert wanted <= targets


WRITTEN = [*PAGES, *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]
WRITTEN += [str(p.relative_to(ROOT)) for p in (ROOT / "explainers").glob("*.py")]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_to_be_installed_can_be(name):
    """Not by the name alone: it is on no index yet, and anybody could take it."""
    here = re.compile(
        r"vitexplain\[[a-z,]+\] @ git\+https://github\.com/vitexplain/vitexplain|\.\[[a-z,]+\]"
    )
    known = set(tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"])
    for asked in re.findall(r"pip install (?:-\w+ )*[\"']([^\"'\n]+)", read(name)):
        assert here.fullmatch(asked), asked
        extras = re.search(r"\[(.*?)\]", asked)
        assert extras
        assert set(extras[1].split(",")) <= known


def test_the_lecture_s_photograph_can_be_cut_into_patches(tmp_path, monkeypatch):
    text = re.sub(r"^# ?", "", read("explainers/lecture.py"), flags=re.MULTILINE)
    [snippet] = [block for block in blocks(text, "python") if "load_image" in block]
    Image.new("RGB", (300, 251), "teal").save(tmp_path / "mine.jpg")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    exec(snippet, scope)
    assert scope["image"].shape == (224, 224, 3)
    figure = patch_grid(scope["image"], grid=(8, 8))
    assert isinstance(figure, go.Figure)


def test_readme_s_snippet_runs():
    [snippet] = blocks(read("README.md"), "python")
    code = [line for line in snippet.splitlines() if line]
    assert len(code) <= 6
    scope = {}
    exec("\n".join([*code[:-1], f"figure = {code[-1]}"]), scope)
    assert isinstance(scope["figure"], go.Figure)
    assert "3.7631" in scope["figure"].to_dict()["layout"]["meta"]["alt"]


def test_readme_s_layout_is_that_of_the_repository():
    layout = read("README.md").split("## Layout\n\n```\n")[1].split("```")[0]
    assert len(layout.splitlines()) >= 10
    for line in layout.splitlines():
        folder = ROOT / "src/vitexplain" if line.startswith("  ") else ROOT
        for name in re.split(r" {3,}", line.strip())[0].split():
            assert (folder / name).exists(), name


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files(name):
    links = re.findall(r"\]\(([^)]+)\)", read(name))
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_citation_is_valid_and_of_this_version():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # what the format asks
    assert citation["cff-version"] == "1.2.0"
    assert all({"name"} <= set(author) for author in citation["authors"])
    assert str(citation["version"]) == vitexplain.__version__
    assert f"\n## {vitexplain.__version__}\n" in read("CHANGELOG.md")
