"""The guide: each advice rests on something, its links lead somewhere, its numbers bear it out."""

import re

import pytest

from tests.test_facts import anchors
from vitexplain.experiments.results import Interval
from vitexplain.facts import SOURCES
from vitexplain.facts.advice import ADVICE, Advice, Evidence
from vitexplain.facts.advice.entry import written

EVIDENCE = [(advice, one) for advice in ADVICE for one in advice.evidence]


def names(value: Advice | Evidence) -> str | None:
    return value.situation if isinstance(value, Advice) else None


@pytest.mark.parametrize("advice", ADVICE, ids=names)
def test_every_advice_has_evidence(advice):
    assert advice.evidence
    assert any(one.holds or one.see for one in advice.evidence)
    for text in (advice.situation, advice.choose, advice.because):
        assert text.strip()
        assert "|" not in text


@pytest.mark.parametrize(("advice", "one"), EVIDENCE, ids=names)
def test_every_line_leads_to_a_measurement_or_a_source(advice, one):
    assert one.see or one.cites
    assert all(key in SOURCES for key in one.cites)
    if one.see:
        page, _, section = one.see.partition("#")
        sections = anchors(page)  # fails if there is no such page
        assert not section or section in sections


@pytest.mark.parametrize(("advice", "one"), EVIDENCE, ids=names)
def test_the_numbers_still_bear_the_advice_out(advice, one):
    says = one.says()
    assert says.endswith(".")
    assert not re.search(r"\b(nan|inf|None)\b", says)
    if one.holds:
        assert one.holds()
        assert re.search(r"\d", says)
    else:
        assert one.cites  # words alone rest on a source


def test_no_advice_rests_on_interpretability():
    [advice] = [advice for advice in ADVICE if "explain" in advice.situation]
    assert advice.choose.startswith("Neither")


def test_situations_differ():
    assert len({advice.situation for advice in ADVICE}) == len(ADVICE) == 14


def test_an_interval_is_written_within_0_and_100():
    assert written(Interval(0.98, 0.95, 1.01, 3)) == "98.0% (95.0 to 100.0)"
    assert written(Interval(0.02, -0.01, 0.05, 3)) == "2.0% (0.0 to 5.0)"
