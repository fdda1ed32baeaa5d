"""The theme's style sheet without the parts of the theme that this site does not have."""

import re
from collections.abc import Iterator

# Parts of Material (and of the Markdown extensions it knows) that no page uses.
_UNUSED = re.compile(
    r"\[dir=rtl\]"
    r"|\.md-(?:annotation|author|banner|code__|consent|feedback|meta|path|post|profile|progress"
    r"|search__suggest|search-result__icon|select|social|source|status|tag|tooltip|version)"
    r"|\.(?:mermaid|tabbed|task-list|critic|keys|emojione|twemoji|gemoji|grid|linenos|linenodiv"
    r"|highlighttable|annotate|arithmatex|toclink|giscus|lg|footnote-backref|md-typeset__table)"
    r"|(?:admonition|details)\.|\.(?:abstract|bug|danger|example|failure|info|note|question|quote"
    r"|success|summary|tip|todo|warning|attention|caution|hint|important|error|missing|snippet)\b"
    r"|\bkbd|\bins\b|\bdel\b|table:not\(\[class\]\)|\.md-typeset__scrollwrap|\[data-md-color-p"
)
_UNUSED_ICON = re.compile(
    r"--md-(?:admonition-icon--\w+|annotation(?:-bg)?-icon|version-icon|source[\w-]*-icon|tag-icon"
    r"|tasklist-icon[\w-]*|tabbed-icon[\w-]*|status[\w-]*|post-pin-icon|path-icon|clipboard-icon"
    r"|typeset-table-sort-icon[\w-]*|code-(?:select|copy)-icon|mermaid[\w-]*|typeset-kbd[\w-]*)"
    r':(?:url\("[^"]*"\)|[^;}"])*;?'
)


def prune(css: str) -> str:
    """Return minified CSS without unused selectors and icons; the rest keeps its order."""
    kept = []
    for head, body in _blocks(css):
        if body is None:
            kept.append(head)  # a statement, such as @charset
        elif head.startswith(("@media", "@supports", "@container", "@layer")):
            if inner := prune(body):
                kept.append(f"{head}{{{inner}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            selectors = [one for one in _selectors(head) if not _UNUSED.search(one)]
            body = _UNUSED_ICON.sub("", body)
            if selectors and body:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield the head and the body of each block, in order; a statement has no body."""
    start = depth = opened = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|[{};]', css, flags=re.DOTALL):
        mark = match[0]
        if mark == "{":
            if depth == 0:
                opened = match.start()
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                head = re.sub(r"/\*.*?\*/", "", css[start:opened], flags=re.DOTALL).strip()
                yield head, css[opened + 1 : match.start()]
                start = match.end()
        elif mark == ";" and depth == 0:
            yield css[start : match.end()].strip(), None
            start = match.end()


def _selectors(head: str) -> list[str]:
    """Split a list of selectors at its commas, but not inside brackets."""
    parts, depth = [""], 0
    for character in head:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
