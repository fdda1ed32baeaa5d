"""Several pictures or sentences with the same maps; maps by layer and head."""

import dataclasses

import numpy as np
import pytest

from tests.figures.explorers import arrays
from vitexplain.attention import attend
from vitexplain.explorer import Example, Map, Step, explorer


def many(rng, *sizes: int, **changes) -> list[Example]:
    made = []
    for i, size in enumerate(sizes):
        x = rng.normal(size=(size, 3))
        one = Map("only", attend(x, x, x), **changes)
        made.append(Example(f"sentence {i}", "abcdefgh"[:size], [one]))
    return made


def test_several_examples_share_their_maps(rng):
    examples = many(rng, 4, 6)
    tour = [
        Step("First", "…", query=1, holds=lambda w: len(w) == 4),
        Step("Second", "…", query=5, example="sentence 1", holds=lambda w: len(w) == 6),
        Step("Still", "…", query=4, holds=lambda w: len(w) == 6),
    ]
    made = explorer(examples=examples, title="Two", tour=tour)
    assert [one["name"] for one in made.data["examples"]] == ["sentence 0", "sentence 1"]
    assert [one["name"] for one in made.data["maps"]] == ["only"]
    assert [step["example"] for step in made.data["tour"]] == [None, 1, None]
    for i, one in enumerate(examples):
        np.testing.assert_allclose(
            arrays(made, 0, i)["weights"], one.maps[0].attention.weights, rtol=1e-9
        )
        assert len(made.data["examples"][i]["tokens"]) == len(one.tokens)
    page = made.still
    assert "Also here: sentence 1." in page
    assert page.count("<li") == 4
    with pytest.raises(ValueError, match="token 5 is not one of the 4"):
        explorer(examples=examples, title="Two", tour=[Step("S", "t", query=5)])
    with pytest.raises(ValueError, match="first step of the tour must show the first example"):
        explorer(examples=examples, title="Two", tour=[Step("S", "t", example=1)])


def test_examples_that_disagree_are_errors(rng):
    one, two = many(rng, 4, 4)
    other = dataclasses.replace(two, maps=many(rng, 4, note="Another.")[0].maps)
    with pytest.raises(ValueError, match="maps of example 'sentence 1' must agree"):
        explorer(examples=[one, other], title="T")
    with pytest.raises(ValueError, match="examples need different names"):
        explorer(examples=[one, one], title="T")
    with pytest.raises(ValueError, match="not both"):
        explorer(one.maps, tokens=one.tokens, examples=[one], title="T")


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ([(0, 0), (None, None)], "either all maps have a layer and a head, or none"),
        ([(0, 0), (0, 0)], "different layers or heads"),
        ([(0, None)], "needs both layer and head"),
        ([(-1, 0)], "must have a layer from 0, and a head"),
        ([(0, "max")], "must have a layer from 0, and a head"),
    ],
)
@pytest.mark.rejects
def test_layers_and_heads_that_make_no_picker_are_errors(places, message):
    weights = np.full((2, 2), 0.5)
    maps = [Map(f"m{i}", weights, layer=layer, head=head) for i, (layer, head) in enumerate(places)]
    with pytest.raises(ValueError, match=message):
        explorer(maps, tokens="ab", title="T")


def test_the_first_map_may_be_given_by_layer_and_head():
    weights = np.full((2, 2), 0.5)
    maps = [Map(f"{x}", weights, layer=1, head=x) for x in (0, 1, "mean", "rollout")]
    made = explorer(maps, tokens="ab", title="T", map=(1, "mean"))
    assert made.data["map"] == 2
    step = Step("S", "t", map=(1, 1))
    assert explorer(maps, tokens="ab", title="T", tour=[step]).data["map"] == 1
    with pytest.raises(ValueError, match="not that of the tour's first step, 1"):
        explorer(maps, tokens="ab", title="T", map=0, tour=[step])
