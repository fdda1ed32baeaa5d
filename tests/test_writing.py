"""Numbers, intervals, vectors and tables as a page writes them."""

from decimal import Decimal

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from markdown import markdown

from vitexplain import writing
from vitexplain.experiments.results import Interval

ONE = Interval(0.9432, 0.8811, 1.0053, seeds=3)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (writing.number(-1.8), "−1.8"),
        (writing.number(2.0), "2"),
        (writing.number(0.1 + 0.2), "0.3"),
        (writing.number(1.15134, 2), "1.15"),
        (writing.number(-0.001, 2), "0.00"),
        (writing.number(-0.0), "0"),
        (writing.number(0.001, 1, sign=True), "0.0"),
        (writing.number(1.25, 2, sign=True), "+1.25"),
        (writing.number(torch.tensor(-3.0), 1), "−3.0"),
        (writing.percent(0.9432), "94.3%"),
        (writing.percent(-0.02, 0, sign=True), "−2%"),
        (writing.interval(ONE, 3), "0.943 (0.881 to 1.005)"),
        (writing.interval(ONE, 1, sign=True, unit=" points"), "+0.9 points (+0.9 to +1.0)"),
        (writing.share(ONE), "94.3% (88.1 to 100.0)"),
        (writing.share(ONE, 0), "94% (88 to 100)"),
        (writing.between([4, 3, 5]), "3 to 5"),
        (writing.between([0.31, 0.314], "{:.2f}".format), "0.31"),
        (writing.power(6.74e-5, 1), "6.7 × 10<sup>−5</sup>"),
        (writing.power(np.float32(2e6)), "2 × 10<sup>6</sup>"),
        (writing.power(0), "exactly 0"),
        (writing.vector([[2, 0], [-1, 1.8]]), "[2, 0, −1, 1.8]"),
        (writing.vector(torch.tensor([3.7631, 1.1513]), 2), "[3.76, 1.15]"),
        (writing.products([-1, 3], [2, 0.5]), "(−1) · 2 + 3 · 0.5"),
        (writing.products([-1e-17], [0.2], " × "), "0 × 0.2"),
        (writing.count(0), "no"),
        (writing.count(10), "ten"),
        (writing.count(1200), "1,200"),
        (writing.listed(["eye"]), "eye"),
        (writing.listed(["eye", "ear", 3], " or "), "eye, ear or 3"),
    ],
)
def test_each_reads_as_a_sentence_writes_it(text, written):
    assert text == written


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_number_says_what_it_is_to_its_last_digit(x, digits):
    said = Decimal(writing.number(x, digits).replace("−", "-"))
    assert abs(said - Decimal(x)) <= Decimal(5).scaleb(-digits - 1)
    assert not (said == 0 and "−" in writing.number(x, digits))


def test_a_dot_product_needs_two_vectors_of_one_length():
    with pytest.raises(ValueError, match="argument 2 is longer"):
        writing.products([1], [1, 2])


def test_a_table_is_shown_as_one():
    shown = writing.table(["who", "how much"], [("eye", 0.5), ("ear", "**2**")])
    page = markdown(shown, extensions=["tables"])
    assert page.count("<tr>") == 3
    assert '<td style="text-align: right;"><strong>2</strong></td>' in page
    data, _ = DisplayFormatter().format(shown)
    assert data["text/markdown"] == shown
    assert "right" not in markdown(writing.table("ab", ["cd"], words=None), extensions=["tables"])


def test_a_table_has_as_many_cells_in_every_row():
    with pytest.raises(ValueError, match="must have 2 cells"):
        writing.table(["who", "how much"], [("eye",)])
