"""Small changes to finished HTML: lighter, and readable for everyone."""

import re

from builder.source import Source

# Pygments marks every token; the theme colours keywords, strings, numbers, comments and names
# that are being defined. The other marks are a third of a page's weight.
_PLAIN_TOKEN = re.compile(r'<span class="(?:n|nn|nb|na|nl|bp|p|o|w|fm|vm)">([^<]*)</span>')


def plain_code(content: str) -> str:
    """Return the content with no marks around tokens that look like the rest of the code."""
    return _PLAIN_TOKEN.sub(r"\1", content.replace("<pre><span></span>", "<pre>"))


_LISTING = '<details class="mkdocstrings-source">'
_SOURCE = re.compile(
    r'<summary>Source code in <code>(?P<file>[^<]+)</code></summary>\s*<div class="highlight">'
    r'<table class="highlighttable"><tr><td class="linenos">.*?<span class="normal">\s*'
    r'(?P<line>\d+)</span>.*?</td><td class="code"><div>(?P<code>.*?)</div></td></tr></table>',
    re.DOTALL,
)


def source_links(content: str, source: Source) -> str:
    """Return API documentation whose folded code links to its line in the repository.

    The search does not look into it.
    """

    def one(m: re.Match[str]) -> str:
        url = f"{source.file(m['file'])}#L{m['line']}"
        return (
            f"<summary>Source code</summary>\n"
            f'<p class="vx-source"><a href="{url}">{m["file"]}, line {m["line"]}</a></p>\n'
            f'<div class="highlight">{m["code"]}'
        )

    content = content.replace(_LISTING, f'{_LISTING[:-1]} data-search-exclude="true">')
    return _SOURCE.sub(one, content)


def scrolling_tables(content: str) -> str:
    """Return the content with each plain table in a box that scrolls, on a phone, by itself."""
    content = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", content)  # a corner heads nothing
    return re.sub(
        r"<table>.*?</table>",
        lambda m: (
            '<div class="vx-scroll" tabindex="0" role="group" aria-label="Table">'
            f'<table class="vx-table">{m[0].removeprefix("<table>")}</div>'
        ),
        content,
        flags=re.DOTALL,
    )


def slim(page: str) -> str:
    """Return a page without what this theme does not use, and without idle white space."""
    page = re.sub(r'\s*<link rel="stylesheet" href="[^"]*/palette\.[0-9a-f]+\.min\.css">', "", page)
    if 'class="doc ' not in page:
        page = re.sub(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">', "", page)
    page = re.sub(r'\s*<meta name="generator"[^>]*>', "", page)
    page = page.replace('<svg xmlns="http://www.w3.org/2000/svg"', "<svg")  # HTML knows it
    kept = re.split(r"(<(pre|script|textarea|style)\b.*?</\2>)", page, flags=re.DOTALL)
    for index in range(0, len(kept), 3):
        kept[index] = re.sub(r"\n\s*", "\n", kept[index])
    return "".join(part for index, part in enumerate(kept) if index % 3 != 2).lstrip()
