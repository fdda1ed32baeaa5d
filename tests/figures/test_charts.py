"""Charts: what they plot, say and refuse."""

import math
import re
from typing import Any

import numpy as np
import pytest

from tests.figures.test_words import array
from vitexplain.figures import Bar, Point, Reference, Series, bars, dots, lines, scatter
from vitexplain.figures.charts import FAMILIES, look
from vitexplain.figures.charts.curves import spread
from vitexplain.figures.charts.looks import key
from vitexplain.figures.charts.scales import short, written
from vitexplain.figures.theme import LIGHT

SIZES = [100, 1000, 60000]
CNN = Series("CNN", SIZES, [70.0, 90.0, 99.25], [68.0, 89.0, 99.0], [71.0, 91.5, 99.5])
VIT = Series("ViT", SIZES, [50.0, 85.0, 99.0])
ACCURACY: dict[str, Any] = {"x": "training images", "y": "test accuracy, %", "log_x": True}
MODELS = [
    Bar("ResNet-50", 76.1, group="from scratch", family="CNN"),
    Bar("ViT-B/16", 77.9, 76.5, 79.0, group="from scratch", family="ViT", note="Table 5"),
    Bar("ViT-L/16", 85.2, group="pre-trained", family="ViT"),
]
COSTS = [
    Point("B/16", 224, 84.15, "ViT"),
    Point("B/32", 55, 80.73, "ViT"),
    Point("R50", 50, 77.54, "CNN", note="7 epochs"),
]
HEADS = [[3.0, 9.0], [5.0, 20.0, 11.0]]

CHARTS: dict[str, Any] = {
    "lines": lines([CNN, VIT], **ACCURACY, reference=Reference(10, "chance"), interval="range"),
    "key above": lines(
        [Series("a name that is not short at all", [1, 2], [3, 4]), VIT], x="x", y="y"
    ),
    "bars": bars(MODELS, x="top-1, %", reference=Reference(50, "half")),
    "points": bars(MODELS, x="top-1, %", start=70, interval="range of 3 seeds"),
    "long names": bars([Bar("a name that is not short", 2.0)], x="seconds"),
    "dots": dots(HEADS, y="distance, pixels", reference=Reference(12, "uniform", "left")),
    "two sets": dots({"before": HEADS, "after": HEADS}, y="distance, pixels"),
    "scatter": scatter(COSTS, x="exaFLOPs", y="top-1, %", log_x=True, joined=True),
}


def named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_lines_plot_each_point_and_its_interval() -> None:
    figure: Any = CHARTS["lines"]
    cnn, vit = named(figure, "CNN"), named(figure, "ViT")
    np.testing.assert_allclose(array(cnn.x), SIZES)
    np.testing.assert_allclose(array(cnn.y), CNN.y)
    np.testing.assert_allclose(array(cnn.y) + array(cnn.error_y.array), [71.0, 91.5, 99.5])
    np.testing.assert_allclose(array(cnn.y) - array(cnn.error_y.arrayminus), [68.0, 89.0, 99.0])
    assert vit.error_y.array is None
    assert figure.layout.xaxis.type == "log"
    assert tuple(figure.layout.xaxis.ticktext) == ("100", "1k", "60k")
    assert cnn.customdata[2] == ["CNN", "60,000", "99.25 (99 to 99.5)"]
    low, high = figure.layout.yaxis.range
    assert low < 10 < 99.5 < high


def test_lines_say_and_tabulate_what_they_plot() -> None:
    meta: Any = CHARTS["lines"].layout.meta
    assert meta["alt"] == (
        "Test accuracy, % against training images: CNN from 70 at 100 to 99.25 at 60,000; "
        "ViT from 50 at 100 to 99 at 60,000. The dotted line is chance, 10. "
        "Intervals are the range."
    )
    table = meta["table"]
    assert table["header"] == ["series", "training images", "test accuracy, %", "low", "high"]
    assert table["rows"][2] == ["CNN", 60000, 99.25, 99, 99.5]
    assert table["rows"][3] == ["ViT", 100, 50, "", ""]
    assert len(table["rows"]) == 6


