"""What a test asks of a lesson's page: its words, tables, figures and outputs."""

import json
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from builder.lesson import read_lesson
from builder.render import Rendered
from tests.lessons import ROOT


def words(page: Rendered) -> str:
    """Return the page with every kind of space as one."""
    return " ".join(page.markdown.split())


def prose(page: Rendered) -> str:
    """Return the page's own words: no code, no tables of figures, no fallback, spaces as one."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.markdown, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"<(figure|attention-explorer|live-\w+).*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(text.split())


def exercises(page: Rendered) -> str:
    """Return what stands under “Your turn”."""
    return words(page).split("## Your turn")[1]


def tables(page: Rendered) -> list[list[list[str]]]:
    """Return the Markdown tables of a page as cells, header first, without the rule."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", page.markdown.replace("\u00a0", " "), re.MULTILINE)
    cells = [[line.strip("| ").split(" | ") for line in part.splitlines()] for part in found]
    return [rows[:1] + rows[2:] for rows in cells]


def table(page: Rendered, *header: str) -> list[list[str]]:
    """Return the rows of the one table whose header has these cells."""
    [rows] = [rows for rows in tables(page) if set(header) <= set(rows[0])]
    return rows[1:]


def numbers(text: str) -> list[float]:
    """Return the numbers in a text, with either minus."""
    return [
        float(x.replace("−", "-")) for x in re.findall(r"[−-]?\d+(?:\.\d*)?(?:e[-+]\d+)?", text)
    ]


def result(page: Rendered, code: str) -> str:
    """Return what the one code cell that contains `code` shows."""
    cells = [c for c in page.notebook["cells"] if c["cell_type"] == "code" and code in c["source"]]
    [cell] = cells
    [output] = cell["outputs"]
    return output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"]


def assets(page: Rendered, kind: str) -> list[dict]:
    """Return the contents of the page's JSON files of a kind ("figures", "explorers"), in order."""
    paths = sorted(path for path in page.assets if path.startswith(f"assets/{kind}/"))
    return [json.loads(page.assets[path]) for path in paths if path.endswith(".json")]


def cells(name: str) -> list[NotebookNode]:
    """Return the cells of a lesson as they are written."""
    path = ROOT / "explainers" / f"{name}.py"
    return read_lesson(path.read_text(encoding="utf-8"), name=name).cells


def tagged(name: str, tag: str) -> Iterator[NotebookNode]:
    """Yield the cells of a lesson that have a tag."""
    return (cell for cell in cells(name) if tag in cell.metadata.get("tags", ()))
