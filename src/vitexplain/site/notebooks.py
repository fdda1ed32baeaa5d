"""The executed notebook: to download, and as a page of the site."""

import copy
import json
import re
from typing import Any
from urllib.parse import urljoin

from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from vitexplain.site import inline
from vitexplain.site.lesson import Meta
from vitexplain.site.render import Rendered
from vitexplain.site.source import Source

_LINK = inline.outside_code(r"\]\((?P<found>(?![a-z]+:|[#/])[^)\s]+)")


def view_uri(page: str) -> str:
    """Return where the page of a lesson's notebook has its source: beside the lesson's own.

    So links lead from both to the same pages.
    """
    return page.removesuffix(".md") + "-notebook.md"


def for_download(rendered: Rendered, site: str, source: str) -> str:
    """Return the .ipynb file to download: links lead to the site, and it says how to install.

    That stands before the first code, below the words that the lesson begins with.
    """
    notebook = copy.deepcopy(rendered.notebook)
    here = urljoin(site, rendered.meta.page)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = relink(cell["source"], here)
        for output in cell.get("outputs", ()):
            shown = output.get("data", {})
            if "text/markdown" in shown:
                shown["text/markdown"] = relink("".join(shown["text/markdown"]), here)
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
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def relink(text: str, here: str) -> str:
    """Return the text of a page at the address `here`, its links to pages as whole addresses."""

    def change(match: re.Match[str]) -> str:
        if not match["found"]:
            return match[0]
        path, hash_, anchor = urljoin(here, match["found"]).partition("#")
        return f"]({_address(path)}{hash_}{anchor}"

    return _LINK.sub(change, text)


def with_bar(content: str, name: str, meta: Meta, page: Page, source: Source) -> str:
    """Return the content of a lesson's page with the bar of its notebook under the title."""
    links = []
    if page.file.src_uri != meta.page:
        links.append((_url(_address(meta.page), page), "back to the lesson", ""))
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


def _address(source: str) -> str:
    """Return the address of the page that a Markdown file becomes; of another file, its own."""
    return re.sub(r"(?:(^|/)index)?\.md$", lambda m: "/" if m[1] is None else m[1], source)


def _url(target: str, page: Page) -> str:
    return get_relative_url(target, page.url)
