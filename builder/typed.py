"""Numbers that somebody typed: a result is computed where it stands, or given with its source.

A number in prose is *typed* unless an expression or a slot puts it there, or it is no result at
all: part of a name (ViT-B/16), a size (4 × 4), a year, the number of a table, a section or an
item, a power of ten, a factor of a formula (6*D*), or one of the limits 0 and 1. Any other number
must be *given*: a lesson lists it in its header, a file of facts in its table `given`, with the
words around it and with where it comes from.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from builder.lesson import Lesson
from builder.parser import parse

GIVEN = {
    "95%": "the level of every interval on this site",
    "95 % confidence": "the same",
    "0 and 100": "the limits of a percentage",
    "224 pixels": "the side of ImageNet's images, as the models take them",
    "224 px": "the same",
    "CC BY 4.0": "the name of a licence",
}
"""What every page may say."""

CAPTIONS = {"about", "alt", "caption", "group", "label", "note", "text", "title", "x", "y"}
"""Keywords of functions whose strings are read by the reader of a page."""

# Marks of Markdown and HTML that are not read as words, and what stands for them.
_MARKS = {
    r"^(`{3,}|~{3,}).*?^\1": "",
    r"\{eval\}(`+).+?\1(?!`)": "…",
    r"(`+).+?\1(?!`)": "…",
    r"\$\$(?:(?!\d\.\d|\$).)+\$\$|\$(?:(?!\d\.\d)[^$\n])+\$": "…",  # a decimal is no symbol
    r"\]\([^)\s]*\)": "]",
    r"(?<=\d)<sup>.*?</sup>": "⁰",
    r"<su[bp]>.*?</su[bp]>|<[^>]+>": "",
}
_ALONE = r"(?<![\d.,])"  # not the end of a longer number
_SIZE = _ALONE + r"\d+(?:\s?[×x·/]\s?\d+)+(?![.,]?\d)"  # 4 × 4, and what is multiplied out
_NO_RESULT = {
    "a name": r"\b[^\W\d_]+[\w.]*(?:[-/+.]?\w+)*?[-/]?\d\w*(?:[-/+]\w+)*",
    "axes": r"\b\d-D\b",
    "a year": _ALONE + r"(?:1[89]\d|20[0-3])\d(?![\d%]|[.,]\d)",
    "a place in a work, an item of a page": (
        r"\b(?i:sections?|tables?|figures?|equations?|appendix|version|tests?|faults?|steps?)\s+"
        r"[(A-Z.]*\d[\d.]*\)?(?:(?:,| and| to)\s+\d[\d.]*)*"
    ),
    "an item of a list": r"^\s*(?:#+\s+|[-*]\s+)?(?:\*\*)?\d+\.(?=\s|\*)",
    "a power": _ALONE + r"\d+(?=[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])",
    "a root": r"√\d+",
    "a factor": _ALONE + r"\d+(?=\*\w+\*)",
    "a limit": _ALONE + r"[01](?![.,]?\d)(?!\s?%)",
}
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")


def typed(text: str, given: Mapping[str, str] = GIVEN) -> Iterator[tuple[int, str]]:
    """Yield the line (from 0) and the words around each number that is typed and not given."""
    for mark, instead in _MARKS.items():
        text = _hidden(mark, text, instead)
    text = _hidden(_SIZE, text)
    for words in given:
        text = _hidden(_phrase(words), text)
    for pattern in _NO_RESULT.values():
        text = _hidden(pattern, text)
    for found in _NUMBER.finditer(text):
        around = text[max(0, found.start() - 30) : found.end() + 20]
        yield text.count("\n", 0, found.start()), " ".join(around.split())


def _phrase(words: str) -> str:
    return r"(?<![\w.])" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w|[.,]\d)"


def _hidden(pattern: str, text: str, instead: str = "…") -> str:
    """Return the text with a sign for what the pattern finds; its lines keep their numbers."""
    flags = re.DOTALL | re.MULTILINE
    return re.sub(pattern, lambda found: instead + "\n" * found[0].count("\n"), text, flags=flags)


def faults(lesson: Lesson) -> Iterator[str]:
    """Yield a line for each number of a lesson that is typed, and for what it gives in vain."""
    given = {**GIVEN, **lesson.meta.given}
    texts = []
    for index, cell in enumerate(lesson.cells):
        code = cell.cell_type == "code"
        parts = list(_shown(cell.source)) if code else [(0, cell.source)]
        texts += [text for _, text in parts]
        for line, text in parts:
            for below, around in typed(text, given):
                yield f"{lesson.at(index, line + below)}: {_REMEDY.format(around)}"
    for words in lesson.meta.given:
        if not any(re.search(_phrase(words), text) for text in texts):
            yield f"{lesson.name}: the header gives {words!r}, which stands nowhere"


_REMEDY = (
    "the number in “{}” is typed: compute it with {{eval}}, or list it in the header under "
    "given, with where it comes from"
)


def faults_of_facts() -> Iterator[str]:
    """Yield a line for each number that the words of `vitexplain.facts` have without a slot."""
    from vitexplain.facts.statements import VERDICTS, given, told

    for where in VERDICTS:
        known = {**GIVEN, **given(where)}
        parts = [
            words
            for one in told(where)
            for words in (one.says, one.right, one.why, *(line.says for line in one.evidence))
        ]
        for words in parts:
            for _, around in typed(words.typed, known):
                yield f"{where}.toml: the number in “{around}” is typed: name a slot, or give it"
        for phrase in given(where):
            if not any(re.search(_phrase(phrase), words.typed) for words in parts):
                yield f"{where}.toml: it gives {phrase!r}, which stands nowhere"


def _shown(code: str) -> Iterator[tuple[int, str]]:
    """Yield the line (from 0) and the text of each string that a code cell shows.

    Those are in what stands at its end (cells of tables, notes, lists), and wherever a keyword is
    one of `CAPTIONS`. What names something is not read: an index, a value to compare with, a
    format, a key.
    """
    lines = ("" if line.startswith(("%", "!")) else line for line in code.split("\n"))
    tree = parse("\n".join(lines))
    roots = [n.value for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg in CAPTIONS]
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not ast.unparse(last).startswith("HTML("):
        roots.append(last.value)
    keys = {id(part) for node in ast.walk(tree) for key in _keys(node) for part in ast.walk(key)}
    texts = {id(node): node for root in roots for node in ast.walk(root) if id(node) not in keys}
    for node in texts.values():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno - 1, node.value


def _keys(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Subscript):
        yield node.slice
    elif isinstance(node, ast.Compare):
        yield from node.comparators
    elif isinstance(node, ast.FormattedValue) and node.format_spec:
        yield node.format_spec
    elif isinstance(node, ast.keyword) and node.arg in ("family", "study", "positions"):
        yield node.value