def test_short_names_stand_at_the_ends_of_their_lines_and_long_ones_above() -> None:
    ends: Any = [a for a in CHARTS["lines"].layout.annotations if a.showarrow]
    assert [a.text for a in ends] == ["CNN", "ViT"]
    np.testing.assert_allclose([a.x for a in ends], math.log10(60000))
    np.testing.assert_allclose([a.y for a in ends], [99.25, 99.0])
    assert ends[0].ay - ends[1].ay <= -14  # they would touch where their lines end
    above: Any = CHARTS["key above"].layout.annotations
    assert not any(a.showarrow for a in above)
    assert "● a name that is not short at all" in above[0].text
    assert LIGHT["vit"] in above[0].text


def test_a_key_never_gets_wider_than_a_phone() -> None:
    rows = key([(f"series number {i}", look("CNN")) for i in range(5)])
    assert len(rows) == 3
    assert max(len(re.sub("<[^>]*>", "", row)) for row in rows) <= 42


def test_spread_moves_only_what_touches_and_as_little_as_possible() -> None:
    np.testing.assert_allclose(spread([0, 100], [10, 10]), [0, 100])
    np.testing.assert_allclose(spread([50, 52], [10, 10]), [46, 56])
    np.testing.assert_allclose(spread([3, 1, 2, 90], [10, 10, 10, 10]), [12, -8, 2, 90])
    np.testing.assert_allclose(spread([0, 0], [10, 30]), [-10, 10])


def test_bars_stand_under_their_groups_and_begin_at_zero() -> None:
    figure: Any = CHARTS["bars"]
    trace = next(trace for trace in figure.data if trace.type == "bar")
    assert list(trace.x) == [76.1, 77.9, 85.2]
    assert list(trace.y) == sorted(trace.y)
    assert figure.layout.xaxis.range == (0, 85.2)
    assert tuple(trace.marker.color) == (LIGHT["cnn"], LIGHT["vit"], LIGHT["vit"])
    texts = {a.text: a.y for a in figure.layout.annotations}
    assert texts["<b>from scratch</b>"] < trace.y[0] < trace.y[1]
    assert trace.y[1] < texts["<b>pre-trained</b>"] < trace.y[2]
    spans = [(s.x0, s.x1) for s in figure.layout.shapes if s.line.color == LIGHT["ink"]]
    assert spans[0] == (76.5, 79.0)
    assert figure.layout.meta["table"] == {
        "header": ["name", "group", "top-1, %", "low", "high", "note"],
        "rows": [
            ["ResNet-50", "from scratch", 76.1, "", "", ""],
            ["ViT-B/16", "from scratch", 77.9, 76.5, 79, "Table 5"],
            ["ViT-L/16", "pre-trained", 85.2, "", "", ""],
        ],
    }


def test_an_axis_that_does_not_begin_at_zero_has_points_and_no_bars() -> None:
    figure: Any = CHARTS["points"]
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert figure.layout.xaxis.range[0] == 70
    assert list(figure.data[0].x) == [76.1, 77.9, 85.2]
    assert tuple(figure.data[0].marker.symbol) == ("circle", "square", "square")


def test_bars_leave_room_for_intervals_below_zero() -> None:
    figure: Any = bars([Bar("gain", 1.0, -2.0, 4.0)], x="points")
    assert figure.layout.xaxis.range == (-2, 4)
    assert next(trace for trace in figure.data if trace.type == "bar").x == (1.0,)


def test_ticks_are_left_out_where_their_labels_would_touch() -> None:
    sizes = [49, 196, 784, 1764, 3136]
    figure: Any = lines([Series("naive", sizes, sizes)], x="tokens", y="ms", log_x=True)
    assert figure.layout.xaxis.ticktext == ("49", "196", "784", "3.14k")


def test_groups_come_in_the_order_asked_for() -> None:
    figure: Any = bars(MODELS, x="top-1, %", groups=["pre-trained", "from scratch"])
    assert figure.layout.meta["table"]["rows"][0][0] == "ViT-L/16"
    assert figure.layout.meta["alt"].startswith("Top-1, %. pre-trained: ViT-L/16 85.2; from")


