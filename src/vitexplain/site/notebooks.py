"""The executed notebook, twice: one to download, one for mkdocs-jupyter to show."""

import copy
import html
import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mkdocs_jupyter.config
from markdown.extensions.toc import slugify
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from vitexplain.site.lesson import Meta
from vitexplain.site.outputs import EXPLORER, LIVE, PLOTLY, Outputs
from vitexplain.site.render import Rendered
from vitexplain.site.source import Source

# mkdocs-jupyter's own template puts 300 KB of style and a CDN's MathJax on each page.
mkdocs_jupyter.config.settings.templates_dir = str(Path(__file__).parent / "templates")

_CODE = r"(?P<fence>^(?P<f>`{3,}|~{3,}).*?^(?P=f))|(?P<span>(?P<s>`+).+?(?P=s)(?!`))"
_MATHS = re.compile(
    _CODE
    + r"|\$\$(?P<display>.+?)\$\$|(?<![\\$\w])\$(?![\s$])(?P<inline>[^$]+?)(?<![\s\\])\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
_LINK = re.compile(_CODE + r"|\]\((?P<link>[^)\s]+)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(
    r'<h([1-6])[^>]*?>(.*?)(?:<a class="anchor-link"[^>]*>.*?</a>)?</h\1>', re.DOTALL
)


@dataclass(frozen=True)
class Address:
    """Where a notebook and its lesson live: the lesson's page, the site, the repository."""

    name: str
    page: str
    site: str
    source: str


def is_view(src_uri: str) -> bool:
    """Return whether this page is the view of a notebook."""
    return re.fullmatch(r"notebooks/[^/]+\.ipynb", src_uri) is not None


def page_meta(name: str, meta: Meta) -> dict[str, Any]:
    """Return the front matter of the view of a notebook."""
    return {
        "title": f"{meta.title} (notebook)",
        "description": f"The executed notebook of the lesson “{meta.title}”.",
        "lesson": name,
        "search": {"exclude": True},
    }


def dumps(notebook: dict[str, Any]) -> str:
    """Return the text of an .ipynb file."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def write(notebook: dict[str, Any], path: Path) -> None:
    """Write a notebook, unless the file has that content already."""
    text = dumps(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def for_download(rendered: Rendered, address: Address) -> dict[str, Any]:
    """Return the notebook to download: links lead to the site, and it says how to install.

    That stands before the first code, below the words that the lesson begins with.
    """
    notebook = copy.deepcopy(rendered.notebook)
    for cell in _prose(notebook):
        cell["source"] = _relink(cell["source"], address, address.site)
    _relink_outputs(notebook, address, address.site)
    install = (
        "# In Colab, or wherever vitexplain is not installed: remove the # below, run this first.\n"
        f'# %pip install -q "vitexplain[{rendered.meta.extra}] @ git+{address.source}"'
    )
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    notebook["cells"].insert(
        kinds.index("code") if "code" in kinds else 0,
        {
            "id": "install",
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "source": install,
            "outputs": [],
        },
    )
    return notebook


def for_view(rendered: Rendered, address: Address) -> dict[str, Any]:
    """Return the notebook to show on the site: relative links, the page's figures, TeX kept."""
    notebook = copy.deepcopy(rendered.notebook)
    for cell in _prose(notebook):
        cell["source"] = _protect_maths(_relink(cell["source"], address, "../../"))
    _relink_outputs(notebook, address, "../../")
    outputs = Outputs(address.name)  # numbers the files as the page does
    for cell in notebook["cells"]:
        if "remove-code" in cell["metadata"].get("tags", ()):
            cell["source"] = ""  # plumbing: it is in the download
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {})
            html_alone = "text/html" in bundle and "text/markdown" not in bundle
            if not {PLOTLY, EXPLORER, LIVE}.isdisjoint(bundle) or html_alone:
                output["data"] = {"text/html": outputs.markdown(output)}
    return notebook


