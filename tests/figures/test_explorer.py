"""The explorer's JSON and its static fallback."""

import base64
import dataclasses
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from vitexplain.attention import Attention, attend
from vitexplain.designed import designed_attention
from vitexplain.figures.explorer import MIME, Example, Explorer, Map, Step, decode, explorer
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


def arrays(made: Explorer, number: int = 0, example: int = 0) -> dict[str, Any]:
    """One map's numbers, as a reader of the JSON gets them."""
    written = json.loads(made.json)["examples"][example]["arrays"][number]
    return {name: x if name == "masked" else decode(x) for name, x in written.items()}


def test_every_quantity_is_in_the_json_to_ten_digits(maps, designed):
    made = face(maps, designed)
    assert made.data["version"] == 2
    for i, one in enumerate(maps):
        written = arrays(made, i)
        for field, array in vars(one.attention).items():
            np.testing.assert_allclose(written[field], array, rtol=1e-9, atol=1e-12, err_msg=field)
            assert isinstance(made.data["examples"][0]["arrays"][i][field], list)
        assert "bias" not in written
        assert written["masked"] is False
        meta = made.data["maps"][i]
        np.testing.assert_allclose(meta["divisor"], np.sqrt(one.attention.query.shape[1]))
        assert (meta["layer"], meta["head"]) == (None, None)
        assert (meta["dims"], meta["value_dims"]) == (list(one.dims), list(one.value_dims))


@pytest.mark.parametrize(("tokens", "kind"), [(32, list), (33, dict)])
def test_up_to_1024_numbers_of_float64_are_a_list_and_more_are_float32(rng, tokens, kind):
    x = rng.normal(size=(tokens, 4))
    made = explorer([Map("one", attend(x, x, x))], tokens=[*map(str, range(tokens))], title="T")
    raw = made.data["examples"][0]["arrays"][0]
    assert isinstance(raw["weights"], kind)
    assert isinstance(raw["query"], list)
    expected = attend(x, x, x)
    exact = 1e-9 if kind is list else 1e-7
    np.testing.assert_allclose(arrays(made)["weights"], expected.weights, rtol=exact)
    np.testing.assert_allclose(arrays(made)["scores"], expected.scores, rtol=exact, atol=exact)
    if kind is dict:
        assert raw["weights"]["shape"] == [33, 33]
        numbers = np.frombuffer(base64.b64decode(raw["weights"]["f4"]), "<f4")
        np.testing.assert_array_equal(numbers, expected.weights.astype(np.float32).ravel())


def test_float32_is_written_bit_for_bit(rng):
    x = rng.normal(size=(5, 4)).astype(np.float32)
    attention = attend(x, x, x)
    written = arrays(explorer([Map("one", attention)], tokens="abcde", title="T"))
    for field, array in vars(attention).items():
        assert written[field].dtype == np.float32
        np.testing.assert_array_equal(written[field], array)


def test_three_maps_of_sixteen_tokens_stay_small(maps, designed):
    assert len(face(maps, designed).json) < 50_000


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_torch_tensors_of_any_precision_are_taken(designed, dtype):
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    x = x.to(dtype).requires_grad_()
    made = face([Map("torch", attend(x, x, x))], designed)
    expected = torch.softmax((x @ x.mT).double() / 2, -1).detach().numpy()
    digits = {torch.float64: 1e-9, torch.float32: 1e-5}.get(dtype, 0.05)
    np.testing.assert_allclose(arrays(made)["weights"], expected, rtol=digits, atol=digits)
    assert made.data["maps"][0]["dims"] == ["1", "2", "3", "4"]


