"""Facts: a correction rests on a computation or a source, and its numbers are the right ones."""

import re
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest

from vitexplain.facts import BARS, ERRATA, SOURCES, Erratum, computed, slides
from vitexplain.site.lesson import read_meta
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY

HOSTS = {  # where a source may lead, and what its path looks like
    "arxiv.org": r"/abs/\d{4}\.\d{4,5}",
    "doi.org": r"/10\.\d{4,5}/\S+",
    "aclanthology.org": r"/[ND]19-\d{4}/",
    "mlanthology.org": r"/tmlr/\d{4}/[\w-]+/",
    "docs.pytorch.org": r"/\S+\.html",
    "github.com": r"/[\w-]+/[\w-]+",
    "www.youtube.com": r"/watch",
    "www.ushistory.org": r"/paine/crisis/",
    "www.cs.toronto.edu": r"/~kriz/\S+\.pdf",
    "archive.ics.uci.edu": r"/dataset/\d+/\S+",
}


def find(where: str, says: str = "") -> Erratum:
    found = [e for e in ERRATA if e.where == where and says in e.says]
    assert len(found) == 1, f"{len(found)} errata are at {where!r} and say {says!r}"
    return found[0]


def names(erratum: Erratum) -> str:
    return f"{erratum.where}-{erratum.says[:30]}"


@pytest.mark.parametrize("erratum", ERRATA, ids=names)
def test_every_erratum_is_computed_or_has_a_source(erratum):
    assert erratum.computed or erratum.sources
    assert erratum.kind == "unsourced" or erratum.correct != erratum.says
    for text in (erratum.where, erratum.says, erratum.correct, erratum.reason):
        assert text.strip()
        assert "|" not in text  # it would end the cell of a table


def test_errata_are_all_different_and_name_no_file():
    assert len({(e.where, e.says) for e in ERRATA}) == len(ERRATA)
    everything = " ".join(
        text for e in ERRATA for text in (e.source, e.where, e.says, e.correct, e.reason)
    )
    assert not re.search(r"\bS[0-4]\b|\.txt\b", everything)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_sources_can_be_read_somewhere(source):
    assert re.fullmatch(r"[a-z0-9-]+", source.key)
    assert 1776 <= source.year <= 2026
    if source.key == "slides":
        return
    address = urlparse(source.url)
    assert address.scheme == "https"
    assert address.netloc in HOSTS
    assert re.fullmatch(HOSTS[address.netloc], address.path)


def test_no_two_sources_are_the_same_work():
    urls = [source.url for source in SOURCES.values()]
    assert len(set(urls)) == len(urls)


