"""What the front pages of the repository promise is there."""

import re
from pathlib import Path

import plotly.graph_objects as go
import pytest
import yaml

import vitexplain

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