def test_pairs_that_a_mask_leaves_out_are_told():
    x = GOAT_ANIMAL.embeddings
    causal = np.tril(np.ones((5, 5), dtype=bool))
    masked = Map("causal", attend(x, x, x, mask=causal))
    made = explorer([masked, Map("all", attend(x, x, x))], tokens=GOAT_ANIMAL.words, title="Goat")
    weights = arrays(made)["weights"]
    assert arrays(made)["masked"] is True
    assert arrays(made, 1)["masked"] is False
    np.testing.assert_array_equal(weights[~causal], 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(arrays(made)["scores"], x @ x.T, atol=1e-9)  # computed all the same


def test_a_weight_too_small_for_float32_is_not_called_masked():
    x = np.array([[20.0, 0.0], [0.0, 20.0], [20.0, 1.0]], dtype=np.float32)
    made = explorer([Map("sharp", attend(x, x, x))], tokens="abc", title="T")
    assert (arrays(made)["weights"] == 0).any()
    assert arrays(made)["masked"] is False


def test_weights_alone_have_no_steps(rng):
    weights = rng.dirichlet(np.ones(4), size=4)
    made = explorer([Map("mean", weights)], tokens="abcd", title="T")
    np.testing.assert_allclose(made.weights(), weights, rtol=1e-9)
    assert set(arrays(made)) == {"weights", "masked"}
    (meta,) = made.data["maps"]
    assert (meta["dims"], meta["value_dims"], meta["divisor"]) == (None, None, None)
    triangle = np.tril(weights) / np.tril(weights).sum(1, keepdims=True)
    assert arrays(explorer([Map("m", triangle)], tokens="abcd", title="T"))["masked"] is True
    told = Map("m", triangle, masked=False)
    assert arrays(explorer([told], tokens="abcd", title="T"))["masked"] is False


def test_a_bias_is_written_and_part_of_the_softmax(rng):
    x, bias = rng.normal(size=(4, 3)), rng.normal(size=(4, 4))
    attention = attend(x, x, x, bias=bias)
    made = explorer([Map("biased", attention, bias=bias)], tokens="abcd", title="T")
    np.testing.assert_allclose(arrays(made)["bias"], bias, rtol=1e-9)
    with pytest.raises(ValueError, match="softmax of its scaled scores"):
        explorer([Map("forgotten", attention)], tokens="abcd", title="T")


def test_a_score_outside_the_window_is_null_or_nan():
    x = np.arange(8.0).reshape(4, 2) / 8
    inside = np.kron(np.eye(2), np.ones((2, 2))) > 0
    found = attend(x, x, x, mask=inside)
    without = {
        name: np.where(inside, getattr(found, name), np.nan) for name in ("scores", "scaled")
    }
    for dtype, kind in ((np.float64, list), (np.float32, dict)):
        fields = {name: array.astype(dtype) for name, array in (vars(found) | without).items()}
        made = explorer([Map("w", Attention(**fields))], tokens="abcd", title="T")
        assert isinstance(made.data["examples"][0]["arrays"][0]["scores"], kind)
        written = arrays(made)
        np.testing.assert_array_equal(np.isnan(written["scores"]), ~inside)
        np.testing.assert_allclose(written["scaled"][inside], found.scaled[inside], rtol=1e-6)
        assert written["masked"] is True
        assert "<td>–</td>" in made._repr_mimebundle_()["text/html"]


def test_equal_labels_are_told_apart_by_their_place(maps, designed):
    tokens = face(maps, designed).data["examples"][0]["tokens"]
    labels = [token["label"] for token in tokens]
    assert len(set(labels)) == 16
    assert labels[15] == "background (3, 3)"
    assert tokens[15]["short"] == "background"
    assert labels[designed.face.labels.index("left eye")] == "left eye"
    repeated = words(tokens=("a", "b", "a", "c", "d")).data["examples"][0]["tokens"]
    assert repeated[2] == {"label": "a (3)", "short": "a"}


def test_a_class_token_may_stand_before_the_patches(rng):
    x = rng.normal(size=(5, 3))
    data = explorer(
        [Map("one", attend(x, x, x))],
        tokens=("class", *"pppp"),
        title="ViT",
        image=np.zeros((2, 2, 3)),
        grid=(2, 2),
    ).data
    assert [token["label"] for token in data["examples"][0]["tokens"]][:2] == ["class", "p (0, 0)"]


def test_the_tour_sets_the_start_and_its_maps_by_name(maps, designed):
    steps = [Step("Eyes", "Look.", query=5, map="head 2"), Step("Then", "On.", map=2)]
    data = face(maps, designed, tour=steps, url=True).data
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


def test_a_claim_is_about_what_its_step_shows(maps, designed):
    seen = []

    def look(weights):
        seen.append(weights)
        return True

    tour = [
        Step("One", "…", map="head 2", query=1, holds=look),
        Step("Two", "…", holds=look),  # still the second head
        Step("Three", "…", map=0, holds=look),
    ]
    face(maps, designed, tour=tour)
    for weights, number in zip(seen, (1, 1, 0), strict=True):
        np.testing.assert_array_equal(weights, maps[number].attention.weights)


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


def test_a_smooth_picture_is_written_as_differences_and_read_back():
    y, x = np.mgrid[0:60, 0:50]
    pixels = np.stack([3 * y + x, 2 * x, 255 - y], axis=-1).astype(np.uint8)
    uri = picture_uri(pixels)
    np.testing.assert_array_equal(opened(uri), pixels)
    assert len(uri) < pixels.size / 10


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


def test_a_fallback_of_many_tokens_lists_the_strongest(rng):
    x = rng.normal(size=(197, 4)).astype(np.float32)
    made = explorer(
        [Map("one", attend(x, x, x))],
        tokens=["class token", *["patch"] * 196],
        title="ViT",
        image=np.zeros((14, 14)),
        grid=(14, 14),
    )
    page = made._repr_mimebundle_()["text/html"]
    row = made.weights()[0]
    cells = re.findall(r"<td>([^<]*)</td>", page)
    assert len(cells) == 3 * 21
    shown = np.array(cells[2::3], dtype=float)
    np.testing.assert_allclose(shown[:20], np.sort(row)[::-1][:20], atol=5.1e-5)
    np.testing.assert_allclose(shown.sum(), 1, atol=1.1e-3)
    assert "the other 177, together" in page
    assert page.count("<rect") == 196  # the class token is no patch: none has the ring
    assert "class token gives most weight to" in page
    assert len(gzip.compress(page.encode())) < 4_000


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
    page = made._repr_mimebundle_()["text/html"]
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


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.eye(3), "2 rows and columns"),
        (np.full((2, 2), 0.8), "at most 1"),
        (np.array([[0.5, 0.5], [0.0, 0.0]]), "more than 0"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), "at least 0"),
        (np.array([[np.nan, 0.5], [0.5, 0.5]]), "must be finite"),
    ],
)
def test_weights_alone_that_are_none_are_errors(weights, message):
    with pytest.raises(ValueError, match=message):
        explorer([Map("m", weights)], tokens="ab", title="T")


