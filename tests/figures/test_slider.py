"""A slider shows one of several figures at a time, each with its own words and numbers."""

from typing import Any

import pytest

from vitexplain.figures import Bar, bars, slider


def chart(value: float) -> Any:
    return bars([Bar("cat", value), Bar("dog", 1 - value)], x="share")


CHARTS = {"first": chart(0.2), "second": chart(0.7), "third": chart(0.5)}
FIGURE: Any = slider(CHARTS, label="picture", alt="Three pictures.", first=1)


def test_each_stop_shows_its_own_traces_and_texts():
    [bar] = FIGURE.layout.sliders
    traces = len(CHARTS["first"].data)
    assert [trace.visible for trace in FIGURE.data] == [False] * traces + [True] * traces + (
        [False] * traces
    )
    assert bar.active == 1
    for index, (stop, (name, one)) in enumerate(zip(bar.steps, CHARTS.items(), strict=True)):
        assert stop.label == name
        visible, moved = stop.args
        drawn = [t for t, on in zip(FIGURE.data, visible["visible"], strict=True) if on]
        assert [list(t.x) for t in drawn] == [list(t.x) for t in one.data]
        assert len(moved["annotations"]) == len(one.layout.annotations), index
        assert set(moved) == {"annotations", "shapes", "images"}


def test_its_table_has_the_rows_of_all():
    meta = FIGURE.layout.meta
    assert meta["alt"] == "Three pictures."
    assert meta["table"]["header"][:2] == [
        "picture",
        *CHARTS["first"].layout.meta["table"]["header"][:1],
    ]
    assert [row[0] for row in meta["table"]["rows"]] == ["first"] * 2 + ["second"] * 2 + [
        "third"
    ] * 2


def test_the_frame_is_that_of_the_figures_with_room_above():
    assert FIGURE.layout.height > CHARTS["first"].layout.height
    assert FIGURE.layout.xaxis == CHARTS["second"].layout.xaxis
    with pytest.raises(ValueError, match="two figures or more of one height"):
        slider({"one": CHARTS["first"]}, label="", alt="one")
    other = bars([Bar("cat", 1.0)], x="share")
    with pytest.raises(ValueError, match="of one height"):
        slider({"one": CHARTS["first"], "two": other}, label="", alt="two")