@pytest.mark.parametrize(
    ("where", "says", "right"),
    [
        ("similarity", "dot product", "gives only 9"),
        ("similarity", "small footballer", "4.12 for [1, 4] and 3.00"),
        ("embeddings", "", "sheep [4, 0], Messi [0, 5]"),
        ("goat, tokens", "", "[1.1508, 3.7565], without them [1.1513, 3.7631]"),
        ("goat, scaling", "", "[3.5355, 7.0711, 0.0000, 8.8388, 8.8388]"),
        ("goat, footballer's weights", "", "[0.4596, 0.0023, 0.4596, 0.0001, 0.0785]"),
        ("goat, animal's output", "", "[3.7631, 1.1513]"),
        ("goat, footballer's output", "", "[1.1513, 3.7631]"),
        (
            "seven tokens, step 1",
            "",
            "[28.2843, 5.6569, 5.6569, 25.4558, 0.0000, 4.2426, 19.7990]",
        ),
        (
            "seven tokens, step 2",
            "",
            "[0.9440, 0.0063, 0.0063, 0.1954, 0.1429, 0.0159, 0.0028]",
        ),
        ("seven tokens, notation", "", "[0.9440, 0.0000, 0.0000, 0.0558, 0.0000, 0.0000, 0.0002]"),
        ("seven tokens, result", "", "[0.8022, 0.0000, 0.0000, 0.1950, 0.0000, 0.0000, 0.0028]"),
        ("patches", "W × H", "196"),
        ("the function", "", "IndentationError: expected an indented block"),
        (
            "forward pass",
            "",
            "AttributeError: 'VisionTransformer' object has no attribute 'patch_size'",
        ),
        ("patches", "unfold", "0 of 392 tokens"),
        ("the encoder", "essence", "by 0.0:"),
        ("the encoder", "defaults", "67,679,464 parameters; ViT-B/16 has 86,567,656"),
        ("heads", "expensive", "17.56 G multiply-adds with 1 head and 17.56 G with 12"),
        ("why attention", "", "6.7 × 10<sup>−5</sup>"),
        ("positions", "left out", "2.8 points"),
        ("positions", "Sinusoids", "[0.8415, 0.5403, 0.0100, 1.0000], p = 2 is [0.9093, −0.4161, "),
        ("embedding", "", "590,592 parameters"),
        ("patches", "aggregated", "with the class token 197"),
        ("receptive field", "", "483 pixels"),
        ("compute", "", "17.6 G multiply-adds"),
        ("compute", "", "4.1% of ViT's"),
        ("resolution", "", "38,416; 614,656; 9,834,496"),
        ("benefit", "", "+4.17, +1.43, +1.31, +0.30, +0.00"),
    ],
)
def test_what_is_right_is_computed(where, says, right):
    erratum = find(where, says)
    assert erratum.computed
    assert right in erratum.correct


VECTOR = re.compile(r"\[([-−\d.]+(?:, [-−\d.]+)*)\]")


def test_what_is_rounded_is_imprecise_and_what_is_another_number_is_a_slip():
    compared = 0
    for erratum in ERRATA:
        printed, right = (VECTOR.findall(text) for text in (erratum.says, erratum.correct))
        if len(printed) == len(right) == 1:
            a, b = (np.array(one[0].split(", "), float) for one in (printed, right))
            rounded = np.abs(a - b).max() < 0.01 * np.abs(b).max()
            assert erratum.kind == ("imprecise" if rounded else "slip"), erratum.where
            compared += 1
    assert compared == 6
    for bar in BARS:
        rounded = abs(bar.printed - bar.result.value) < 0.1
        assert bar.kind == ("imprecise" if rounded else "slip"), bar.model


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
    for kind, wheres in {"slip": slips, "unsourced": unsourced}.items():
        assert [e.where for e in ERRATA if e.kind == kind] == wheres


def test_the_footballers_goat_must_mirror_the_animals():
    animal, footballer = computed.goat(GOAT_ANIMAL), computed.goat(GOAT_FOOTBALLER)
    np.testing.assert_allclose(animal.output[0], [3.7630768611, 1.1512713040], atol=5e-11)
    np.testing.assert_allclose(footballer.output, animal.output[:, ::-1], rtol=1e-14)
    np.testing.assert_allclose(np.sort(footballer.weights), np.sort(animal.weights), rtol=1e-14)
    assert computed.is_mirror()
    assert "[1.075, 3.785]" in find("goat, footballer's output").reason
    assert "gap of 1.12" in find("goat, footballer's weights").reason
    assert "it is 1.77" in find("goat, footballer's weights").reason


