"""The numbers behind a figure, twice: a table on the page, and a file for a spreadsheet."""

import csv
import html
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

# A number as figures write it: a true minus, commas between thousands.
_NUMBER = re.compile(r"−?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def data_table(table: Mapping[str, Sequence[Any]], download: str) -> str:
    """Return the table, folded, and the link to its file.

    The table is all that a page without JavaScript has of the figure.
    """
    head = "".join(  # a corner heads nothing
        f'<th scope="col">{_cell(cell)}</th>' if cell else "<td></td>" for cell in table["header"]
    )
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>"
        for row in table["rows"]
    )
    return (
        '<details class="vx-data"><summary>The numbers in this figure</summary>\n'
        '<div class="vx-scroll" tabindex="0" role="group" aria-label="Numbers in the figure">\n'
        f'<table class="vx-table">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>\n"
        f'<a download href="{download}">Download the data (CSV)</a>\n'
        "</details>\n"
    )


def csv_file(table: Mapping[str, Sequence[Any]]) -> bytes:
    """Return the table as CSV (RFC 4180, UTF-8), its numbers as programs read them.

    The mark at its start tells spreadsheets that it is UTF-8; other readers skip it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table["header"])
    writer.writerows([_value(cell) for cell in row] for row in table["rows"])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    return html.escape(f"{value:.4g}" if isinstance(value, float) else str(value))


def _value(value: Any) -> str:
    text = str(value)
    if _NUMBER.fullmatch(text):
        return text.replace("−", "-").replace(",", "")
    return text
