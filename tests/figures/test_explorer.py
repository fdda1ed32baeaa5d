"""The explorer's JSON and its static fallback."""

import base64
import dataclasses
import io
import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from vitexplain.attention import attend
from vitexplain.designed import designed_attention
from vitexplain.figures.explorer import MIME, Explorer, Map, Step, explorer
from vitexplain.figures.explorer.png import picture_uri
from vitexplain.tokens import GOAT_ANIMAL


@pytest.fixture(scope="module")
def designed():
    return designed_attention()


@pytest.fixture(scope="module")
def maps(designed) -> list[Map]:
    without = designed_attention(positions=False)
    sources = ((designed, 0), (designed, 1), (without, 0))
    return [
        Map(
            name,
            source.head(head),
            dims=source.query_dims[head],
            value_dims=source.value_dims[head],
            note=f"This is {name}.",
        )
        for name, (source, head) in zip(("head 1", "head 2", "no positions"), sources, strict=True)
    ]


def face(maps, designed, **changes) -> Explorer:
    given: dict[str, Any] = {
        "title": "A face",
        "tokens": designed.face.labels,
        "image": designed.face.image,
        "grid": (4, 4),
    }
    return explorer(maps, **(given | changes))


def words(*steps: Step, **changes) -> Explorer:
    x = GOAT_ANIMAL.embeddings
    given: dict[str, Any] = {"tokens": GOAT_ANIMAL.words, "title": "Goat", "tour": steps}
    return explorer([Map("scaled", attend(x, x, x), dims=GOAT_ANIMAL.axes)], **(given | changes))


def test_every_quantity_is_in_the_json_to_ten_digits(maps, designed):
    data = json.loads(json.dumps(face(maps, designed).data))
    for one, written in zip(maps, data["maps"], strict=True):
        for field, array in vars(one.attention).items():
            np.testing.assert_allclose(written[field], array, rtol=1e-9, atol=1e-12, err_msg=field)
        np.testing.assert_allclose(written["divisor"], np.sqrt(array.shape[1]), rtol=1e-9)


def test_the_parts_of_the_softmax_give_the_weights(maps, designed):
    for one in face(maps, designed).data["maps"]:
        scaled = np.array(one["scaled"])
        np.testing.assert_allclose(one["peaks"], scaled.max(axis=1), rtol=1e-9)
        exps = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        np.testing.assert_allclose(one["exps"], exps, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(one["totals"], exps.sum(axis=1), rtol=1e-6)
        np.testing.assert_allclose(
            np.array(one["exps"]) / np.array(one["totals"])[:, None], one["weights"], rtol=1e-8
        )


def test_three_maps_of_sixteen_tokens_stay_small(maps, designed):
    assert len(json.dumps(face(maps, designed).data)) < 60_000


def test_torch_tensors_of_any_precision_are_taken(designed):
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    x.requires_grad_()
    data = face([Map("torch", attend(x, x, x))], designed).data
    expected = torch.softmax(x @ x.mT / 2, -1).detach().numpy()
    np.testing.assert_allclose(data["maps"][0]["weights"], expected, rtol=1e-6)
    assert data["maps"][0]["dims"] == ["1", "2", "3", "4"]
    half = x.detach().bfloat16()
    assert face([Map("half", attend(half, half, half))], designed).data["maps"][0]["weights"]


def test_masked_pairs_are_told_by_their_weight_of_zero():
    x = GOAT_ANIMAL.embeddings
    causal = np.tril(np.ones((5, 5), dtype=bool))
    masked = Map("causal", attend(x, x, x, mask=causal))
    data = explorer([masked], tokens=GOAT_ANIMAL.words, title="Goat").data
    weights = np.array(data["maps"][0]["weights"])
    np.testing.assert_array_equal(weights[~causal], 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-9)


def test_equal_labels_are_told_apart_by_their_place(maps, designed):
    tokens = face(maps, designed).data["tokens"]
    labels = [token["label"] for token in tokens]
    assert len(set(labels)) == 16
    assert labels[15] == "background (3, 3)"
    assert tokens[15]["short"] == "background"
    assert labels[designed.face.labels.index("left eye")] == "left eye"
    assert [t["label"] for t in words(tokens=("a", "b", "a", "c", "d")).data["tokens"]][
        2
    ] == "a (3)"


def test_a_class_token_may_stand_before_the_patches(rng):
    x = rng.normal(size=(5, 3))
    data = explorer(
        [Map("one", attend(x, x, x))],
        tokens=("class", *"pppp"),
        title="ViT",
        image=np.zeros((2, 2, 3)),
        grid=(2, 2),
    ).data
    assert [token["label"] for token in data["tokens"]][:2] == ["class", "p (0, 0)"]


def test_the_tour_sets_the_start_and_its_maps_by_name(maps, designed):
    steps = [Step("Eyes", "Look.", query=5, map="head 2"), Step("Then", "On.", map=2)]
    data = face(maps, designed, tour=steps, url=True).data
    assert (data["query"], data["map"], data["url"], data["compact"]) == (5, 1, True, False)
    assert [step["map"] for step in data["tour"]] == [1, 2]
    assert set(data["tour"][0]) == {field.name for field in dataclasses.fields(Step)} - {"holds"}


def test_a_step_whose_claim_is_false_is_named():
    weights = words().data["maps"][0]["weights"]
    true = Step("Sheep is low", "…", holds=weights[3][1] < weights[3][3])
    assert words(true).data["tour"][0]["title"] == "Sheep is low"
    with pytest.raises(ValueError, match="'Sheep is high' of the tour does not hold"):
        words(true, Step("Sheep is high", "…", holds=weights[3][1] > weights[3][3]))


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
    ],
)
def test_a_step_that_does_not_fit_is_named(step, message):
    with pytest.raises(ValueError, match=message):
        words(step)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tokens": ()}, "at least one map and one token"),
        ({"tokens": ("a", "b")}, "2 rows"),
        ({"query": 5}, "token 5"),
        ({"short": ("a",)}, "label for each of 5"),
        ({"grid": (2, 2)}, "needs an image"),
        ({"grid": (3, 3), "image": np.zeros((3, 3))}, "as many tokens"),
        ({"query": 1, "tour": (Step("S", "t", query=2),)}, "not that of the tour's first step, 2"),
    ],
)
def test_what_does_not_fit_is_an_error(changes, message):
    with pytest.raises(ValueError, match=message):
        words(**changes)