def test_dots_are_one_for_each_head_even_where_layers_have_different_heads() -> None:
    figure: Any = CHARTS["dots"]
    (trace,) = figure.data
    assert list(zip(trace.x, trace.y, strict=True)) == [(0, 3), (0, 9), (1, 5), (1, 20), (1, 11)]
    (line,) = figure.layout.shapes
    assert (line.y0, line.y1) == (12, 12)
    table = figure.layout.meta["table"]
    assert table["header"] == ["layer", "head 0", "head 1", "head 2"]
    assert table["rows"] == [[0, 3, 9, ""], [1, 5, 20, 11]]
    assert "from 3 to 20, mean 6 in the first layer and 12 in the last" in figure.layout.meta["alt"]
    assert "uniform, 12." in figure.layout.meta["alt"]


def test_sets_of_dots_stand_beside_each_other() -> None:
    before, after = CHARTS["two sets"].data
    gaps = array(after.x) - array(before.x)
    np.testing.assert_allclose(gaps, gaps[0])
    assert 0.1 < gaps[0] < 0.5
    assert before.marker.symbol != after.marker.symbol


def test_scatter_has_a_trace_a_family_in_the_order_of_x() -> None:
    figure: Any = CHARTS["scatter"]
    cnn, vit = figure.data
    assert (cnn.name, vit.name) == ("CNN", "ViT")
    assert list(vit.x) == [55, 224]
    assert list(vit.y) == [80.73, 84.15]
    assert vit.marker.symbol == FAMILIES["ViT"].marker
    assert cnn.customdata[0] == ["R50", "50", "77.54", "<br>7 epochs"]
    meta = figure.layout.meta
    assert "CNN R50, 77.54 at 50; ViT B/16, 84.15 at 224." in meta["alt"]
    assert meta["table"]["rows"][2] == ["R50", "CNN", 50, 77.54, "7 epochs"]


def test_scatter_says_which_point_is_the_highest() -> None:
    alone = [Point("a", 3, 0.5, "CNN"), Point("b", 1, 0.9, "CNN"), Point("c", 2, 0.2, "CNN")]
    figure: Any = scatter(alone, x="cost", y="accuracy")
    assert "The highest is b, 0.9 at 1" in figure.layout.meta["alt"]
    figure = scatter([*alone, Point("d", 4, 0.7, "ViT"), Point("e", 5, 0.1, "ViT")], x="x", y="y")
    assert "of each family: CNN b, 0.9 at 1; ViT d, 0.7 at 4" in figure.layout.meta["alt"]


def test_scatter_names_the_points_asked_for() -> None:
    figure: Any = scatter(COSTS, x="exaFLOPs", y="top-1, %", label={"B/32": "top left"})
    assert list(named(figure, "ViT").text) == ["B/32", ""]
    assert list(named(figure, "ViT").textposition) == ["top left", "top center"]


@pytest.mark.parametrize(
    ("value", "sentence", "tick"),
    [
        (0.0, "0", "0"),
        (97.43, "97.43", "97.43"),
        (-0.5, "−0.5", "−0.5"),
        (1200.0, "1,200", "1.2k"),
        (60000, "60,000", "60k"),
        (4_111_514_624, "4.112 G", "4.11G"),
        (0.00012, "0.00012", "0.00012"),
        (1.24e-7, "1.2 × 10⁻⁷", "1.2 × 10⁻⁷"),
    ],
)
def test_numbers_in_sentences_and_on_axes(value: float, sentence: str, tick: str) -> None:
    assert (written(value), short(value)) == (sentence, tick)


def test_variants_of_a_family_keep_its_colour_and_change_marker_and_dash() -> None:
    looks = [look("hybrid", variant=i) for i in range(4)]
    assert {one.colour for one in looks} == {LIGHT["hybrid"]}
    assert len({one.dash for one in looks}) == 4
    assert [one.glyph for one in looks] == ["◆", "◇", "◇", "◇"]


def test_families_differ_in_marker_too() -> None:
    assert len({one.marker for one in FAMILIES.values()}) == len(FAMILIES)


def test_a_range_of_y_is_the_one_that_was_given() -> None:
    one = Series("one", (0, 1), (0.2, 0.4))
    assert tuple(lines([one], x="x", y="y", y_range=(0, 1)).layout.yaxis.range) == (0, 1)
    assert tuple(lines([Series("flat", (0, 1), (3, 3))], x="x", y="y").layout.yaxis.range) == (
        2.5, 3.5,
    )  # fmt: skip
