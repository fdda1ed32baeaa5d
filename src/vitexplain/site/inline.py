"""Inline expressions: `{eval}` and a code span in prose becomes the value it has there."""

import re
from collections.abc import Callable

# Fences and ordinary code spans come first, so that prose can show the syntax itself.
_PATTERN = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)"
    r"|\{eval\}(?P<tick>`+)(?P<expression>.+?)(?P=tick)(?!`)"
    r"|(?P<span>`+).+?(?P=span)(?!`)",
    re.DOTALL | re.MULTILINE,
)


def expressions(text: str) -> list[str]:
    """Return the inline expressions in a piece of Markdown, in order."""
    return [m["expression"].strip() for m in _PATTERN.finditer(text) if m["expression"]]


def replace(text: str, value: Callable[[str], str]) -> str:
    """Return `text` with each inline expression replaced by `value(expression)`."""
    return _PATTERN.sub(lambda m: value(m["expression"].strip()) if m["expression"] else m[0], text)


def as_text(value: object) -> str:
    """Return what a value looks like in a sentence: its Markdown form, else its `str`.

    Raises `ValueError` for None: a sentence with a hole in it is a mistake.
    """
    if value is None:
        raise ValueError("the expression is None")
    markdown = getattr(value, "_repr_markdown_", None)
    return str(markdown() if callable(markdown) else value)
