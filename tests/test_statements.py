"""What is said of CNNs, ViTs and attention: it rests on numbers, and falls when they do."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from builder.lesson import read_lesson
from vitexplain.experiments import results
from vitexplain.facts import BARS, Evidence, Statement, told, topics
from vitexplain.facts.numbers import names, value
from vitexplain.facts.numbers.number_rows import joined, span
from vitexplain.facts.statements import VERDICTS
from vitexplain.facts.words import Condition, Words, written

EXPLAINERS = Path(__file__).parents[1] / "explainers"
EVERY = [one for where in VERDICTS for one in told(where)]
EVIDENCE = [(one, line) for one in EVERY for line in one.evidence]
LINES = [line for _, line in EVIDENCE]


def name(value: Statement | Evidence) -> str:
    return value.says.text[:40]


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


@pytest.mark.parametrize("where", VERDICTS)
def test_statements_are_distinct_and_of_every_verdict(where):
    statements = told(where)
    assert len({(one.place, one.says.text) for one in statements}) == len(statements)
    assert {one.verdict for one in statements} == set(VERDICTS[where])
    assert sum(map(len, topics(where).values())) == len(statements)


@pytest.mark.parametrize("one", EVERY, ids=name)
def test_every_statement_is_whole_and_rests_on_something(one: Statement):
    assert one.evidence or one.computed or one.sources
    texts = [str(one.says), str(one.right), one.by, one.place, one.topic]
    reasons = [str(one.why), *(str(line.says) for line in one.evidence)]
    for text in (*texts, *reasons):
        assert not re.search(r"\b(nan|inf|None)\b", text)
        assert "|" not in text  # it would end the cell of a table
        assert not re.search(r"\bS[0-4]\b|\.txt\b", text)  # no names of our own files
    assert str(one.says).strip()
    assert str(one.right).strip()
    assert one.told == "claims" or str(one.why).strip()
    assert one.told == "advice" or one.by
    if one.told == "errata":
        assert one.place
        assert one.verdict == "no source" or str(one.right) != str(one.says)
    if one.told == "claims":
        for text in (str(one.says), str(one.right)):
            assert text[-1] in ".?"
            assert "“" not in text


@pytest.mark.parametrize(("one", "line"), EVIDENCE, ids=name)
def test_the_numbers_bear_the_statement_out(one: Statement, line: Evidence):
    said = str(line.says)
    assert said[-1] == "."
    assert line.holds(), f"{one.says.text}: {said}"
    if line.condition:
        assert line.says.slots  # what is tested is shown
    else:
        assert line.cites  # words alone rest on a source
    assert one.told == "advice" or line.place or line.see
    assert not (one.told == "claims" and line.see) or line.condition


@pytest.mark.parametrize("see", sorted({one.see for one in (*EVERY, *LINES) if one.see}))
def test_links_lead_to_a_section(see):
    page, _, section = see.partition("#")
    assert section in anchors()[page]


def test_a_statement_needs_a_measurement_or_a_source():
    says = Words("It is so.")
    with pytest.raises(ValueError, match="neither a measurement nor a source"):
        Statement("claims", "topic", says, says, given="right", by="somebody")
    with pytest.raises(ValueError, match="verdict must be one of right, half right"):
        Statement("claims", "topic", says, says, given="maybe", cites=("vit",))
    with pytest.raises(ValueError, match="no source has the key nobody"):
        Statement("claims", "topic", says, says, given="right", cites=("nobody",))
    with pytest.raises(ValueError, match="neither measured here nor published"):
        Evidence(says)


def rest_on_training(line: Evidence, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether a test reads results of our own training."""
    asked = []
    with monkeypatch.context() as patched:
        real = results.read
        patched.setattr(results, "read", lambda *args: asked.append(args[0]) or real(*args))
        line.holds()
    return bool(set(asked) - {"latency"})


def test_statements_fall_when_all_models_do_alike(monkeypatch):
    """Nothing said of trained models survives results in which nothing makes a difference."""
    trained = [line for line in LINES if line.condition and rest_on_training(line, monkeypatch)]
    assert len(trained) > 15
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
    assert [line.says.text for line in trained if line.holds()] == []


