"""Prose that went wrong on its way to the page: what a reader would see is what is checked."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

CODE = "\ufffc"  # stands where code or a formula was
_SKIP = {"script", "style", "pre", "svg", "math", "template", "object"}
_INLINE = {"a", "abbr", "b", "em", "i", "kbd", "label", "mark", "q", "small", "span", "strong"}
_INLINE |= {"sub", "sup", "time", "u", "var", "wbr", "img", "input", "button", "output"}

_START = r"(?:^|\n)\s*"
# What a reader should never see, and what to do about it.
_FAULTS = {
    r"\{eval\}": "the expression was not evaluated: a code span must follow {eval} directly",
    r",,|;;|,\.(?!\.)|(?<![.\d])\.\.(?![./])|(?<=[\w)%\ufffc])\s+[,;.](?=\s|$)": (
        "a doubled or a loose punctuation mark"
    ),
    r"\b[Bb]etween\s+([\d.,]*\d)(?:\s?[^\W\d]+|\s?%)?\s+and\s+\1(?![\d.,]*\d)": (
        "both ends are the same number: print more digits, or one number"
    ),
    _START + r"(?:===[+!]? \"|!!! |\?\?\?\+? |:::|```|~~~)": (
        "this block is not rendered: no extension does, or an empty line before it is missing"
    ),
    r"^\s*\[[ xX]\](?=\s)": "task lists are not rendered: write a plain list",
    r"\+\+\w+(?:\+\w+)*\+\+|==\w[^=\n]*==|~~\w[^~\n]*~~|\^\^\w[^^\n]*\^\^|:[a-z]+-[\w-]+:": (
        "no extension renders this mark: write HTML (<kbd>, <mark>, <del>, <ins>)"
    ),
    r"\*\*|`|\]\(\S|\]\[\S*\]|\[\^": "a mark of Markdown that was not understood",
    r"\$\$|\\[\[(]": "a formula that was not typeset",
    r"\{[{%].*?[%}]\}|\{:? ?[.#][\w-]+": "a template or a list of attributes that was not used",
    r"\n\s*(?:[-*+]|1[.)])\s": "no list without an empty line before it; else wrap it elsewhere",
    r"^\s*(?:title|description): ": "front matter that is not valid YAML: quote its values",
}
_RULES = [(re.compile(pattern), remedy) for pattern, remedy in _FAULTS.items()]


class _Blocks(HTMLParser):
    """Collects the text of each paragraph, item, cell and heading."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._text: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping:
            if tag == self._skipping[0]:
                self._skipping.append(tag)
        elif tag in ("code", "kbd") or (tag == "span" and _is_formula(attrs)):
            self._text.append(CODE)
            self._skipping.append(tag)
        elif tag in _SKIP:
            self._skipping.append(tag)
        elif tag == "br":
            self._text.append(" ")
        elif tag not in _INLINE:
            self._end()

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[0]:
                self._skipping.pop()
        elif tag not in _INLINE:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        if text := "".join(self._text).strip("\n"):
            self.blocks.append(text)
        self._text.clear()


def _is_formula(attrs: list[tuple[str, str | None]]) -> bool:
    return any(name == "class" and "katex" in (value or "") for name, value in attrs)


def blocks(page: str) -> list[str]:
    """Return the text of each paragraph, item, cell and heading of a page's article."""
    start, end = page.find("<article"), page.rfind("</article>")
    parser = _Blocks()
    parser.feed(page if start < 0 else page[start:end])
    parser.close()
    return parser.blocks


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with one block of text, with the words around it and the remedy."""
    for rule, remedy in _RULES:
        if found := rule.search(text):
            around = text[max(0, found.start() - 40) : found.end() + 40]
            yield f"“{' '.join(around.replace(CODE, '`…`').split())}”: {remedy}"


def problems(site: Path) -> list[str]:
    """Return one line for each fault in the text of a built site."""
    return [
        f"{page.relative_to(site)}: {fault}"
        for page in sorted(site.rglob("*.html"))
        for block in blocks(page.read_text(encoding="utf-8"))
        for fault in faults(block)
    ]
