"""From script to page: what `render` gives, and what it refuses."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from mkdocs.exceptions import PluginError

from builder.lesson import LessonError, read_lesson, read_meta
from builder.links import figures_kept
from builder.render import Rendered, render
from vitexplain.faces import draw_face
from vitexplain.pixels import png

TINY = (Path(__file__).parent / "fixtures" / "tiny.py").read_text(encoding="utf-8")
HEADER = "# ---\n# title: T\n# description: D\n# ---\n"
FIGURE = (
    "# %%\nimport plotly.graph_objects as go\n"
    "go.Figure(go.Scatter(y=[1, 2]), layout={'height': 200, 'meta': {'alt': 'Two points.'}})\n"
)


@pytest.fixture(scope="module")
def tiny() -> Rendered:
    return render(TINY, name="tiny")


def test_the_page_has_code_outputs_and_values(tiny: Rendered) -> None:
    page = tiny.markdown
    assert "# A tiny lesson" in page
    assert "```python\nimport numpy as np" in page
    assert "```{ .text .vx-output }\nnp.float64(6.0)\n```" in page
    assert "The sum is 6.0, and `` {eval}`points` `` stays as it is." in page
    assert '??? code "Code"\n    ```python\n    print(' in page
    assert "import plotly" in page
    assert "go.Figure(" not in page, "a cell tagged remove-code shows its code"


def test_the_figure_is_an_element_with_a_file_a_caption_and_a_table(tiny: Rendered) -> None:
    assert list(tiny.assets) == ["assets/figures/tiny/01.json", "assets/data/tiny-01.csv"]
    assert 'src="vx:assets/figures/tiny/01.json" data-traces="1"' in tiny.markdown
    assert "--vx-height:320px" in tiny.markdown
    assert "<figcaption>A line from (0, 1) to (2, 3).</figcaption>" in tiny.markdown
    assert "<tr><td>2</td><td>3</td></tr>" in tiny.markdown
    figure = json.loads(tiny.assets["assets/figures/tiny/01.json"])
    assert figure["data"][0]["y"]["bdata"], "arrays lose their types"
    assert "template" not in figure["layout"]
    assert "meta" not in figure["layout"]


def test_the_notebook_is_valid_executed_and_has_the_values(tiny: Rendered) -> None:
    notebook: Any = nbformat.from_dict(tiny.notebook)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert "application/vnd.plotly.v1+json" in code[-1].outputs[0].data
    assert "The sum is 6.0" in notebook.cells[2].source
    assert "# ---" not in notebook.cells[0].source


def test_the_same_source_gives_the_same_bytes(tiny: Rendered) -> None:
    again = render(TINY, name="tiny")
    assert again == tiny


def test_what_runs_is_what_the_expression_sees() -> None:
    body = "# %%\nx = 1\n# %% [markdown]\n# {eval}`x`\n# %%\nx = 2\n# %% [markdown]\n# {eval}`x`\n"
    page = render(HEADER + body, name="order").markdown
    assert re.findall(r"\d", page) == ["1", "1", "2", "2"]


def test_a_lesson_begins_with_words_that_its_first_code_computes() -> None:
    body = "\n# %% [markdown]\n# Of {eval}`x`.\n\n# %%\nx = 1\n# %%\nx = 2\n"
    rendered = render(HEADER + body, name="begins")
    assert rendered.markdown.startswith("Of 1.\n")
    kinds = [cell["cell_type"] for cell in rendered.notebook["cells"]]
    assert kinds == ["markdown", "code", "code"]


def test_a_value_with_a_markdown_form_uses_it() -> None:
    body = (
        "# %%\nclass Bold:\n    def _repr_markdown_(self):\n        return '**bold**'\n"
        '# %% [markdown]\n# It is {eval}`Bold()` and {eval}`f"{2 / 3:.2f}"`.\n'
    )
    assert "It is **bold** and 0.67." in render(HEADER + body, name="bold").markdown


def test_standard_error_is_kept_off_the_page_but_reported() -> None:
    rendered = render(HEADER + "# %%\nimport sys\nprint('oops', file=sys.stderr)\n", name="loud")
    assert rendered.messages == "oops\n"
    assert "oops\n```" not in rendered.markdown


def test_an_explorer_has_its_data_in_a_file_and_its_fallback_on_the_page() -> None:
    body = (
        "# %%\nclass Explorer:\n    def _repr_mimebundle_(self, **kwargs):\n"
        "        return {'application/vnd.vitexplain.explorer+json': {'version': 1},\n"
        "                'text/html': '<p>still</p>'}\nExplorer()\n"
    )
    rendered = render(HEADER + body, name="seen")
    path = "assets/explorers/seen/01.json"
    assert rendered.assets == {path: b'{"version":1}'}
    assert f'<attention-explorer src="vx:{path}">\n<p>still</p>' in rendered.markdown


def test_an_explorers_picture_is_one_file() -> None:
    body = (
        "# %%\nfrom vitexplain.designed import designed_attention\n"
        "from vitexplain.explorer import Map, explorer\n\nseen = designed_attention()\n"
        "one = Map('one', seen.head(0))\nface = seen.face\n"
        "explorer([one], tokens=face.labels, image=face.image, grid=(4, 4), title='T')\n"
    )
    rendered = render(HEADER + body, name="seen")
    (picture,) = (path for path in rendered.assets if path.startswith("assets/pictures/"))
    assert rendered.assets[picture] == png(draw_face().image)
    (example,) = json.loads(rendered.assets["assets/explorers/seen/01.json"])["examples"]
    assert example["image"] == f"../../../{picture}"
    assert rendered.markdown.count(f'src="vx:{picture}"') == 1
    assert "data:image" not in rendered.markdown
    figures_kept("seen", rendered.markdown, rendered.assets)
    with pytest.raises(
        PluginError, match=r"the figure assets/pictures/other\.png is on the page 0"
    ):
        figures_kept(
            "seen", rendered.markdown, {**rendered.assets, "assets/pictures/other.png": b""}
        )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "# %%\nx = 1\n\n# %%\n\ny = 1 / 0\n",
            r"broken, cell 2 \(line 10\) fails: ZeroDivisionError",
        ),
        (
            "# %% [markdown]\n# One\n#\n# two {eval}`missing + 1`\n",
            r"broken, cell 1 \(line 8\): the inline expression \{eval\}`missing \+ 1` "
            r"fails: NameError: name 'missing'",
        ),
        ("# %% [markdown]\n# {eval}`1 +`\n", r"\(line 6\): .* SyntaxError"),
        ("# %% [markdown]\n# {eval}`None`\n", "the expression is None"),
        ("# %%\nimport os; os._exit(1)\n", r"cell 1 \(line 6\): Kernel died"),
        (FIGURE.replace("'meta'", "'title_text': '', 'meta'").replace("Two points.", ""), "alt"),
        (FIGURE.replace("'height': 200, ", ""), "no fixed height"),
        (FIGURE.replace("go.Scatter(y=[1, 2])", "[]"), "the figure is empty"),
        ('# %% tags=["figure"]\n1 + 1\n', "tagged 'figure' but shows none"),
        (
            FIGURE.replace("go.F", "import plotly.io as p\np.renderers.default = ''\ngo.F"),
            "the figure did not come through",
        ),
        ("# %%\nfrom IPython.display import Image\nImage(b'x', format='png')\n", "cannot show"),
        ("# %% [raw]\n# raw\n", r"code or \[markdown\]"),
    ],
)  # fmt: skip
def test_a_broken_lesson_is_refused_with_its_place(body: str, message: str) -> None:
    with pytest.raises(LessonError, match=message):
        render(HEADER + body, name="broken")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "must begin with a YAML header"),
        ("# ---\n# title: T\n# ---\nx = 1\n", "lacks description"),
        ("# ---\n# title: T\n# description: D\n# colour: red\n# ---\nx = 1\n", "'colour'"),
        ("# ---\n# title: T\n# description: D\n# order: first\n# ---\nx = 1\n", "wrong type"),
        ("# ---\n# title: [\n# ---\nx = 1\n", "not valid YAML"),
        (HEADER, "no cells"),
    ],
)
def test_a_wrong_header_is_refused(source: str, message: str) -> None:
    with pytest.raises(LessonError, match=message):
        read_lesson(source, name="broken")


def test_the_header_says_where_the_page_goes() -> None:
    assert read_meta(HEADER + "x = 1\n", name="one").page == "lessons/one.md"
    source = HEADER.replace("# ---\n# title", "# ---\n# page: errata.md\n# title")
    assert read_meta(source, name="two").page == "errata.md"