def test_weights_that_are_no_softmax_are_an_error():
    x = GOAT_ANIMAL.embeddings
    wrong = dataclasses.replace(attend(x, x, x), weights=np.eye(5) * 0.5 + 0.1)
    with pytest.raises(ValueError, match="softmax of its scaled scores"):
        explorer([Map("wrong", wrong)], tokens=GOAT_ANIMAL.words, title="Goat")


def test_many_heads_and_equal_names_are_errors():
    x = np.stack([GOAT_ANIMAL.embeddings] * 2)
    with pytest.raises(ValueError, match="one head's"):
        explorer([Map("two", attend(x, x, x))], tokens=GOAT_ANIMAL.words, title="Goat")
    one = Map("same", attend(x[0], x[0], x[0]))
    with pytest.raises(ValueError, match="different names"):
        explorer([one, one], tokens=GOAT_ANIMAL.words, title="Goat")
    with pytest.raises(ValueError, match="must name 2 columns"):
        explorer([dataclasses.replace(one, dims=("a",))], tokens=GOAT_ANIMAL.words, title="Goat")


def opened(uri: str) -> np.ndarray:
    file = io.BytesIO(base64.b64decode(uri.split(",")[1]))
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize("size", [(16, 16), (17, 16)])  # 256 colours, and more
def test_a_png_of_many_colours_and_of_few(rng, size):
    pixels = rng.permutation(256**3)[: size[0] * size[1]].reshape(*size, 1)
    pixels = (pixels >> np.array([16, 8, 0]) & 255).astype(np.uint8)
    np.testing.assert_array_equal(opened(picture_uri(pixels)), pixels)


def test_a_compact_one_visits_the_tokens_with_something_to_show(maps, designed):
    rounds = face(maps, designed, compact=True).data["rounds"]
    most = designed.head(0).weights.max(axis=1)
    assert rounds == [i for i in range(16) if most[i] >= np.median(most)]
    assert 0 < len(rounds) < 16
    assert face(maps, designed, compact=True, rounds=[2, 1]).data["rounds"] == [2, 1]
    assert face(maps, designed).data["rounds"] == []
    with pytest.raises(ValueError, match="rounds: token 16"):
        face(maps, designed, compact=True, rounds=[16])


@pytest.mark.parametrize("kind", ["float", "uint8", "grey"])
def test_the_png_holds_the_pixels(rng, kind):
    pixels = rng.integers(0, 256, size=(5, 7, 3), dtype=np.uint8)
    given = {"float": pixels / 255, "uint8": pixels, "grey": pixels[..., 0]}[kind]
    uri = picture_uri(given)
    assert uri.startswith("data:image/png;base64,")
    read = opened(uri)
    np.testing.assert_array_equal(read, pixels if kind != "grey" else pixels[..., :1].repeat(3, 2))


@pytest.mark.parametrize("image", [np.zeros((2, 2, 4)), np.zeros(3), np.full((2, 2), 1.5)])
def test_a_picture_of_another_kind_is_an_error(image):
    with pytest.raises(ValueError, match="image must be"):
        picture_uri(image)


def test_the_fallback_shows_the_query_row_without_javascript(maps, designed):
    query = designed.face.labels.index("left eye")
    bundle = face(maps, designed, query=query, title="A <face>")._repr_mimebundle_()
    assert set(bundle) == {MIME, "text/html"}
    page = bundle["text/html"]
    assert "A &lt;face&gt;" in page
    assert "<script" not in page
    cells = re.findall(r"<td>([−-]?[\d.]+)</td>", page)
    shown = np.array(cells, dtype=float).reshape(16, 3)
    attention = designed.head(0)
    expected = [attention.scores[query], attention.scaled[query], attention.weights[query]]
    np.testing.assert_allclose(shown, np.stack(expected, axis=1), atol=5.1e-5)
    opacities = np.array(re.findall(r'opacity="([\d.]+)"', page), dtype=float)
    assert opacities.argmin() == attention.weights[query].argmax()
    assert len(opacities) == 16
    sentence = words(query=3)._repr_mimebundle_()["text/html"]
    assert "grazing <small>0.4596" in sentence
