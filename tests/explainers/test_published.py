"""The page of published results, as a reader gets it: sourced figures, and nothing typed."""

from tests.explainers.pages import table
from vitexplain.facts import BARS, FAMILIES, LADDERS, RECOMPUTED, SOURCES, TABLE_5, find


def drawn(figure: dict) -> list[tuple[float, float]]:
    """Return every point of a figure."""
    return [point for trace in figure["data"] for point in zip(trace["x"], trace["y"], strict=True)]


def test_each_bar_of_the_article_is_there_with_its_published_value_and_source(lesson, figures):
    lines = [line for line in lesson.markdown.splitlines() if ", the article: " in line]
    assert len(lines) == len(BARS)
    for bar, line in zip(BARS, lines, strict=True):
        assert line.startswith(f"- **{bar.model}**, the article: {bar.printed}%.")
        assert f"{bar.result.value:g}" in line
        assert bar.result.source.url in line
    assert [line for line in lines if "%** is " in line] == lines[-1:]  # the one slip, in bold
    points = drawn(figures[0])
    assert sorted({x for x, _ in points})[-2:] == [86.3, 86.5]


def test_the_recipes_are_drawn(figures):
    shown = {round(x, 3) for x, _ in drawn(figures[1])}
    assert {result.value for ladder in LADDERS.values() for result in ladder} <= shown


def test_table_5_is_drawn_over_images_with_the_dip(figures):
    traces = {trace["name"]: trace for trace in figures[2]["data"]}
    assert list(traces) == ["H/14", "L/16", "L/32", "B/16", "B/32", "BiT"]
    assert traces["B/32"]["x"] == [1.3e6, 14e6, 303e6]
    first, second, third = traces["B/32"]["y"]
    assert first < third < second
    assert traces["BiT"]["y"] == [81.3, 85.39, 87.54]


def test_all_of_table_5_is_on_the_page(lesson):
    rows = table(lesson, "ViT-H/14")
    assert len(rows) == 18
    cells = {(row[0], row[1]): row[2:] for row in rows}
    assert cells["ImageNet", "Pets"][-1] == "–"
    for result in TABLE_5:
        assert f"{result.value:.2f}" in cells[result.regime.data, result.task]


def test_exaflops_are_recomputed_beside_the_printed(lesson):
    rows = table(lesson, "ours")
    assert [row[0] for row in rows] == [r.model for r, _ in RECOMPUTED] + ["R50x1+ViT-B/16"]
    for row in rows:
        printed, ours = (float(cell.replace(",", "")) for cell in row[2:4])
        assert abs(ours / printed - 1) < 0.025


def test_datasets_say_both_roundings(lesson):
    rows = table(lesson, "public")
    assert [row[0] for row in rows] == ["ImageNet", "ImageNet-21k", "JFT-300M"]
    assert rows[0][2:4] == ["1.3 M", "1,281,167"]


def test_the_families_are_one_dot_each_or_in_the_table(lesson, figures):
    traces = figures[3]["data"]
    names = {datum[0] for trace in traces for datum in trace["customdata"]}
    rest = {row[0] for row in table(lesson, "multiply-adds")}
    assert names | rest == {listed.model for listed in FAMILIES}
    assert not names & rest
    assert {trace["name"] for trace in traces} == {"CNN", "ViT", "hybrid", "windowed"}


def test_every_source_of_a_figure_is_listed(lesson):
    listed = lesson.markdown.partition("## Sources")[2]
    used = {listed_.result.source.key for listed_ in FAMILIES} | {
        bar.result.source.key for bar in BARS
    }
    used |= {find(TABLE_5, "ViT-B/16", task="Pets", data="ImageNet").source.key, "bit", "dino-code"}
    for key in used:
        assert f"]({SOURCES[key].url})" in listed
