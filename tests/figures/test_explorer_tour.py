"""The tour: what its steps set, and that none says what is not so."""

import dataclasses

import numpy as np
import pytest

from tests.figures.explorers import MAPS, face, words
from vitexplain.explorer import Step


def test_the_tour_sets_the_start_and_its_maps_by_name():
    steps = [Step("Eyes", "Look.", query=5, map="head 2"), Step("Then", "On.", map=2)]
    data = face(tour=steps, url=True).data
    assert (data["query"], data["map"], data["url"], data["compact"]) == (5, 1, True, False)
    assert [step["map"] for step in data["tour"]] == [1, 2]
    assert set(data["tour"][0]) == {field.name for field in dataclasses.fields(Step)} - {"holds"}


SHEEP, GOAT = 1, 3


@pytest.mark.parametrize(
    "claim",
    [
        lambda low: low,
        lambda low: {"it is low": low, "and so it is": True},
        lambda low: lambda w: bool(w[GOAT, SHEEP] < w[GOAT, GOAT]) == low,
        lambda low: lambda w: {"it is low": (w[GOAT, SHEEP] < w[GOAT, GOAT]) == low},
    ],
)
def test_a_step_whose_claim_is_false_is_named(claim):
    weights = words().weights()
    low = weights[GOAT, SHEEP] < weights[GOAT, GOAT]
    true = Step("Sheep is low", "…", holds=claim(low))
    assert words(true).data["tour"][0]["title"] == "Sheep is low"
    with pytest.raises(ValueError, match="'Sheep is high' of the tour does not hold") as error:
        words(true, Step("Sheep is high", "…", holds=claim(not low)))
    if isinstance(claim(low), dict):
        assert str(error.value).endswith(": it is low")


@pytest.mark.parametrize(
    "step",
    [
        Step("S", "Look.", ask="Which?", answer="That."),
        Step("S", "It has 0.4596."),
        Step("S", "Look.", ask="Which?", answer="That.", holds={}),
    ],
)
def test_a_step_that_says_something_about_weights_needs_a_claim(step):
    with pytest.raises(ValueError, match="step 'S' of the tour says something about weights"):
        words(step)
    assert words(Step("S", "Click any of the 5 words.")).data["tour"]


def test_a_claim_is_about_what_its_step_shows():
    seen = []

    def look(weights):
        seen.append(weights)
        return True

    tour = [
        Step("One", "…", map="head 2", query=1, holds=look),
        Step("Two", "…", holds=look),  # still the second head
        Step("Three", "…", map=0, holds=look),
    ]
    face(tour=tour)
    for weights, number in zip(seen, (1, 1, 0), strict=True):
        np.testing.assert_array_equal(weights, MAPS[number].attention.weights)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("S", "t", query=5), "token 5 is not one of the 5"),
        (Step("S", "t", highlight=(-1,)), "token -1"),
        (Step("S", "t", map="other"), "names map 'other'"),
        (Step("S", "t", map=1), "names map 1"),
        (Step("S", "t", view="film"), "view of step 'S'"),
        (Step("S", "t", ask="Which?"), "both ask and answer"),
        (Step("S", "t", choices=(1,)), "asks nothing"),
        (Step("S", "t", map=(0, 1)), r"names layer and head \(0, 1\)"),
        (Step("S", "t", example="other"), "names example 'other'"),
        (Step("S", "t", example=1), "names example 1; there are 1"),
    ],
)
def test_a_step_that_does_not_fit_is_named(step, message):
    with pytest.raises(ValueError, match=message):
        words(step)
