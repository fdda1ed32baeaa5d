"""The table behind a figure and the file with its numbers."""

import csv
import io
import re
from typing import Any

from builder.figure_tables import csv_file, data_table
from builder.shown import PLOTLY, Outputs
from vitexplain.attention import attend
from vitexplain.figures import Series, attention_steps, lines
from vitexplain.tokens import GOAT_ANIMAL


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def same(cell: Any, text: str) -> bool:
    """Whether a cell of the table and a field of the file are the same number or text."""
    try:
        return float(str(cell).replace(",", "").replace("−", "-")) == float(text)
    except ValueError:
        return str(cell) == text


def shown(figure: Any) -> tuple[str, dict[str, bytes]]:
    outputs = Outputs("lesson")
    bundle = {PLOTLY: figure.to_plotly_json()}
    page = outputs.markdown({"output_type": "display_data", "data": bundle})
    return page, outputs.assets


def test_the_file_has_the_cells_of_the_table() -> None:
    x = GOAT_ANIMAL.embeddings
    figure: Any = attention_steps(attend(x, -x, x), query=3, words=GOAT_ANIMAL.words)
    page, assets = shown(figure)
    header, *rows = read(assets["assets/data/lesson-01.csv"])
    table = figure.layout.meta["table"]
    assert header == table["header"]
    assert len(rows) == len(table["rows"]) == 6
    for row, cells in zip(rows, table["rows"], strict=True):
        assert all(map(same, cells, row)), (cells, row)
    assert rows[3][1] == "-12.5"
    assert float(rows[3][1]) == -12.5
    assert '<a download href="vx:assets/data/lesson-01.csv">Download the data (CSV)</a>' in page


def test_the_file_is_exact_where_the_table_is_short() -> None:
    figure: Any = lines([Series("CNN", [25_557_032], [97.123456])], x="parameters", y="top-1")
    page, assets = shown(figure)
    assert read(assets["assets/data/lesson-01.csv"])[1] == ["CNN", "25557032", "97.123456"]
    assert re.findall("<td>(.*?)</td>", page) == ["CNN", "25557032", "97.12"]


def test_numbers_lose_their_commas_and_other_cells_stay() -> None:
    rows = [
        ["1,234,567", "−0.5", "1, 2", "40.1%", "−", "−2,000.25", "12,34"],
        ['say "a, b"', *"abcdef"],
    ]
    table = {"header": [*"abcdefg"], "rows": rows}
    first, second = read(csv_file(table))[1:]
    assert first == ["1234567", "-0.5", "1, 2", "40.1%", "−", "-2000.25", "12,34"]
    assert second == ['say "a, b"', *"abcdef"]


def test_cells_of_the_table_are_text_not_markup() -> None:
    table = {"header": ["", "<b>"], "rows": [["a & b", 0.123456], [123456, 1]]}
    found = data_table(table, "data.csv")
    assert '<thead><tr><td></td><th scope="col">&lt;b&gt;</th></tr>' in found
    assert re.findall("<td>(.*?)</td>", found)[1:] == ["a &amp; b", "0.1235", "123456", "1"]


def test_every_figure_of_a_lesson_has_its_own_file_and_one_without_a_table_none() -> None:
    outputs = Outputs("lesson")
    for table in (None, {"header": ["a"], "rows": [[1]]}, {"header": ["a"], "rows": [[2]]}):
        layout = {"height": 100, "meta": {"alt": "A dot.", "table": table}}
        outputs.figure({"data": [{"y": [1]}], "layout": layout})
    files = {path: content for path, content in outputs.assets.items() if path.endswith(".csv")}
    assert list(files) == ["assets/data/lesson-02.csv", "assets/data/lesson-03.csv"]
    assert [read(content)[1] for content in files.values()] == [["1"], ["2"]]
