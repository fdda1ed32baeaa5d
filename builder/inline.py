"""Inline expressions: `{eval}` and a code span in prose becomes the value it has there."""

import re
from collections.abc import Callable

_CODE = r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)|(?P<span>`+).+?(?P=span)(?!`)"


def outside_code(pattern: str) -> re.Pattern[str]:
    """Return a pattern that finds fences and code spans, too; its group `found` is in no code."""
    return re.compile(f"{pattern}|{_CODE}", re.DOTALL | re.MULTILINE)


_PATTERN = outside_code(r"\{eval\}(?P<tick>`+)(?P<found>.+?)(?P=tick)(?!`)")


def expressions(text: str) -> list[str]:
    """Return the inline expressions in a piece of Markdown, in order."""
    return [m["found"].strip() for m in _PATTERN.finditer(text) if m["found"]]


def replace(text: str, value: Callable[[str], str]) -> str:
    """Return `text` with each inline expression replaced by `value(expression)`."""
    return _PATTERN.sub(lambda m: value(m["found"].strip()) if m["found"] else m[0], text)


def as_text(value: object) -> str:
    """Return what a value looks like in a sentence: its Markdown form, else its `str`.

    Raises `ValueError` for None: a sentence with a hole in it is a mistake.
    """
    if value is None:
        raise ValueError("the expression is None")
    markdown = getattr(value, "_repr_markdown_", None)
    return str(markdown() if callable(markdown) else value)
