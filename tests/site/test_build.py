"""The whole build: what it makes, and that each deliberate breakage stops it."""

import html
import json
import re
from pathlib import Path

import pytest

from tests.site.conftest import Project
from tests.waiting import PATIENCE


def test_the_tiny_site_builds_and_an_unchanged_one_runs_nothing(project: Project) -> None:
    first = project.build()
    assert first.returncode == 0, first.stdout
    assert "lesson tiny: running" in first.stdout
    assert "python3 -m http.server -d site" in first.stdout
    assert "index.html" not in first.stdout, "modules do not load from file://"
    site = project.root / "site"
    page = (site / "lessons/tiny/index.html").read_text(encoding="utf-8")
    assert 'src="../../assets/figures/tiny/01.json"' in page
    assert 'class="katex' in page
    assert "arithmatex" not in page
    assert "/edit/main/explainers/tiny.py" in page
    for link in ("../../notebooks/tiny/", "../../notebooks/tiny.ipynb", "/notebooks/tiny.ipynb"):
        assert f'{link}"' in page
    view = (site / "notebooks/tiny/index.html").read_text(encoding="utf-8")
    assert 'src="../../assets/figures/tiny/01.json"' in view
    for text in (page, view):
        assert 'href="../../assets/data/tiny-01.csv">Download the data (CSV)</a>' in text
    assert (
        (site / "assets/data/tiny-01.csv").read_bytes().endswith(b"x,y\r\n0.0,1.0\r\n2.0,3.0\r\n")
    )
    assert 'class="katex' in view
    assert "<style" not in view
    notebook = json.loads((site / "notebooks/tiny.ipynb").read_text(encoding="utf-8"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds[0] == "markdown", "it begins with the lesson"
    assert "pip install" in notebook["cells"][kinds.index("code")]["source"]
    assert "csv" not in json.dumps(notebook).lower()
    assert 'lessons/tiny/"' in (site / "index.html").read_text(encoding="utf-8")

    again = project.build()
    assert again.returncode == 0, again.stdout
    assert "Nothing has changed" in again.stdout

    (project.root / "docs" / "more.md").write_text("# More\n", encoding="utf-8")
    settings = project.root / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("- Lessons: []", "- Lessons: []\n  - more.md"), encoding="utf-8"
    )
    more = project.build()
    assert more.returncode == 0, more.stdout
    assert "lesson tiny: unchanged" in more.stdout
    assert "running" not in more.stdout

    (site / "more/index.html").unlink()
    mended = project.build()
    assert mended.returncode == 0, mended.stdout
    assert (site / "more/index.html").exists()


def test_links_in_a_notebook_lead_to_the_pages(project: Project) -> None:
    body = "# %% [markdown]\n# # Two\n# See [one](tiny.md#what-the-sum-is), [home](../index.md).\n"
    project.lesson("two", body, more="notebook: true")
    build = project.build()
    assert build.returncode == 0, build.stdout
    view = (project.root / "site/notebooks/two/index.html").read_text(encoding="utf-8")
    assert 'href="../../lessons/tiny/#what-the-sum-is"' in view
    notebook = (project.root / "site/notebooks/two.ipynb").read_text(encoding="utf-8")
    assert "(http://localhost/vitexplain/lessons/tiny/#what-the-sum-is)" in notebook


def test_a_lesson_finds_its_place_in_the_navigation_by_itself(project: Project) -> None:
    page = "# %% [markdown]\n# # A page\n"
    project.lesson("late", page, more="order: 9")
    project.lesson("early", page, more="order: 0")
    project.lesson("extra", page, more="section: Extras")
    build = project.build()
    assert build.returncode == 0, build.stdout
    home = (project.root / "site/index.html").read_text(encoding="utf-8")
    nav = home[home.index("md-nav--primary") :]
    places = [nav.index(f"lessons/{name}/") for name in ("early", "tiny", "late", "extra")]
    assert places == sorted(places)
    assert "Extras" in nav


def test_a_fork_links_to_itself(project: Project) -> None:
    """Canonical, edit, Colab, source, install: of the original only a citation remains."""
    original = "https://github.com/vitexplain/vitexplain"
    body = (
        f"# %% [markdown]\n# # More\n"
        f"# [x]({original}/blob/main/docs/x.md), `pip install git+{original}`\n"
        f"#\n# ```bibtex\n# @software{{x, url = {{{original}}}}}\n# ```\n"
    )
    project.lesson("more", body, more="notebook: true")
    (project.root / "docs" / "api.md").write_text("# A\n", encoding="utf-8")
    settings = project.root / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("Lessons: []", "Lessons: []\n  - api.md"), encoding="utf-8")

    build = project.build(
        SITE_URL="https://pages.example.org/copy",
        SOURCE_URL="https://github.com/someone/copy",
        SOURCE_BRANCH="trunk",
    )
    assert build.returncode == 0, build.stdout
    site = project.root / "site"
    left = {
        str(path.relative_to(site)): found
        for path in site.rglob("*")
        if path.suffix in (".html", ".ipynb", ".xml", ".json", ".js", ".css")
        if (found := ORIGINAL.findall(path.read_text(encoding="utf-8")))
    }
    cited = ["{https://github.com/vitexplain"]
    assert {name: sorted(set(found)) for name, found in left.items()} == {
        "lessons/more/index.html": cited,
        "notebooks/more/index.html": cited,
        "notebooks/more.ipynb": cited,
        "search/search_index.json": cited,
    }
    page = (site / "lessons/more/index.html").read_text(encoding="utf-8")
    repository = "https://github.com/someone/copy"
    for link in (
        '<link rel="canonical" href="https://pages.example.org/copy/lessons/more/">',
        f'"{repository}/edit/trunk/explainers/more.py"',
        f'"{repository}/blob/trunk/explainers/more.py"',
        f'"{repository}/blob/trunk/docs/x.md"',
        '"https://colab.research.google.com/github/someone/copy/blob/notebooks/more.ipynb"',
    ):
        assert link in page
    page = (site / "api/index.html").read_text(encoding="utf-8")
    assert f'"{repository}/edit/trunk/docs/api.md"' in page
    notebook = (site / "notebooks/more.ipynb").read_text(encoding="utf-8")
    assert f"git+{repository}" in notebook


