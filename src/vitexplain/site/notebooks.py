"""The executed notebook, twice: one to download, one for mkdocs-jupyter to show."""

import copy
import html
import json
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mkdocs_jupyter.config
from markdown import Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from vitexplain.site.lesson import Meta
from vitexplain.site.render import Rendered
from vitexplain.site.shown import Outputs, code_block
from vitexplain.site.source import Source

# mkdocs-jupyter's own template puts 300 KB of style and a CDN's MathJax on each page.
mkdocs_jupyter.config.settings.templates_dir = str(Path(__file__).parent / "templates")

_LINK = re.compile(
    r"(?P<fence>^(?P<f>`{3,}|~{3,}).*?^(?P=f))|(?P<span>(?P<s>`+).+?(?P=s)(?!`))"
    r"|\]\((?P<link>[^)\s]+)",
    re.DOTALL | re.MULTILINE,
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
    notebook = _relinked(rendered, address, address.site)
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
    """Return the notebook to show on the site: relative links, all of it Markdown."""
    notebook = _relinked(rendered, address, "../../")
    outputs = Outputs(address.name)  # numbers the files as the page does
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
    return notebook


def _relinked(rendered: Rendered, address: Address, site: str) -> dict[str, Any]:
    """Return the notebook with its links, and those in what its cells show, leading to pages."""
    notebook = copy.deepcopy(rendered.notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _relink(cell["source"], address, site)
        for output in cell.get("outputs", ()):
            shown = output.get("data", {})
            if "text/markdown" in shown:
                shown["text/markdown"] = _relink("".join(shown["text/markdown"]), address, site)
    return notebook


def _relink(text: str, address: Address, site: str) -> str:
    """Return `text` with links between Markdown files turned into links to pages."""

    def change(match: re.Match[str]) -> str:
        link = match["link"]  # none in code
        if not link or re.match(r"[a-z]+:|#|/", link):
            return match[0]
        path, hash_, anchor = link.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(address.page), path))
        if path.endswith(".md"):
            path = re.sub(r"(^|/)index$", r"\1", path.removesuffix(".md"))
            path += "/" if path and not path.endswith("/") else ""
        return f"]({site}{path}{hash_}{anchor}"

    return _LINK.sub(change, text)


def show(page: Page, laid_out: str, config: MkDocsConfig) -> str:
    """Return the HTML of the Markdown that mkdocs-jupyter laid out, as any page's; set contents."""
    text = html.unescape(laid_out.rpartition("<style>")[0])  # the style is nbconvert's own
    converter = Markdown(
        extensions=config.markdown_extensions, extension_configs=config.mdx_configs
    )
    content = converter.convert(text)
    page.toc = get_toc(getattr(converter, "toc_tokens", []))
    return content


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