def test_what_does_not_belong_to_weights_alone_is_an_error():
    with pytest.raises(ValueError, match="weights alone: no dims and no bias"):
        explorer([Map("m", np.eye(2), dims=("a",))], tokens="ab", title="T")


def test_scores_that_are_not_divided_by_the_root_of_d_are_an_error():
    x = GOAT_ANIMAL.embeddings
    found = attend(x, x, x)
    wrong = dataclasses.replace(found, scores=found.scores * 2)
    with pytest.raises(ValueError, match="scaled of map 'm' must be its scores divided"):
        explorer([Map("m", wrong)], tokens=GOAT_ANIMAL.words, title="Goat")


def test_saved_it_is_the_json_of_the_page(tmp_path, maps, designed):
    made = face(maps, designed)
    path = made.save(tmp_path / "face.json")
    assert json.loads(path.read_text(encoding="utf-8")) == made.data == json.loads(made.json)


def test_the_sizes_in_the_documentation_are_those_of_the_json(rng):
    page = (Path(__file__).parents[2] / "docs" / "api" / "explorer.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\d+) \| ([\d.,]+) \| ([\d.,]+) \|$", page, flags=re.MULTILINE)
    assert [row[0] for row in rows] == ["16", "37", "64", "197", "577"]
    b16 = (144 + 12 + 12) * float(rows[3][2]) / 1000
    assert f"make {b16:.0f} MB" in page
    for tokens, dim, *told in rows:
        x = rng.normal(size=(int(tokens), int(dim))).astype(np.float32)
        found = attend(x, x, x)
        for kind, kilobytes in zip((found.weights, found), told, strict=True):
            arrays = Map("one", kind).arrays(int(tokens))
            size = len(json.dumps(arrays)) / 1000
            assert float(kilobytes.replace(",", "")) == pytest.approx(size, rel=0.04)


def test_the_tag_holds_what_is_read_without_scripts(maps, designed):
    made = face(maps, designed)
    tag = made.tag('a"b.json')
    assert tag.startswith('<attention-explorer src="a&quot;b.json"><div class="vx-fallback')
    assert tag.endswith("</div></attention-explorer>")
    assert made._repr_mimebundle_()["text/html"] in tag
