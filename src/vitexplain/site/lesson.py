"""A lesson is one percent-format script with a YAML header: read it into cells that know
their line."""

import re
from dataclasses import dataclass
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
    `notebook` asks for the executed notebook. `hide` names sidebars to leave out.
    """

    title: str
    description: str
    order: float = 0
    section: str = "Lessons"
    page: str = ""
    notebook: bool = False
    nav_title: str = ""
    hide: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """The header and the cells of one script; `lines[i]` is the line where `cells[i]` begins."""

    name: str
    meta: Meta
    cells: list[NotebookNode]
    lines: list[int]
    marked: tuple[bool, ...] = ()

    def at(self, cell: int, line: int | None = None) -> str:
        """Return words that say where cell number `cell` (from 0) is."""
        return f"{self.name}, cell {cell + 1} (line {line or self.lines[cell]})"

    def first_line(self, cell: int) -> int:
        """Return the line of the first line of a cell's content: below its marker, if any."""
        return self.lines[cell] + (self.marked[cell] if self.marked else 1)


_HEADER = re.compile(r"\A(?:#!.*\n)?# ---\n(?P<yaml>(?:#.*\n)+?)# ---[ \t]*\n")
_TYPES: dict[str, tuple[type, ...]] = {
    "title": (str,),
    "description": (str,),
    "order": (int, float),
    "section": (str,),
    "page": (str,),
    "notebook": (bool,),
    "nav_title": (str,),
    "hide": (list,),
}


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
        if key not in _TYPES:
            raise LessonError(f"{name}: unknown key {key!r} in the header; known: {[*_TYPES]}")
        if not isinstance(value, _TYPES[key]):
            raise LessonError(f"{name}: {key!r} in the header has the wrong type: {value!r}")
    missing = [key for key in ("title", "description") if not header.get(key)]
    if missing:
        raise LessonError(f"{name}: the header lacks {' and '.join(missing)}")
    header["hide"] = tuple(header.get("hide", ()))
    header["page"] = header.get("page") or f"lessons/{name}.md"
    return Meta(**header)


def read_lesson(source: str, *, name: str) -> Lesson:
    """Return the lesson in `source`, a percent-format script."""
    meta = read_meta(source, name=name)
    header = _HEADER.match(source)
    assert header is not None
    body = source[header.end() :]
    cells: list[Any] = jupytext.reads(body, fmt="py:percent").cells
    before = source[: header.end()].count("\n")
    markers = [
        before + number
        for number, line in enumerate(body.splitlines(), start=1)
        if re.match(r"# %%", line)
    ]
    unmarked = len(cells) - len(markers)  # code above the first marker is a cell of its own
    lines = [before + 1] * unmarked + markers
    if not cells:
        raise LessonError(f"{name}: the lesson has no cells")
    marked = tuple(index >= unmarked for index in range(len(cells)))
    return Lesson(name, meta, cells, lines, marked)
