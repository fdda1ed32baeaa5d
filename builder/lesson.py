"""A lesson is one percent-format script with a YAML header: read it into cells that know
their line."""

import re
from dataclasses import dataclass, field, fields
from typing import Any

import jupytext
import yaml
from nbformat import NotebookNode


class LessonError(Exception):
    """A lesson cannot become a page; the message names the lesson, the cell and the line."""


@dataclass(frozen=True)
class Meta:
    """What the header of a lesson says.

    `page` is where the page goes, `order` and `section` where the navigation lists it.
    `notebook` asks for the executed notebook, `extra` is that of the package which it needs.
    `hide` names sidebars to leave out. `can` says what a reader can do afterwards, `needs` names
    the lessons to read before; the map of the course shows both. `given` holds the numbers in its
    prose that nothing computes, each with the words around it and with where it comes from.
    """

    title: str
    description: str
    order: int | float = 0
    section: str = "Lessons"
    page: str = ""
    notebook: bool = False
    extra: str = "torch"
    nav_title: str = ""
    hide: list = field(default_factory=list)
    can: str = ""
    needs: list = field(default_factory=list)
    given: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """The header and the cells of one script; the content of `cells[i]` begins at `lines[i]`."""

    name: str
    meta: Meta
    cells: list[NotebookNode]
    lines: list[int]

    def at(self, cell: int, line: int = 0) -> str:
        """Return words that say where `line` (from 0) of cell number `cell` (from 0) is."""
        return f"{self.name}, cell {cell + 1} (line {self.lines[cell] + line})"


_HEADER = re.compile(r"\A(?:#!.*\n)?# ---\n(?P<yaml>(?:#.*\n)+?)# ---[ \t]*\n")
_KINDS: dict[str, Any] = {one.name: one.type for one in fields(Meta)}


def read_meta(source: str, *, name: str) -> Meta:
    """Return the header of a lesson; it costs no execution.

    Raises `LessonError` when the header is missing, or a key is missing, unknown or of the
    wrong type.
    """
    found = _HEADER.match(source)
    if found is None:
        raise LessonError(f"{name}: the file must begin with a YAML header between '# ---' lines")
    text = re.sub(r"^# ?", "", found["yaml"], flags=re.MULTILINE)
    try:
        header = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise LessonError(f"{name}: the header is not valid YAML: {error}") from error
    header.pop("jupyter", None)  # jupytext's own key, if an editor added it
    for key, value in header.items():
        if key not in _KINDS:
            raise LessonError(f"{name}: unknown key {key!r} in the header; known: {[*_KINDS]}")
        if not isinstance(value, _KINDS[key]):
            raise LessonError(f"{name}: {key!r} in the header has the wrong type: {value!r}")
    missing = [key for key in ("title", "description") if not header.get(key)]
    if missing:
        raise LessonError(f"{name}: the header lacks {' and '.join(missing)}")
    return Meta(**{"page": f"lessons/{name}.md", **header})


def read_lesson(source: str, *, name: str) -> Lesson:
    """Return the lesson in `source`, a percent-format script."""
    meta = read_meta(source, name=name)
    header = _HEADER.match(source)
    assert header is not None
    body = source[header.end() :].lstrip("\n")  # which would be a cell of its own
    cells: list[Any] = jupytext.reads(body, fmt="py:percent").cells
    if not cells:
        raise LessonError(f"{name}: the lesson has no cells")
    text = source.splitlines()
    first = source[: header.end()].count("\n")
    starts = [i + 1 for i in range(first, len(text)) if text[i].startswith("# %%")]
    starts = [first] * (len(cells) - len(starts)) + starts  # code above the first marker
    lines = [
        next((i for i in range(start, len(text)) if text[i].strip("# ")), start) + 1
        for start in starts
    ]
    return Lesson(name, meta, cells, lines)
