"""The whole build: what it makes, and that each deliberate breakage stops it."""

import html
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.site.conftest import Project, new_project
from tests.waiting import PATIENCE


def test_the_tiny_site_is_a_page_a_notebook_and_their_data(tiny: tuple[Project, str]) -> None:
    project, said = tiny
    assert "lesson tiny: running" in said
    assert "python3 -m http.server -d site" in said
    assert "index.html" not in said, "modules do not load from file://"
    page = project.built("lessons/tiny/index.html")
    assert 'src="../../assets/figures/tiny/01.json"' in page
    assert 'class="katex' in page
    assert "arithmatex" not in page
    assert "/edit/main/explainers/tiny.py" in page
    for link in ("../../notebooks/tiny/", "../../notebooks/tiny.ipynb", "/notebooks/tiny.ipynb"):
        assert f'{link}"' in page
    view = project.built("notebooks/tiny/index.html")
    assert 'src="../../assets/figures/tiny/01.json"' in view
    for text in (page, view):
        assert 'href="../../assets/data/tiny-01.csv">Download the data (CSV)</a>' in text
    file = project.root / "site/assets/data/tiny-01.csv"
    assert file.read_bytes().endswith(b"x,y\r\n0.0,1.0\r\n2.0,3.0\r\n")
    assert 'class="katex' in view
    assert "<style" not in view
    notebook = json.loads(project.built("notebooks/tiny.ipynb"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds[0] == "markdown", "it begins with the lesson"
    assert "pip install" in notebook["cells"][kinds.index("code")]["source"]
    assert "csv" not in json.dumps(notebook).lower()
    assert 'lessons/tiny/"' in project.built("index.html")


def test_the_view_of_a_notebook_has_its_code_open_and_numbered(tiny: tuple[Project, str]) -> None:
    """What the lesson folds is open there, what it leaves out is in the download alone."""
    page, view = (tiny[0].built(f"{where}/tiny/index.html") for where in ("lessons", "notebooks"))
    assert re.findall('class="vx-prompt"[^>]*>(.*?)<', view) == ["1", "2"]
    assert "vx-prompt" not in page
    assert (page.count('<details class="code"'), view.count('<details class="code"')) == (1, 0)
    assert "go.Figure" not in re.sub("<[^>]+>", "", page + view)
    assert "<title>A tiny lesson (notebook) - vitexplain</title>" in view
    assert 'href="../../lessons/tiny/">back to the lesson</a>' in view
    assert "(notebook)" not in tiny[0].built("search/search_index.json")


def test_an_unchanged_site_runs_nothing_and_a_changed_one_what_has_changed(
    project: Project,
) -> None:
    def said() -> str:
        build = project.build()
        assert build.returncode == 0, build.stdout
        return build.stdout

    project.page("more.md", "# More\n")
    more = said()
    assert "lesson tiny: unchanged" in more
    assert "running" not in more
    assert "Nothing has changed" in said()
    (project.root / "site/more/index.html").unlink()
    said()
    assert project.built("more/index.html")


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory, tiny: tuple[Project, str]) -> Project:
    """Somebody's copy of the project with lessons of its own, built."""
    root = tmp_path_factory.mktemp("fork")
    shutil.copytree(tiny[0].root / ".cache", root / ".cache")
    project = new_project(root)
    body = "# %% [markdown]\n# # Two\n# See [one](tiny.md#what-the-sum-is), [home](../index.md).\n"
    project.lesson("two", body, more="notebook: true")
    page = "# %% [markdown]\n# # A page\n"
    project.lesson("late", page, more="order: 9")
    project.lesson("early", page, more="order: 0")
    project.lesson("extra", page, more="section: Extras")
    body = (
        f"# %% [markdown]\n# # More\n"
        f"# [x]({ORIGINAL}/blob/main/docs/x.md), `pip install git+{ORIGINAL}`\n"
        f"#\n# ```bibtex\n# @software{{x, url = {{{ORIGINAL}}}}}\n# ```\n"
    )
    project.lesson("more", body, more="notebook: true")
    project.page("api.md", "# A\n")
    build = project.build(
        SITE_URL="https://pages.example.org/copy", SOURCE_URL=COPY, SOURCE_BRANCH="trunk"
    )
    assert build.returncode == 0, build.stdout
    return project


ORIGINAL, COPY = (
    f"https://github.com/{name}" for name in ("vitexplain/vitexplain", "someone/copy")
)
NAMED = re.compile(r"\{?(?:https://)?(?:github\.com/vitexplain|vitexplain\.github\.io)|localhost")


def test_links_in_a_notebook_lead_to_the_pages(fork: Project) -> None:
    view = fork.built("notebooks/two/index.html")
    assert 'href="../../lessons/tiny/#what-the-sum-is"' in view
    address = "(https://pages.example.org/copy/lessons/tiny/#what-the-sum-is)"
    assert address in fork.built("notebooks/two.ipynb")


def test_a_lesson_finds_its_place_in_the_navigation_by_itself(fork: Project) -> None:
    home = fork.built("index.html")
    nav = home[home.index("md-nav--primary") :]
    places = [nav.index(f"lessons/{name}/") for name in ("early", "tiny", "late", "extra")]
    assert places == sorted(places)
    assert "Extras" in nav


def test_a_fork_links_to_itself(fork: Project) -> None:
    """Canonical, edit, Colab, source, install: of the original only a citation remains."""
    site = fork.root / "site"
    left = {
        str(path.relative_to(site)): found
        for path in site.rglob("*")
        if path.suffix in (".html", ".ipynb", ".xml", ".json", ".js", ".css")
        if (found := NAMED.findall(path.read_text(encoding="utf-8")))
    }
    cited = ["{https://github.com/vitexplain"]
    assert {name: sorted(set(found)) for name, found in left.items()} == {
        "lessons/more/index.html": cited,
        "notebooks/more/index.html": cited,
        "notebooks/more.ipynb": cited,
        "search/search_index.json": cited,
    }
    page = fork.built("lessons/more/index.html")
    for link in (
        '<link rel="canonical" href="https://pages.example.org/copy/lessons/more/">',
        f'"{COPY}/edit/trunk/explainers/more.py"',
        f'"{COPY}/blob/trunk/explainers/more.py"',
        f'"{COPY}/blob/trunk/docs/x.md"',
        '"https://colab.research.google.com/github/someone/copy/blob/notebooks/more.ipynb"',
    ):
        assert link in page
    assert f'"{COPY}/edit/trunk/docs/api.md"' in fork.built("api/index.html")
    assert f"git+{COPY}" in fork.built("notebooks/more.ipynb")


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
    for page in ("lessons/bad/index.html", "notebooks/bad/index.html"):
        text = html.unescape(re.sub(r"<[^>]+>", "", project.built(page)))
        assert "does not run yet" in text
        assert why in text
    assert project.built("lessons/tiny/index.html")


def test_a_figure_that_a_page_loses_stops_the_build(project: Project) -> None:
    hook = project.root / "lose.py"
    hook.write_text(
        "def on_page_markdown(markdown, page, **kwargs):\n"
        "    return markdown.replace('plotly-figure', 'plotly-lost')\n"
        "def on_page_content(html, **kwargs):\n    return html.replace('vx:', 'gone:')\n",
        encoding="utf-8",
    )
    project.change("hooks:\n", "hooks:\n  - lose.py\n")
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
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from builder import store

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
