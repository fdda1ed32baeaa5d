"""The small parts of the pipeline, each alone."""

import ast
import hashlib
import io
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from fontTools.ttLib import TTFont

from builder import (
    assets,
    fonts,
    freshness,
    inline,
    links,
    markup,
    navigation,
    notebooks,
    store,
    styles,
)
from builder.lesson import LessonError, Meta
from builder.maths import MathsError, typeset
from builder.parser import parse

ROOT = Path(__file__).parents[2]
FIGTREE = "web/node_modules/@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2"


def test_prune_drops_unused_parts_and_keeps_the_order() -> None:
    css = (
        '@charset "UTF-8";.a{x:y}.md-version,.b{c:d}.md-tag{e:f}'
        '@media print{.md-source{g:h}.c{content:"}"}}@media screen{.mermaid{i:j}}'
    )
    assert styles.prune(css) == '@charset "UTF-8";.a{x:y}.b{c:d}@media print{.c{content:"}"}}'


def test_a_comma_in_brackets_separates_no_selectors() -> None:
    css = '.a:is(.b,.md-tag),.c[title="x,.md-tag y"],.d{e:f}'
    assert styles.prune(css) == ".d{e:f}"


def test_trimmed_fonts_have_the_letters_asked_for_and_no_others(tmp_path: Path) -> None:
    trimmed = fonts.trim(ROOT / FIGTREE, "abc", cache=tmp_path)
    assert len(trimmed) < (ROOT / FIGTREE).stat().st_size / 4
    assert set(TTFont(io.BytesIO(trimmed)).getBestCmap() or {}) == set(map(ord, "abc"))
    assert fonts.trim(ROOT / FIGTREE, "abc", cache=tmp_path) == trimmed


def test_letters_are_those_of_the_pages() -> None:
    found = fonts.letters(["&mdash;Ω", "é"])
    assert {"—", "Ω", "é", "A", "z"} <= set(found)
    assert "ß" not in found


def test_links_between_pages_become_links_of_the_notebook() -> None:
    text = "[b](b.md#c) [home](../index.md) [out](https://y.org/z.md) [here](#d) `[code](b.md)`"
    here = "https://x.org/lessons/a.md"
    assert notebooks.relink(text, lambda link: notebooks.address(urljoin(here, link))) == (
        "[b](https://x.org/lessons/b/#c) [home](https://x.org/) [out](https://y.org/z.md) "
        "[here](#d) `[code](b.md)`"
    )


def test_inline_expressions_are_found_outside_code() -> None:
    text = "{eval}`a` and {eval}``b['`']`` but `` {eval}`c` `` and\n```\n{eval}`d`\n```\n"
    assert inline.expressions(text) == ["a", "b['`']"]
    assert inline.replace(text, str.upper).startswith("A and B['`'] but `` {eval}`c` ``")


def test_formulas_are_typeset_and_a_wrong_one_is_named_with_its_page() -> None:
    square, wrong = (rf'<span class="arithmatex">\({tex}\)</span>' for tex in ("x^2", r"\nope"))
    pages = {
        "p": f"<p>{square}, {square}",
        "q": "none",
        "r": r'<div class="arithmatex">\[x\]</div>',
    }
    found = typeset(pages, ROOT / "web")
    assert found["p"].count("<msup>") == 2
    assert "annotation" not in found["p"]
    assert found["q"] == "none"
    assert found["r"].startswith('<div class="vx-maths" tabindex="0" role="group"')
    with pytest.raises(MathsError, match=r"q: the formula .*nope"):
        typeset({"p": square, "q": wrong}, ROOT / "web")


def test_two_lessons_cannot_have_one_page() -> None:
    meta = Meta("A", "B", page="lessons/a.md")
    with pytest.raises(LessonError, match="both want the page"):
        navigation.fill([], {"one": meta, "two": meta})


def test_plain_tables_scroll_and_corners_head_nothing() -> None:
    table = "<table><thead><tr><th></th><th>b</th></tr></thead></table>"
    found = markup.scrolling_tables(table)
    assert found.startswith('<div class="vx-scroll" tabindex="0"')
    assert "<td></td><th>b</th>" in found


def test_only_marks_without_colour_are_left_out() -> None:
    code = '<span class="k">def</span> <span class="nf">f</span><span class="p">(</span>'
    assert markup.plain_code(code) == '<span class="k">def</span> <span class="nf">f</span>('


