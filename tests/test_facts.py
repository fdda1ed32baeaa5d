"""Facts: sources can be read, the slides are quoted as printed, and what we compute is right."""

import re
from urllib.parse import urlparse

import numpy as np
import pytest

from vitexplain.facts import SOURCES, Statement, slides, told
from vitexplain.facts.numbers import counted, examples, samples, value
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY

HOSTS = {  # where a source may lead, and what its path looks like
    "arxiv.org": r"/abs/\d{4}\.\d{4,5}",
    "doi.org": r"/10\.\d{4,5}/\S+",
    "aclanthology.org": r"/[NDW]19-\d{4}/",
    "mlanthology.org": r"/tmlr/\d{4}/[\w-]+/",
    "docs.pytorch.org": r"/\S+\.html",
    "github.com": r"/[\w-]+/[\w-]+",
    "cloud.google.com": r"/tpu/docs/\S+",
    "huggingface.co": r"/[\w-]+/[\w.-]+",
    "www.youtube.com": r"/watch",
    "www.ushistory.org": r"/paine/crisis/",
    "www.cs.toronto.edu": r"/~kriz/\S+\.pdf",
    "archive.ics.uci.edu": r"/dataset/\d+/\S+",
}


def find(where: str, says: str = "") -> Statement:
    found = [e for e in told("errata") if e.place == where and says in str(e.says)]
    assert len(found) == 1, f"{len(found)} errata are at {where!r} and say {says!r}"
    return found[0]


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
    assert right in str(erratum.right)


def test_the_footballers_goat_must_mirror_the_animals():
    animal, footballer = examples.goat(GOAT_ANIMAL), examples.goat(GOAT_FOOTBALLER)
    np.testing.assert_allclose(animal.output[0], [3.7630768611, 1.1512713040], atol=5e-11)
    np.testing.assert_allclose(footballer.output, animal.output[:, ::-1], rtol=1e-14)
    np.testing.assert_allclose(np.sort(footballer.weights), np.sort(animal.weights), rtol=1e-14)
    assert "[1.075, 3.785]" in str(find("goat, footballer's output").why)
    assert "gap of 1.12" in str(find("goat, footballer's weights").why)
    assert "it is 1.77" in str(find("goat, footballer's weights").why)


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
        np.testing.assert_array_equal(examples.goat(sentence).scores[0], printed)
    weights = examples.self_attention(MESSI).weights
    same = np.isclose(np.round(weights, 2), slides.MESSI_WEIGHTS)
    ronaldo, messi = MESSI.words.index("Ronaldo"), MESSI.words.index("Messi")
    assert np.argwhere(~same).tolist() == [[ronaldo, messi], [ronaldo, ronaldo]]
    np.testing.assert_allclose(
        slides.MESSI_WEIGHTS.sum(axis=1), [1, 1.01, 1.01, 1, 0.98, 1.01, 1], atol=1e-12
    )


def test_six_of_seven_choose_messi_two_of_them_not_alone():
    assert examples.choosers("Messi") == (4, 2)
    assert examples.choosers("goat") == (0, 2)
    assert examples.choosers("Ronaldo") == (0, 0)


def test_random_matrices_saturate_the_softmax():
    deviation, largest, entropy = samples.random_heads(1.0)
    np.testing.assert_allclose([deviation, largest, entropy], [64.15, 0.9791, 0.0504], rtol=0.05)
    tamed = samples.random_heads(1 / 8)
    np.testing.assert_allclose(tamed, [1.002, 0.2444, 2.3590], rtol=0.02)


def test_the_sample_s_matrices_are_too_large_by_what_brings_the_scores_to_one():
    found = re.search(r"the matrices are ([\d.]+) times too large", str(find("the example").why))
    assert found
    deviation, *_ = samples.random_heads(1 / float(found[1]))
    assert deviation == pytest.approx(1, abs=0.02)
    assert f"√{float(found[1]) ** 2:g} and they are" in str(find("the example").right)


@pytest.mark.parametrize(
    ("where", "part", "text"),
    [
        ("order of patches", "why", "up to 60% top-1 with 80% of the image covered."),
        ("the Transformer's score", "says", "41.8 BLEU, English to French."),
        ("the Transformer's score", "right", "41.8 in the abstract and Table 2; section 6.1 "),
        ("the Transformer's score", "right", " of the same paper says 41.0."),
        ("the Transformer's score", "why", "the abstract says 41.0, too."),
        ("seven tokens, step 2", "says", "has 0.94 in every"),
        ("seven tokens, step 2", "why", "its 0.94 and"),
        ("seven tokens, notation", "says", "a_messi ≈ 0.94."),
        ("seven tokens, notation", "why", "0.94 is one entry of it"),
        ("seven tokens, result", "why", "The 0.80 belongs to Messi"),
    ],
)
def test_what_is_quoted_stands_so_in_the_source(where, part, text):
    assert text in str(getattr(find(where), part))


def test_attention_is_equivariant_and_not_invariant():
    rounding, moved = examples.equivariance()
    assert rounding < 1e-14
    assert moved > 1


def test_error_of_needs_an_error():
    with pytest.raises(AssertionError, match="was to fail"):
        samples.error_of(lambda: None)


def test_counts_are_the_known_ones():
    assert value("field") == {
        "AlexNet": 195, "VGG-16": 212, "ResNet-50": 483, "ResNet-101": 1027, "ResNet-152": 1507,
    }  # fmt: skip
    for name in ("ResNet-50", "ResNet-152"):
        layers = counted.fields(name)
        last = counted.covering(name) - 1
        assert layers[last - 1].size < 224 <= layers[last].size
    assert counted.heads()[12] == counted.Cost(86_567_656, 17_563_828_224)
    assert counted.parameters_of("ResNet-50") == 25_557_032
    assert counted.parameters_of("B/16", 384) == 86_859_496
    assert counted.memory_growth()["fused"] == pytest.approx(2, abs=2e-3)


def test_the_listed_number_of_parameters_is_the_number_that_we_count():
    [claim] = [one for one in told("claims") if one.key == "parameters"]
    [listed] = claim.published
    assert str(listed.says) == f"{counted.parameters_of('ResNet-50') / 1e6:.1f} M, listed."
