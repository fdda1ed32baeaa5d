"""Run the cells of a lesson in a fresh kernel, inline expressions at their own place."""

import ast
import asyncio
import os
import re
import warnings
from collections.abc import Mapping
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from builder import inline, slips
from builder.lesson import Lesson, LessonError
from builder.parser import parse

CELL_SECONDS = 300
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_AS_TEXT = "__import__('builder.inline', fromlist=['as_text']).as_text"


def run(lesson: Lesson, *, environment: Mapping[str, str] | None = None) -> NotebookNode:
    """Return the executed notebook of a lesson; its Markdown has the values in place.

    Raises `LessonError` for a failing cell or expression, with the place and the traceback.
    """
    return asyncio.run(_run(lesson, environment or {}))


async def _run(lesson: Lesson, environment: Mapping[str, str]) -> NotebookNode:
    notebook = new_notebook(
        cells=lesson.cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "title": lesson.meta.title,
        },
    )
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=40"],  # else it warns about loopback TCP
    )
    # One thread a kernel: two lessons run side by side, and more threads only get in each
    # other's way. Plotly's default under a kernel is chosen by guesswork, so it is set; explorers
    # give the page their data, and not a document of their own.
    settings = {
        "PLOTLY_RENDERER": "plotly_mimetype",
        "VITEXPLAIN_RENDERER": "data",
        "OMP_NUM_THREADS": "1",
    }
    async with client.async_setup_kernel(env={**os.environ, **settings, **environment}):
        for index, cell in _in_order(notebook.cells):
            if cell.cell_type == "code":
                await _run_code(client, lesson, index, cell)
            elif cell.cell_type == "markdown":
                await _run_prose(client, lesson, index, cell)
    return notebook


def _in_order(cells: list[NotebookNode]) -> list[tuple[int, NotebookNode]]:
    """Return the cells with their numbers, the first code before the introduction above it.

    A lesson begins with words; what they say is computed as soon as its imports are there.
    """
    numbered = list(enumerate(cells))
    first = next((i for i, cell in numbered if cell.cell_type == "code"), 0)
    return [numbered[first], *numbered[:first], *numbered[first + 1 :]]


async def _run_code(client: NotebookClient, lesson: Lesson, index: int, cell: Any) -> None:
    try:
        await client.async_execute_cell(cell, index)
    except CellExecutionError as error:
        raise _failed(lesson, index, error) from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise LessonError(f"{lesson.at(index)}: {error}") from error
    for key in ("execution", "ExecuteTime"):  # time stamps: the same run gives the same bytes
        cell.metadata.pop(key, None)


def _failed(lesson: Lesson, index: int, error: CellExecutionError) -> LessonError:
    """Return the error with its line, and the frames that are ours: not those of packages."""
    trace = _ANSI.sub("", error.traceback)
    frames = re.split(r"\n(?=Cell In|File )", trace)[1:]
    ours = [frame.rstrip() for frame in frames if "site-packages" not in frame.split("\n")[0]]
    if len(ours) < len(frames):
        ours.append("(frames inside installed packages are left out)")
    found = re.search(r"Cell In\[\d+\], line (\d+)", trace)
    place = lesson.at(index, int(found[1]) - 1 if found else 0)
    what = f"{error.ename}: {error.evalue.strip()}"
    return LessonError("\n\n".join([f"{place} fails: {what}", *ours]))


async def _run_prose(client: NotebookClient, lesson: Lesson, index: int, cell: Any) -> None:
    wanted = list(dict.fromkeys(inline.expressions(cell.source)))
    if not wanted:
        return
    for expression in wanted:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SyntaxWarning)
                parse(f"({expression})", mode="eval")
        except (SyntaxError, SyntaxWarning) as error:
            raise _wrong(lesson, index, cell, expression, f"SyntaxError: {error}") from error
    kernel: Any = client.kc
    reply = await kernel.execute_interactive(
        "",
        store_history=False,
        allow_stdin=False,
        user_expressions={text: f"{_AS_TEXT}(({text}))" for text in wanted},
        timeout=CELL_SECONDS,
        output_hook=lambda message: None,
    )
    answers = reply["content"]["user_expressions"]
    values = {}
    for expression in wanted:
        answer = answers[expression]
        if answer["status"] != "ok":
            why = f"{answer['ename']}: {answer['evalue']}"
            raise _wrong(lesson, index, cell, expression, why)
        values[expression] = ast.literal_eval(parse(answer["data"]["text/plain"], mode="eval"))
    for line, why in slips.becomes(cell.source, values.__getitem__):
        raise LessonError(f"{lesson.at(index, line)}: {why}")
    cell.source = inline.replace(cell.source, values.__getitem__)


def _wrong(lesson: Lesson, index: int, cell: Any, expression: str, why: str) -> LessonError:
    above = cell.source[: cell.source.find(expression)].count("\n")
    place = lesson.at(index, above)
    return LessonError(f"{place}: the inline expression {{eval}}`{expression}` fails: {why}")
