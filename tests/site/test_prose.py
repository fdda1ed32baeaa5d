"""Prose that goes wrong on its way to the page stops the build, with its place and a remedy."""

import pytest

from builder import prose, slips
from builder.lesson import LessonError
from builder.render import render
from tests.site.conftest import ROOT, Project

HEADER = "# ---\n# title: T\n# description: D\n# ---\n"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("half of the work,, 50", "punctuation"),
        ("the end.. Then", "punctuation"),
        ("one , two", "punctuation"),
        ("lie between 0.9 and 0.9 s", "same number"),
        ("lie between\n0.9 s and 0.9 s", "same number"),
        ("Between 3 % and 3 %", "same number"),
        ("it is {eval} `x`", "not evaluated"),
        ('=== "Tab"\n', "not rendered"),
        ('some words\n=== "Tab"', "not rendered"),
        ("!!! note", "not rendered"),
        ("::: package.module", "not rendered"),
        ("[ ] to do", "task lists"),
        ("[x] done", "task lists"),
        ("press ++ctrl+c++", "<kbd>"),
        ("a ==marked== word", "<mark>"),
        ("a ~~lost~~ word", "<del>"),
        ("an :material-check: icon", "HTML"),
        ("**not closed", "not understood"),
        ("see [this](that.md)", "not understood"),
        ("a note[^1]", "not understood"),
        ("so $$x", "not typeset"),
        (r"so \(x\)", "not typeset"),
        ("the {{ name }}", "template"),
        ("a word{: .big }", "template"),
        ("two things:\n- one\n- two", "empty line"),
        ("title: A page description: Its words.", "front matter"),
    ],
)
def test_a_fault_is_found_and_quoted(text: str, remedy: str) -> None:
    found = list(prose.faults(text))
    assert any(remedy in fault for fault in found), found
    assert all(fault.startswith("“") for fault in found)


@pytest.mark.parametrize(
    "text",
    [
        "between 0.9 and 0.95 s, and between 1 and 10",
        "and so on ... or …",
        "in ../folder, i.e., there; a path like .cache",
        "goat → Messi 0.8; , → all alike 0.1429",  # the comma is a token
        "it is\n501 MB against\n39. For the whole",
        f"run {prose.CODE}, then {prose.CODE}.",
        "a == b and c == d, x~~y, i++ and j++",
        "[0, 1] and [x, y]",
        "Ratio 3:1, at 10:30, key: value",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert not list(prose.faults(text))


def test_the_text_of_a_page_is_what_a_reader_sees() -> None:
    page = (
        "<nav>,,</nav><article><h1>A <em>b</em></h1><pre>c,,</pre><p>d <code>{eval}</code>, e"
        '<span class="katex">f <span>g</span>,,</span>.</p><ul><li>h</li><li><p>i</p></li></ul>'
        "<table><tr><td>j<br>k</td></tr></table><script>l,,</script>m</article>,,"
    )
    code = prose.CODE
    assert prose.blocks(page) == ["A b", f"d {code}, e{code}.", "h", "i", "j k", "m"]


def test_a_value_does_not_make_a_list_a_heading_or_a_quotation() -> None:
    inside = "- patches of 4 ×\n  {eval}`n`. Then"
    assert [line for line, _ in slips.becomes(inside, lambda _: "4")] == [1]
    for text, value in [
        ("words\n{eval}`n` words", "#4"),
        ("words\n{eval}`n` words", "> 4"),
        ("words\n{eval}`n` words", "- 4"),
        ("words\n{eval}`n`. Words", "1"),
        ("{eval}`n`. Words", "2024"),
    ]:
        assert list(slips.becomes(text, lambda _, value=value: value)), (text, value)
    for text, value in [
        (inside, "four"),
        ("words\n{eval}`n`. Words", "294"),  # a paragraph goes on
        ("- {eval}`n` and\n- {eval}`n`", "4"),
        ("words\n\n{eval}`n`", "- one\n- two"),  # a block on purpose
        ("1. {eval}`n`\n2. {eval}`n`", "4"),
    ]:
        assert not list(slips.becomes(text, lambda _, value=value: value)), (text, value)


def test_a_number_that_no_list_counts_up_to_is_no_item() -> None:
    assert [line for line, _ in slips.faults("- of 4 ×\n  4. Then\n- more")] == [1]
    assert [line for line, _ in slips.faults("Words.\n\n2017. That year")] == [2]
    for good in (
        "1. one\n2. two\n\n   more\n\n3. three",
        "1. one\n1. two\n   - a\n   - b\n2. three",
        "in the year\n2017. Then",
        "```text\n7. seven\n```",
        "1. one\n\n# Next\n\n1. one",
    ):
        assert not list(slips.faults(good)), good


def test_a_fence_has_a_language_that_something_renders() -> None:
    assert [line for line, _ in slips.faults("a\n\n```mermaid\ngraph TD\n```\n")] == [2]
    for known in ("python", "{ .text .vx-output }", "sh", "console", "bibtex", ""):
        assert not list(slips.faults(f"```{known}\nx\n```")), known


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("---\ntitle: A\ndescription: one: two\n---\n", "line 3: the front matter is not valid"),
        ("---\ntitle: A\n---\n", "must have a description"),
        ("---\ntitle: 4\ndescription: B\n---\n", "must have a title in words, got 4"),
        ("---\n- a\n---\n", "must have a title"),
        ("---\ntitle: A\n", "does not end"),
    ],
)
def test_front_matter_that_mkdocs_would_print_is_refused(text: str, place: str) -> None:
    assert place in (slips.front_matter(text) or "")