def test_every_colour_of_the_style_comes_from_the_palette() -> None:
    """The sheets name colours by their meaning; only shadows are literal."""
    for sheet in (ROOT / "docs" / "stylesheets" / "site").glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\((?!0 0 0 /)", text), sheet.name
    assert "--vx-query:#0a4fd0;" in assets.colours()


def test_the_stand_ins_are_those_of_these_letters() -> None:
    """Other files have other widths and heights: their stand-ins must be computed anew."""
    sheet = (ROOT / "docs/stylesheets/site/15-stand-ins.css").read_text(encoding="utf-8")
    for name, family in zip(assets.FONTS, ("Figtree", "Code"), strict=True):
        file = ROOT / f"web/node_modules/@fontsource-variable/{name.partition('-latin')[0]}/files"
        content = (file / f"{name}.woff2").read_bytes()
        assert hashlib.sha256(content).hexdigest()[:16] in sheet
        font: Any = TTFont(io.BytesIO(content))
        em, height = font["head"].unitsPerEm, font["hhea"]
        faces = re.findall(rf'@font-face{{font-family:"[^"]* as {family}".*}}', sheet)
        assert len(faces) == {"Figtree": 12, "Code": 8}[family]
        for face in faces:
            wide, up, down, gap = (float(x) / 100 for x in re.findall(r":([\d.]+)%", face))
            assert (wide * up, wide * down) == pytest.approx(
                (height.ascent / em, -height.descent / em), abs=2e-4
            )
            assert gap == 0


def test_the_search_of_another_theme_is_not_mended_in_silence() -> None:
    with pytest.raises(assets.AssetError, match="search is another one"):
        assets.search_worker("t.TokenSet.prototype.toString=function(){return this.edges.join()}")


def test_the_search_weighs_lessons_before_the_api() -> None:
    weights = [
        navigation.search_boost("lessons/a.md", "Lessons"),
        navigation.search_boost("lessons/b.md", "Comparisons"),
        navigation.search_boost("about.md", "Reference"),
        20 * navigation.search_boost("api/a.md", ""),  # a word in a title
    ]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == 4


@pytest.mark.parametrize(
    "changed",
    ["docs/index.md", "explainers/goat.py", "overrides/main.html", "src/vitexplain/arrays.py",
     "web/package.json", "mkdocs.yml"],
)  # fmt: skip
def test_a_site_is_stale_when_anything_it_is_made_of_changes(tmp_path: Path, changed: str) -> None:
    root, site = tmp_path / "project", tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<p>Built", encoding="utf-8")
    source, other = root / changed, root / "docs" / "__pycache__" / "x.pyc"
    for path in (source, other):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before", encoding="utf-8")
    freshness.remember(root, site, freshness.inputs(root))
    assert freshness.is_fresh(root, site)
    other.write_text("after", encoding="utf-8")
    assert freshness.is_fresh(root, site)
    source.write_text("after", encoding="utf-8")
    assert not freshness.is_fresh(root, site)


def test_a_site_that_was_touched_is_stale(tmp_path: Path) -> None:
    root, site = tmp_path / "project", tmp_path / "site"
    site.mkdir()
    page = site / "index.html"
    page.write_text("<p>Built", encoding="utf-8")
    assert not freshness.is_fresh(root, site)  # nothing is known of it
    freshness.remember(root, site, freshness.inputs(root))
    assert freshness.is_fresh(root, site)
    page.write_text("<p>Edited", encoding="utf-8")
    assert not freshness.is_fresh(root, site)


@pytest.mark.parametrize("package", ["numpy", "torch", "plotly"])
def test_another_version_of_a_library_runs_the_lessons_again(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = store.fingerprint(), store._version
    monkeypatch.setattr(store, "_version", lambda name: "0" if name == package else real(name))
    assert store.fingerprint() != before


def test_links_of_a_page_lead_somewhere_under_any_prefix(tmp_path: Path) -> None:
    page = '<a href="/lessons/">x</a><a href="lessons/#here">x</a><a href="https://x.org/">x</a>'
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "index.html").write_text('<h1 id="here">', encoding="utf-8")
    for name in ("index.html", "404.html"):  # a server shows 404.html at any address
        (tmp_path / name).write_text(page, encoding="utf-8")
    [problem] = links.dead_links(tmp_path)
    assert problem == "index.html: '/lessons/' is absolute: the site would break under a prefix"


def test_a_lesson_waits_until_another_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    python, done, others = ast.parse, [], []

    def parsing(code: str, mode: str) -> ast.AST:
        if not others:
            others.append(threading.Thread(target=parse, args=("2",)))
            others[0].start()
            for _ in range(10_000):  # time in which the other one could come first
                python("1")
        done.append(code)
        return python(code, mode=mode)

    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", parsing)
        tree = parse("1", mode="eval")
        others[0].join()
    assert isinstance(tree, ast.Expression)
    assert done == ["1", "2"]
