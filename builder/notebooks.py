"""The executed notebook, twice: one to download, one for mkdocs-jupyter to show."""

import copy
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import mkdocs_jupyter.config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from builder import inline
from builder.lesson import Meta
from builder.render import Rendered
from builder.shown import Outputs, code_block
from builder.source import Source

# mkdocs-jupyter's own template puts 300 KB of style and a CDN's MathJax on each page.
mkdocs_jupyter.config.settings.templates_dir = str(Path(__file__).parent / "templates")

_LINK = inline.outside_code(r"\]\((?P<found>(?![a-z]+:|[#/])[^)\s]+)")


def view_of(src_uri: str) -> str:
    """Return the lesson whose notebook this page of the site shows, or nothing."""
    found = re.fullmatch(r"notebooks/([^/]+)/index\.ipynb", src_uri)
    return found[1] if found else ""


def view_meta(name: str, meta: Meta) -> dict[str, Any]:
    """Return the front matter of the page of a notebook."""
    return {
        "title": f"{meta.title} (notebook)",
        "description": f"The executed notebook of the lesson “{meta.title}”.",
        "lesson": name,
        "search": {"exclude": True},
    }


def for_download(rendered: Rendered, site: str, source: str) -> str:
    """Return the .ipynb file to download: links lead to the site, and it says how to install.

    That stands before the first code, below the words that the lesson begins with.
    """
    here = urljoin(site, rendered.meta.page)
    notebook = _relinked(rendered, lambda link: address(urljoin(here, link)))
    install: dict[str, Any] = {
        "id": "install",
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "source": (
            "# In Colab, or wherever vitexplain is not installed: "
            "remove the # below, run this first.\n"
            f'# %pip install -q "vitexplain[{rendered.meta.extra}] @ git+{source}"'
        ),
        "outputs": [],
    }
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    notebook["cells"].insert(kinds.index("code") if "code" in kinds else 0, install)
    return _dumps(notebook)


def for_view(rendered: Rendered, name: str) -> str:
    """Return the .ipynb file to show on the site: each cell and what it shows as Markdown."""
    notebook = _relinked(rendered, lambda link: "../../" + urljoin(rendered.meta.page, link))
    outputs = Outputs(name)  # numbers the files as the lesson's page does
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            continue
        plumbing = "remove-code" in cell["metadata"].get("tags", ())  # it is in the download
        code = "" if plumbing else cell["source"]
        cell["source"] = code_block(code, "python") if code.strip() else ""
        cell["outputs"] = [
            {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": shown}}
            for shown in map(outputs.markdown, cell["outputs"])
        ]
    return _dumps(notebook)


def write(text: str, path: Path) -> None:
    """Write a file that mkdocs-jupyter reads, unless it has that content already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def show(page: Page, laid_out: str, config: MkDocsConfig, files: Files) -> str:
    """Return the HTML of the Markdown that mkdocs-jupyter laid out, as any page's; set contents."""
    page.markdown = html.unescape(laid_out.rpartition("<style>")[0])  # nbconvert's own style
    Page.render(page, config, files)  # mkdocs-jupyter has put another into this page
    return page.content or ""


def _dumps(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _relinked(rendered: Rendered, place: Callable[[str], str]) -> dict[str, Any]:
    """Return the notebook with its links, and those in what its cells show, leading to pages."""
    notebook = copy.deepcopy(rendered.notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = relink(cell["source"], place)
        for output in cell.get("outputs", ()):
            shown = output.get("data", {})
            if "text/markdown" in shown:
                shown["text/markdown"] = relink("".join(shown["text/markdown"]), place)
    return notebook


def relink(text: str, place: Callable[[str], str]) -> str:
    """Return `text` with each link to a page of the site, outside code, leading to its `place`."""
    return _LINK.sub(lambda m: f"]({place(m['found'])}" if m["found"] else m[0], text)


def with_bar(content: str, name: str, meta: Meta, page: Page, source: Source) -> str:
    """Return the content of a lesson's page with the bar of its notebook under the title."""
    links = []
    if page.file.src_uri != meta.page:
        links.append((_url(address(meta.page), page), "back to the lesson", ""))
    elif meta.notebook:
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


def address(source: str) -> str:
    """Return the address of the page that a Markdown file becomes; of another file, its own."""
    return re.sub(r"(?:(^|/)index)?\.md(?=#|$)", lambda m: "/" if m[1] is None else m[1], source)


def _url(target: str, page: Page) -> str:
    return get_relative_url(target, page.url)
