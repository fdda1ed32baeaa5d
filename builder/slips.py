"""What Markdown says by accident: checked where it is written, so that the line can be named."""

import re
from collections.abc import Callable, Iterator

import yaml
from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from builder import inline

_NUMBER = re.compile(r"\s*(\d+)[.)]\s")
_ITEM = re.compile(r"\s*(?:\d+[.)]|[-*+])\s")
# What begins a heading, a quotation, a rule, a fence, a definition or a bulleted item.
_BLOCK = re.compile(r" {0,3}#|\s*(?:>|[-*+]\s|[-=]+\s*$|`{3}|~{3}|: |!!! |\?\?\?)")
_FENCE = re.compile(r"\s*(?:#\s)?(`{3,}|~{3,})(.*)")
_LANGUAGE = re.compile(r"\s*(?:\{\s*\.)?([\w+#-]+)")
_FRONT = re.compile(r"\A---\n(?P<yaml>.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)


def front_matter(text: str) -> str | None:
    """Return what is wrong with the front matter of a page, or None: MkDocs would print it."""
    if not text.startswith("---"):
        return None
    found = _FRONT.match(text)
    if found is None:
        return "line 1: the front matter does not end: close it with a line ---"
    try:
        head = yaml.safe_load(found["yaml"])
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return f"line {line}: the front matter is not valid YAML ({error.problem}): quote the value"
    for key in ("title", "description"):
        value = head.get(key) if isinstance(head, dict) else None
        if not isinstance(value, str) or not value.strip():
            return f"line 1: the front matter must have a {key} in words, got {value!r}"
    return None


def page_faults(text: str) -> list[str]:
    """Return what is wrong with a page that is not a lesson, each with its line (from 1)."""
    wrong = [f"line {line + 1}: {why}" for line, why in faults(_FRONT.sub(_blank, text))]
    head = front_matter(text)
    return [head, *wrong] if head else wrong


def _blank(front: re.Match[str]) -> str:
    return "\n" * front[0].count("\n")


def faults(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line (from 0) and the fault of what no reader should meet on the page.

    A number at the beginning of a line that makes an item of a list which does not count up to
    it, and a fence in a language that nothing renders.
    """
    lines = text.split("\n")
    last: dict[int, int] = {}
    for index, line in _prose(lines):
        if line.lstrip().startswith(("```", "~~~")):
            if why := _unknown(line):
                yield index, why
        elif (found := _NUMBER.match(line)) and _is_item(lines, index):
            number, indent = int(found[1]), len(line) - len(line.lstrip())
            if number > 1 and last.get(indent) not in (number - 1, number):
                yield index, _wrap(line, "becomes an item of a list")
            last = {k: v for k, v in last.items() if k < indent} | {indent: number}
        elif line.startswith("#"):
            last = {}


def becomes(text: str, value: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault where the values of inline expressions make a block.

    A value that fills several lines is a block on purpose.
    """

    def hole(expression: str) -> str:
        shown = value(expression)
        return shown if "\n" in shown else "x"

    before = inline.replace(text, hole).split("\n")
    after = inline.replace(text, value).split("\n")
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if _BLOCK.match(new) and not _BLOCK.match(old):
            yield index, _wrap(new, "becomes a block of its own")
        elif _NUMBER.match(new) and not _NUMBER.match(old) and _is_item(after, index):
            yield index, _wrap(new, "becomes an item of a list")


def _wrap(line: str, what: str) -> str:
    shown = line.strip()
    shown = shown if len(shown) <= 40 else shown[:40] + "…"
    return f"the line “{shown}” {what}: let another word begin the line"


def _is_item(lines: list[str], index: int) -> bool:
    """Return whether a line that begins with a number is an item, for one reader or another."""
    if index == 0 or not lines[index - 1].strip() or re.match(r"\s*1[.)]", lines[index]):
        return True
    while index and lines[index - 1].strip():
        index -= 1
        if _ITEM.match(lines[index]):
            return True
    return False


def _prose(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines outside fences, and those that open a fence."""
    fence = ""
    for index, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            continue
        if found:
            fence = found[1]
        yield index, line


def _unknown(line: str) -> str | None:
    found = _LANGUAGE.match(line.lstrip().lstrip("`~"))
    if found is None:
        return None
    try:
        find_lexer_class_by_name(found[1])
    except ClassNotFound:
        return (
            f"nothing renders a fence of {found[1]!r}: use a language that Pygments knows, or text"
        )
    return None