def _prose(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def _relink_outputs(notebook: dict[str, Any], address: Address, site: str) -> None:
    """Do the same in the Markdown that cells have shown, tables for example."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {})
            if "text/markdown" in shown:
                text = "".join(shown["text/markdown"])
                shown["text/markdown"] = _relink(text, address, site)


def _outside_code(pattern: re.Pattern[str], text: str, change: Callable[[Any], str]) -> str:
    return pattern.sub(lambda m: m[0] if m["fence"] or m["span"] else change(m), text)


def _relink(text: str, address: Address, site: str) -> str:
    """Return `text` with links between Markdown files turned into links to pages."""

    def change(match: re.Match[str]) -> str:
        link = match["link"]
        if re.match(r"[a-z]+:|#|/", link):
            return match[0]
        path, hash_, anchor = link.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(address.page), path))
        if path.endswith(".md"):
            path = re.sub(r"(^|/)index$", r"\1", path.removesuffix(".md"))
            path += "/" if path and not path.endswith("/") else ""
        return f"]({site}{path}{hash_}{anchor}"

    return _outside_code(_LINK, text, change)


def _protect_maths(text: str) -> str:
    """Return `text` with each formula in an attribute, where Markdown leaves it alone."""

    def change(match: re.Match[str]) -> str:
        display = match["display"] is not None
        tex = html.escape(match["display"] if display else match["inline"])
        tag = "div" if display else "span"
        return f'<{tag} class="arithmatex" data-display="{int(display)}" data-tex="{tex}"></{tag}>'

    return _outside_code(_MATHS, text, change)


def slim(page: str) -> str:
    """Return what mkdocs-jupyter made of a notebook, without its style and doubled code."""
    page = re.sub(r"<style\b.*?</style>", "", page, flags=re.DOTALL)
    page = re.sub(r'<div[^>]*class="clipboard-copy-txt"[^>]*>.*?</div>', "", page, flags=re.DOTALL)
    page = re.sub(
        r'<div class="\s*highlight(?:-ipynb)?\b[^"]*">\s*<pre>(?!<code)(.*?)</pre>',
        r'<div class="highlight"><pre><code>\1</code></pre>',
        page,
        flags=re.DOTALL,
    )
    seen: set[str] = set()

    def heading(match: re.Match[str]) -> str:
        anchor = _slug(match[2], seen)
        link = f'<a class="headerlink" href="#{anchor}" title="Permanent link">&para;</a>'
        return f'<h{match[1]} id="{anchor}">{match[2]}{link}</h{match[1]}>'

    return _HEADING.sub(heading, page)


def _slug(heading: str, seen: set[str]) -> str:
    slug = base = slugify(html.unescape(re.sub(r"<[^>]+>", "", heading)).strip(), "-")
    count = 0
    while slug in seen:
        count += 1
        slug = f"{base}_{count}"
    seen.add(slug)
    return slug


def set_contents(page: Page, content: str) -> None:
    """Give a notebook page the table of contents that its headings make."""
    tokens: list[Any] = []
    for level, anchor, name in re.findall(
        r'<h([1-6]) id="([^"]+)">(.*?)<a class="headerlink"', content, re.DOTALL
    ):
        text = re.sub(r"<[^>]+>", "", name).strip()
        token = {"level": int(level), "id": anchor, "name": text, "children": []}
        branch = tokens
        while branch and branch[-1]["level"] < token["level"]:
            branch = branch[-1]["children"]
        branch.append(token)
    page.toc = get_toc(tokens)


def with_bar(content: str, name: str, meta: Meta, page: Page, source: Source) -> str:
    """Return the content of a lesson's page with the bar of its notebook under the title."""
    viewing = is_view(page.file.src_uri)
    links = []
    if viewing:
        links.append((_url(_page_url(meta.page), page), "back to the lesson", ""))
    if meta.notebook and not viewing:
        links.append((_url(f"notebooks/{name}/", page), "view", ""))
    if meta.notebook:
        links.append((_url(f"notebooks/{name}.ipynb", page), "download", " download"))
        if colab := source.colab(name):
            links.append((colab, "open in Colab", ' rel="noopener"'))
    links.append((source.file(f"explainers/{name}.py"), "source", ' rel="noopener"'))
    items = "".join(f'<li><a href="{url}"{more}>{text}</a></li>' for url, text, more in links)
    label = "Notebook" if meta.notebook else "This page"
    bar = f'<nav class="vx-bar" aria-label="{label}"><strong>{label}</strong><ul>{items}</ul></nav>'
    return re.sub(r"</h1>", lambda m: m[0] + bar, content, count=1)


def _page_url(src_uri: str) -> str:
    return re.sub(r"(^|/)index/$", r"\1", src_uri.removesuffix(".md") + "/")


def _url(target: str, page: Page) -> str:
    return get_relative_url(target, page.url)
