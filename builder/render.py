"""Run a lesson once and write it down three ways: a page, its data files, a notebook."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

from nbformat import NotebookNode

from builder import slips, typed
from builder.execute import run
from builder.lesson import Lesson, LessonError, Meta, read_lesson
from builder.shown import OutputError, Outputs, code_block


@dataclass(frozen=True)
class Rendered:
    """What one run of a lesson gives.

    `markdown` is the page; it asks for the files in `assets` (path to bytes). `notebook` is the
    executed notebook (nbformat 4). `messages` is what the run wrote to standard error.
    """

    markdown: str
    assets: dict[str, bytes]
    notebook: dict[str, Any]
    meta: Meta
    messages: str = field(default="", compare=False)


def render(source: str, *, name: str) -> Rendered:
    """Return the page, files and notebook of the lesson in `source`, executed in a fresh kernel.

    Raises `LessonError` for a wrong header, a typed number, a failing cell, a wrong inline
    expression, or an output that has no place on a page; the message names the lesson, the cell
    and the line.
    """
    lesson = read_lesson(source, name=name)
    for fault in typed.faults(lesson):
        raise LessonError(fault)
    notebook = run(lesson)
    outputs = Outputs(name)
    cells = [_shown(lesson, index, cell, outputs) for index, cell in enumerate(notebook.cells)]
    markdown = _joined(cells) + "\n"
    messages = "".join(
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream" and output["name"] == "stderr"
    )
    _tidy(notebook)
    plain = json.loads(json.dumps(notebook))
    return Rendered(markdown, outputs.assets, plain, lesson.meta, messages)


def _shown(lesson: Lesson, index: int, cell: Any, outputs: Outputs) -> str:
    """Return the Markdown of a cell on the lesson's page."""
    if cell.cell_type == "markdown":
        for line, why in slips.faults(cell.source):
            raise LessonError(f"{lesson.at(index, line)}: {why}")
        return cell.source
    if cell.cell_type != "code":
        raise LessonError(f"{lesson.at(index)}: a cell is code or [markdown]")
    tags = cell.metadata.get("tags", [])
    try:
        shown = [outputs.markdown(output) for output in cell.outputs]
    except (OutputError, ValueError) as error:
        raise LessonError(f"{lesson.at(index)}: {error}") from error
    if "figure" in tags and not any("<plotly-figure" in part for part in shown):
        raise LessonError(f"{lesson.at(index)}: the cell is tagged 'figure' but shows none")
    code = ""
    if cell.source.strip() and "remove-code" not in tags:  # all of it is in the download
        code = code_block(cell.source, "python")
        if "hide-code" in tags:
            code = f'??? code "Code"\n{indent(code, "    ")}'
    return _joined([code, *shown])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _tidy(notebook: NotebookNode) -> None:
    """Leave in the notebook what a reader opens it for."""
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index + 1}"
        tags = cell.metadata.get("tags", [])
        if "hide-code" in tags or "remove-code" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}
        for output in cell.get("outputs", ()):
            output.get("data", {}).get("application/vnd.plotly.v1+json", {}).get("layout", {}).pop(
                "template", None
            )
        if cell.cell_type == "code":
            cell.outputs = [
                output
                for output in cell.outputs
                if not (output["output_type"] == "stream" and output["name"] == "stderr")
            ]