def test_what_is_rounded_is_imprecise_and_what_is_another_number_is_a_slip():
    """Six vectors and the six bars have their verdict from their two numbers."""
    computed = {one.place: one.verdict for one in told("errata") if not one.given}
    assert computed.pop("bar chart") == "slip"  # the last one
    assert computed == {
        "goat, scaling": "imprecise",
        "goat, footballer's weights": "slip",
        "goat, animal's output": "imprecise",
        "goat, footballer's output": "slip",
        "seven tokens, step 1": "imprecise",
        "seven tokens, result": "slip",
    }
    charts = [one.verdict for one in told("errata") if one.place == "bar chart"]
    assert charts == [bar.kind for bar in BARS] == ["imprecise"] * 5 + ["slip"]
    with pytest.raises(ValueError, match="no two numbers to compare"):
        Statement("errata", "x", Words("It is 3."), Words("{side}"), by="x")


def test_what_we_call_a_slip_or_without_source_is_meant_so():
    """A second entry for each: nobody is said to be wrong by an edit of one word."""
    slips = [
        "embeddings", "goat, footballer's weights", "goat, footballer's output",
        "one and many queries", "seven tokens, step 2", "seven tokens, result", "the function",
        "forward pass", "patches", "the encoder", "the encoder", "dog and grass", "order",
        "Q, K, V", "not only for text", "heads", "feed-forward network", "order of patches",
        "positions", "multi-head attention", "receptive field", "parameters", "history",
        "examples", "bar chart", "ViT", "DINOv2",
    ]  # fmt: skip
    unsourced = ["eye and ear", "heads", "radiology", "pathology", "satellites", "motto"]
    for verdict, places in {"slip": slips, "no source": unsourced}.items():
        assert [one.place for one in told("errata") if one.verdict == verdict] == places


def test_no_advice_rests_on_interpretability():
    assert len(told("advice")) == 15
    [advice] = [one for one in told("advice") if "explain" in str(one.says)]
    assert str(advice.right).startswith("Neither")


@pytest.mark.parametrize(
    ("given", "spec", "text"),
    [
        (results.Interval(0.983, 0.963, 1.004, 3), "%", "98.3% (96.3 to 100.0)"),
        (results.Interval(0.02, -0.01, 0.05, 3), "%", "2.0% (0.0 to 5.0)"),
        ([4.174, 0.0, -0.5], "+.2f", "+4.17, +0.00, −0.50"),
        ([7, 11], "", "7, 11"),
        ([0.25, -1], "v1", "[0.2, −1.0]"),
        (6.74e-5, "p1", "6.7 × 10<sup>−5</sup>"),
        (86567656, ",", "86,567,656"),
        (0.043, ".1%", "4.3%"),
        ("nnU-Net", "", "nnU-Net"),
    ],
)
def test_numbers_are_written_in_one_way(given, spec, text):
    assert written(given, spec) == text


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ValueError, match="must have a value"):
        written(None)
    with pytest.raises(ValueError, match="is written as %"):
        written(results.Interval(0.5, 0.4, 0.6, 3), ".1f")


def test_slots_and_conditions_name_what_there_is():
    words = Words("A field of {field[ResNet-50]} pixels, {side} an image.")
    assert words.slots == ("field", "side")
    assert str(words) == "A field of 483 pixels, 224 an image."
    assert words.typed == "A field of … pixels, … an image."
    assert Condition("field['ResNet-50'] > 2 * side")()
    assert not Condition("all(size < side\nfor size in field.values())")()
    with pytest.raises(ValueError, match=r"no number is called sides in “\{sides\} pixels”"):
        Words("{sides} pixels")
    with pytest.raises(ValueError, match="no number is called fields, open"):
        Condition("open(fields)")


def test_a_number_has_one_name_and_one_function():
    with pytest.raises(ValueError, match="two numbers are called side"):
        joined({"side": lambda: 0}, {"side": lambda: 1, "top": lambda: 2})
    with pytest.raises(KeyError, match=r"no number is called 'sides'; there are AT_4_5_GMACS,"):
        value("sides")
    with pytest.raises(ValueError, match="needs a number"):
        span([])


def test_every_number_of_ours_is_said_somewhere():
    """What no words and no condition name, goes."""
    words = [words for one in EVERY for words in (one.says, one.right, one.why)]
    said = {slot for one in (*words, *(line.says for line in LINES)) for slot in one.slots}
    said |= set(
        re.findall(r"\w+", " ".join(line.condition.text for line in LINES if line.condition))
    )
    ours = {name for name in names() if name.islower()}
    assert ours - said == set()