ORIGINAL = re.compile(
    r"\{?(?:https://)?(?:github\.com/vitexplain|vitexplain\.github\.io)|localhost"
)

BREAKAGES = {
    "a failing cell": ("# %%\n1 / 0\n", "bad, cell 1 (line 7) fails: ZeroDivisionError"),
    "an inline expression with a wrong name": (
        "# %% [markdown]\n# It is {eval}`nothing`.\n",
        "bad, cell 1 (line 7): the inline expression {eval}`nothing` fails: NameError",
    ),
    "a dead link": ("# %% [markdown]\n# [x](nowhere.md)\n", "'nowhere.md'"),
    "a dead link in HTML": (
        "# %%\nfrom IPython.display import HTML\nHTML('<a href=\"x/\">y</a>')\n",
        "lessons/bad/index.html: 'x/' does not exist",
    ),
    "a wrong anchor": ("# %% [markdown]\n# [x](tiny.md#nowhere)\n", "#nowhere"),
    "a missing picture": ("# %% [markdown]\n# ![x](x.png)\n", "'x.png'"),
    "a figure that did not come through": (
        "# %%\nimport plotly.io\nplotly.io.renderers.default = ''\n"
        "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1]))\n",
        "the figure did not come through",
    ),
    "a figure whose file is missing": (
        "# %%\nfrom IPython.display import Markdown\n"
        "Markdown('<plotly-figure src=\"vx:assets/x.json\"></plotly-figure>')\n",
        "the file 'assets/x.json' of a figure does not exist",
    ),
    "a wrong formula": ("# %% [markdown]\n# The formula $\\frac{1$ is not.\n", "is wrong: KaTeX"),
    "a page two lessons want": ("# %% [markdown]\n# # A\n", "both want the page"),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKAGES)
