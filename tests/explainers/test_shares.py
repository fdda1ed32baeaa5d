"""No interval of a share in percent that a page states or draws ends below 0 or above 100."""

import csv
import io
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.lessons import ROOT, made

NAMES = sorted(path.stem for path in (ROOT / "explainers").glob("[a-z]*.py"))
STATED = re.compile(r"%(?: \(|, )([−-]?[\d.]+)%? to ([−-]?[\d.]+)%?\)")


def stated(markdown: str) -> Iterator[tuple[float, float]]:
    for ends in STATED.findall(markdown):
        low, high = (float(end.replace("−", "-")) for end in ends)
        yield low, high


def drawn(assets: Mapping[str, bytes | str]) -> Iterator[tuple[float, float]]:
    """Yield low and high of each row of a figure's data whose numbers are accuracies in percent."""
    for path, asset in assets.items():
        if not path.endswith(".csv"):
            continue
        text = asset if isinstance(asset, str) else asset.decode("utf-8-sig")
        for row in csv.DictReader(io.StringIO(text)):
            if "low" in row and any(re.search("accuracy.*%", name) for name in row):
                yield float(row["low"]), float(row["high"])


@pytest.mark.parametrize("name", NAMES)
def test_no_end_of_an_interval_is_beyond_what_a_share_can_be(name):
    lesson = made(name)
    for low, high in (*stated(lesson.markdown), *drawn(lesson.assets)):
        assert 0 <= low <= high <= 100


def test_intervals_are_found_where_there_are_some():
    """Three runs of the hybrid on all digits reach to 100.4 % by Student's t: that is cut."""
    assert max(high for _, high in drawn(made("hybrids").assets)) == 100
    assert list(stated(made("live_lab").markdown))