def test_printed_values_are_those_of_the_slides_and_differ_where_they_are_wrong():
    np.testing.assert_array_equal(
        SIMILARITY.embeddings[[i for i, _ in slides.SIMILARITY_PAIRS]][:, None]
        @ SIMILARITY.embeddings[[j for _, j in slides.SIMILARITY_PAIRS]][..., None],
        slides.SIMILARITY_DOTS[:, None, None],
    )
    np.testing.assert_allclose(
        slides.SIMILARITY_DOTS / np.sqrt(2), slides.SIMILARITY_SCALED, atol=0.05
    )
    for sentence, printed in (
        (GOAT_ANIMAL, slides.GOAT_ANIMAL_SCORES),
        (GOAT_FOOTBALLER, slides.GOAT_FOOTBALLER_SCORES),
    ):
        np.testing.assert_array_equal(computed.goat(sentence).scores[0], printed)
    weights = computed.self_attention(MESSI).weights
    same = np.isclose(np.round(weights, 2), slides.MESSI_WEIGHTS)
    ronaldo, messi = MESSI.words.index("Ronaldo"), MESSI.words.index("Messi")
    assert np.argwhere(~same).tolist() == [[ronaldo, messi], [ronaldo, ronaldo]]
    np.testing.assert_allclose(
        slides.MESSI_WEIGHTS.sum(axis=1), [1, 1.01, 1.01, 1, 0.98, 1.01, 1], atol=1e-12
    )


def test_six_of_seven_choose_messi_two_of_them_not_alone():
    assert computed.choosers("Messi") == (4, 2)
    assert computed.choosers("goat") == (0, 2)
    assert computed.choosers("Ronaldo") == (0, 0)


def test_random_matrices_saturate_the_softmax():
    deviation, largest, entropy = computed.random_heads(1.0)
    np.testing.assert_allclose([deviation, largest, entropy], [64.15, 0.9791, 0.0504], rtol=0.05)
    tamed = computed.random_heads(1 / 8)
    np.testing.assert_allclose(tamed, [1.002, 0.2444, 2.3590], rtol=0.02)


def test_the_sample_s_matrices_are_too_large_by_what_brings_the_scores_to_one():
    found = re.search(r"the matrices are ([\d.]+) times too large", str(find("the example").reason))
    assert found
    deviation, *_ = computed.random_heads(1 / float(found[1]))
    assert deviation == pytest.approx(1, abs=0.02)
    assert f"√{float(found[1]) ** 2:g} and they are" in find("the example").correct


@pytest.mark.parametrize(
    ("where", "part", "text"),
    [
        ("order of patches", "reason", "up to 60% top-1 with 80% of the image covered."),
        ("the Transformer's score", "says", "41.8 BLEU, English to French."),
        ("the Transformer's score", "correct", "41.8 in the abstract and Table 2; section 6.1 "),
        ("the Transformer's score", "correct", " of the same paper says 41.0."),
        ("the Transformer's score", "reason", "the abstract says 41.0, too."),
        ("seven tokens, step 2", "says", "has 0.94 in every"),
        ("seven tokens, step 2", "reason", "its 0.94 and"),
        ("seven tokens, notation", "says", "a_messi ≈ 0.94."),
        ("seven tokens, notation", "reason", "0.94 is one entry of it"),
        ("seven tokens, result", "reason", "The 0.80 belongs to Messi"),
    ],
)
def test_what_is_quoted_stands_so_in_the_source(where, part, text):
    assert text in getattr(find(where), part)


def test_attention_is_equivariant_and_not_invariant():
    rounding, moved = computed.equivariance()
    assert rounding < 1e-14
    assert moved > 1


def test_error_of_needs_an_error():
    with pytest.raises(AssertionError, match="was to fail"):
        computed.error_of(lambda: None)


EXPLAINERS = Path(__file__).parents[1] / "explainers"


def anchors(page: str) -> set[str]:
    """Return the anchors of the headings of the lesson at `page`, as Python-Markdown makes them."""
    sources = [path.read_text(encoding="utf-8") for path in EXPLAINERS.glob("*.py")]
    [source] = [text for text in sources if read_meta(text, name=page).page == page]
    headings = re.findall(r"^# #{2,3} (.+)$", source, flags=re.MULTILINE)
    plain = (h.encode("ascii", "ignore").decode().lower() for h in headings)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", h).strip()) for h in plain}


@pytest.mark.parametrize("erratum", [e for e in ERRATA if e.see], ids=names)
def test_the_lesson_has_that_section(erratum):
    page, _, section = erratum.see.partition("#")
    assert section in anchors(page)