def test_a_lesson_is_refused_with_its_line() -> None:
    body = "# %% [markdown]\n# # A\n#\n# - of many ×\n#   {eval}`2 + 2`. Then\n"
    with pytest.raises(LessonError, match=r"bad, cell 1 \(line 9\): the line “4. Then” becomes"):
        render(HEADER + body, name="bad")
    body = "# %% [markdown]\n# # A\n#\n# Picture\n# {eval}`'#4'` is next.\n"
    with pytest.raises(LessonError, match=r"bad, cell 1 \(line 9\): the line “#4 is next.” bec"):
        render(HEADER + body, name="bad")
    with pytest.raises(LessonError, match=r"bad, cell 1 \(line 8\): nothing renders .*'mermaid'"):
        render(HEADER + "# %% [markdown]\n# # A\n#\n# ```mermaid\n# x\n# ```\n", name="bad")


def test_the_build_stops_at_what_is_written_and_at_what_would_be_read(project: Project) -> None:
    head = '---\ntitle: A page\ndescription: "Its: words"\n---\n\n# A page\n\n'
    page = project.page("page.md", head.replace('"', "") + "```mermaid\nx\n```\n")
    build = project.build()
    assert build.returncode != 0
    assert f"{page}: line 3: the front matter is not valid YAML" in build.stdout
    assert f"{page}: line 8: nothing renders a fence of 'mermaid'" in build.stdout

    project.page(
        "page.md", head + '=== "One"\n\n    words,, 50\n\n- [ ] to do\n\nPress ++enter++.\n'
    )
    project.lesson("shown", "# %%\nfrom IPython.display import Markdown\nMarkdown('one , two')\n")
    build = project.build()
    assert build.returncode != 0
    for place, fault in [
        ("page/index.html", "“=== \"One\"”: this block is not rendered"),
        ("page/index.html", "“[ ] to do”: task lists are not rendered"),
        ("page/index.html", "“Press ++enter++.”: no extension renders this mark"),
        ("lessons/shown/index.html", "“one , two”: a doubled or a loose punctuation mark"),
    ]:  # fmt: skip
        assert f"{place}: {fault}" in build.stdout
    assert "The site is not built" in build.stdout


def test_the_built_site_reads_as_it_is_written() -> None:
    site = ROOT / "site"
    if not (site / "index.html").exists():
        pytest.skip("no site is built")
    assert prose.problems(site) == []


def test_every_page_has_front_matter_and_no_accidents() -> None:
    pages = sorted((ROOT / "docs").rglob("*.md"))
    assert len(pages) > 30
    wrong = {page: slips.page_faults(page.read_text(encoding="utf-8")) for page in pages}
    assert not {page: faults for page, faults in wrong.items() if faults}
    assert all(page.read_text(encoding="utf-8").startswith("---\n") for page in pages)