def test_a_breakage_stops_the_build_and_says_where(project: Project, what: str) -> None:
    body, message = BREAKAGES[what]
    more = "page: lessons/tiny.md" if "two lessons" in what else "order: 5"
    project.lesson("bad", body, more=more)
    build = project.build()
    assert build.returncode != 0, f"{what} does not stop the build:\n{build.stdout}"
    assert message in build.stdout
    assert "The site is not built" in build.stdout


def test_while_one_writes_a_lesson_that_fails_is_a_page_that_says_why(project: Project) -> None:
    """As `make serve` builds: an error neither ends the server nor hides the other pages."""
    project.lesson("bad", "# %% [markdown]\n# # Bad\n# %%\n1 / 0\n", more="notebook: true")
    serving = (
        "from mkdocs.commands.build import build; from mkdocs.config import load_config\n"
        "config = load_config(strict=False)\n"
        "config.plugins.on_startup(command='serve', dirty=False)\nbuild(config)\n"
    )
    build = project.run("-c", serving)
    assert build.returncode == 0, build.stdout
    why = "bad, cell 2 (line 9) fails: ZeroDivisionError: division by zero"
    assert why in build.stdout
    site = project.root / "site"
    for page in ("lessons/bad/index.html", "notebooks/bad/index.html"):
        text = html.unescape(re.sub(r"<[^>]+>", "", (site / page).read_text(encoding="utf-8")))
        assert "does not run yet" in text
        assert why in text
    assert (site / "lessons/tiny/index.html").exists()


def test_a_figure_that_a_page_loses_stops_the_build(project: Project) -> None:
    hook = project.root / "lose.py"
    hook.write_text(
        "def on_page_markdown(markdown, page, **kwargs):\n"
        "    return markdown.replace('plotly-figure', 'plotly-lost')\n"
        "def on_page_content(html, **kwargs):\n    return html.replace('vx:', 'gone:')\n",
        encoding="utf-8",
    )
    settings = project.root / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("hooks:\n", "hooks:\n  - lose.py\n"), encoding="utf-8")
    build = project.build()
    assert build.returncode != 0
    assert "is on the page 0 times, not once" in build.stdout


def test_packages_of_the_browser_that_are_missing_stop_the_build(project: Project) -> None:
    web = project.root / "web"
    real = web.resolve()
    web.unlink()
    web.mkdir()
    for name in ("katex.mjs", "package-lock.json"):
        (web / name).symlink_to(real / name)
    build = project.build()
    assert build.returncode != 0
    assert "npm ci" in build.stdout


def test_a_change_of_the_package_runs_the_lessons_again(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from vitexplain.site import store

    before = store.fingerprint()
    package = tmp_path / "vitexplain"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(store.vitexplain, "__file__", str(package / "__init__.py"))
    other = store.fingerprint()
    (package / "new.py").write_text("x = 1\n", encoding="utf-8")
    assert len({before, other, store.fingerprint()}) == 3


def test_two_lessons_run_at_the_same_time(project: Project) -> None:
    """Each lesson waits until the other has begun; one after the other they would hang."""
    for name, other in (("left", "right"), ("right", "left")):
        project.lesson(
            name,
            "# %%\nimport pathlib, time\n"
            f"pathlib.Path('{name}.begun').touch()\nuntil = time.monotonic() + {PATIENCE}\n"
            f"while not pathlib.Path('{other}.begun').exists():\n"
            "    assert time.monotonic() < until, 'the other lesson does not run'\n"
            "    time.sleep(0.05)\n",
        )
    (project.root / "explainers" / "tiny.py").unlink()
    build = project.build()
    assert build.returncode == 0, build.stdout
    assert (project.root / "left.begun").exists()
