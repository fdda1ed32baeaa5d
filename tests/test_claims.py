"""The claims of the comparison: measured or sourced, verdicts borne out, links that lead on."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from vitexplain.experiments import results
from vitexplain.facts import SOURCES
from vitexplain.facts.claims import CLAIMS, TOPICS, VERDICTS, Claim, Measured, entry, measured
from vitexplain.site.lesson import read_lesson

EXPLAINERS = Path(__file__).parents[1] / "explainers"
MEASURED = [(claim, one) for claim in CLAIMS for one in claim.measured]
NAMES = [f"{claim.key}-{i}" for i, (claim, _) in enumerate(MEASURED)]


@cache
def anchors() -> dict[str, set[str]]:
    """Return the anchors of the headings of every page."""
    found = {}
    for path in EXPLAINERS.glob("*.py"):
        lesson = read_lesson(path.read_text(encoding="utf-8"), name=path.stem)
        prose = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
        headings = re.findall(r"^#+ (.+)$", "\n".join(prose), re.MULTILINE)
        found[lesson.meta.page] = {slugify(heading, "-") for heading in headings}
    return found


def test_keys_are_distinct_and_every_verdict_is_given():
    assert len({claim.key for claim in CLAIMS}) == len(CLAIMS) == sum(map(len, TOPICS.values()))
    assert {claim.verdict for claim in CLAIMS} == set(VERDICTS)


def test_a_claim_needs_a_measurement_or_a_source():
    with pytest.raises(ValueError, match="neither a measurement nor a source"):
        Claim("empty", "somebody", "It is so.", "right", "Is it?")
    with pytest.raises(ValueError, match="verdict must be one of"):
        Claim("odd", "x", "y", "maybe", "z", CLAIMS[0].measured)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_every_row_has_a_measurement_or_a_verified_source(claim):
    for one in claim.published:
        assert one.key in SOURCES
        assert one.where
        assert re.search(r"\w", str(one))
    for text in (claim.says, claim.but):
        assert text[-1] in ".?"
        assert "“" not in text


@pytest.mark.parametrize(("claim", "one"), MEASURED, ids=NAMES)
def test_measurements_say_numbers_and_bear_the_verdict_out(claim: Claim, one: Measured):
    said = one.says()
    assert re.search(r"\d", said)
    assert not re.search(r"\b(nan|inf|None)\b", said)
    assert one.holds(), f"{claim.key}: {said}"


@pytest.mark.parametrize(("claim", "one"), MEASURED, ids=NAMES)
def test_links_lead_to_a_section(claim: Claim, one: Measured):
    page, _, anchor = one.see.partition("#")
    assert anchor in anchors()[page]


def rest_on_training(one: Measured, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether a measurement reads results of our own training."""
    asked = []
    with monkeypatch.context() as patched:
        real = results.read
        patched.setattr(results, "read", lambda *args: asked.append(args[0]) or real(*args))
        one.holds()
    return bool(set(asked) - {"latency"})


def test_verdicts_fall_when_all_models_do_alike(monkeypatch):
    """No verdict on trained models survives results in which nothing makes a difference."""
    trained = [pair for pair in MEASURED if rest_on_training(pair[1], monkeypatch)]
    assert len(trained) > 8
    real = results.read

    def alike(study, *args):
        found = real(study, *args)
        same = {"mean": 0.5, "low": 0.4, "high": 0.6, "seeds": 3}
        cells = [
            {**cell, "measures": dict.fromkeys(cell["measures"], same)}
            for cell in found.cells
            if "measures" in cell
        ]
        return replace(found, cells=tuple(cells))

    monkeypatch.setattr(results, "read", alike)
    assert [claim.key for claim, one in trained if one.holds()] == []


def test_intervals_are_written_within_0_and_100():
    one = results.Interval(0.983, 0.963, 1.004, 3)
    assert entry.percent(one) == "98.3% (96.3 to 100.0)"
    assert entry.percent(results.Interval(0.02, -0.01, 0.05, 3)) == "2.0% (0.0 to 5.0)"


def test_the_listed_number_of_parameters_is_the_number_that_we_count():
    [claim] = [claim for claim in CLAIMS if claim.key == "parameters"]
    [listed] = claim.published
    assert str(listed) == f"{measured.parameters_of('ResNet-50') / 1e6:.1f} M, listed."


def test_shared_measurements_are_the_known_ones():
    sizes = {name: measured.fields(name)[-1].size for name in measured.FIELDS}
    assert list(sizes.values()) == [195, 212, 483, 1027, 1507]
    for name in ("ResNet-50", "ResNet-152"):
        layers = measured.fields(name)
        last = measured.covering(name) - 1
        assert layers[last - 1].size < 224 <= layers[last].size
    assert measured.one_head()[2:] == (86_567_656, 17_563_828_224)
    assert measured.parameters_of("ResNet-50") == 25_557_032
    assert measured.parameters_of("B/16", 384) == 86_859_496
    assert measured.kept(1568, fused=True) == pytest.approx(1, abs=1e-3)
