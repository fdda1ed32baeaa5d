"""The explorer's JSON: every number in it, and what may not get into it."""

import base64
import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.figures.explorers import DESIGNED, MAPS, arrays, face, words
from vitexplain.attention import Attention, attend
from vitexplain.explorer import Map, Step, explorer
from vitexplain.explorer.packed import Mean, Packed, pack
from vitexplain.tokens import GOAT_ANIMAL


def test_every_quantity_is_in_the_json_to_ten_digits():
    made = face()
    assert made.data["version"] == 2
    for i, one in enumerate(MAPS):
        written = arrays(made, i)
        for field, array in vars(one.attention).items():
            np.testing.assert_allclose(written[field], array, rtol=1e-9, atol=1e-12, err_msg=field)
            assert isinstance(made.data["examples"][0]["arrays"][i][field], list)
        assert "bias" not in written
        assert written["masked"] is False
        meta = made.data["maps"][i]
        np.testing.assert_allclose(meta["divisor"], np.sqrt(written["query"].shape[1]))
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


def test_packed_weights_are_within_a_byte_and_their_mean_is_taken_from_them(rng):
    weights = rng.dirichlet(np.full(5, 0.3), (2, 5)).astype(np.float32)
    heads = [
        Map(f"head {i}", Packed(*pack(w[1:]), error=0.01, exact=w[:1]), layer=0, head=i)
        for i, w in enumerate(weights)
    ]
    mean = Map("mean", Mean(heads), layer=0, head="mean")
    made = explorer([*heads, mean], tokens="abcde", title="T")
    assert made.data["examples"][0]["arrays"][2] == {"weights": "mean", "masked": False}
    for i, expected in enumerate([*weights, weights.mean(0)]):
        np.testing.assert_allclose(made.weights(i)[0], expected[0], rtol=1e-6)
        off = abs(made.weights(i) - expected)
        assert (off <= weights.max(-1).max(0)[:, None] / 255).all()


def test_queries_and_keys_may_be_other_tokens(rng):
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(3, 3))
    found = attend(x, y, y)
    one = Map("cross", found, queries=range(2), keys=range(2, 5))
    made = explorer([one], tokens=("le", "chat", "the", "black", "cat"), title="T")
    written = arrays(made)
    for field, array in vars(found).items():
        np.testing.assert_allclose(written[field], array, rtol=1e-9, atol=1e-12)
    assert (written["queries"].tolist(), written["keys"].tolist()) == ([0, 2], [2, 5])
    assert re.findall(r'<th scope="row">(.*?)</th>', made.still) == ["the", "black", "cat"]
    with pytest.raises(ValueError, match="query 3 does not ask"):
        explorer([one], tokens="abcde", title="T", query=3)
    with pytest.raises(ValueError, match=r"weights of map .cross. .* with 2 rows and columns"):
        explorer([dataclasses.replace(one, keys=range(2, 4))], tokens="abcde", title="T")
    with pytest.raises(ValueError, match=r"a range of the 5 tokens, got range\(2, 6\)"):
        explorer([dataclasses.replace(one, keys=range(2, 6))], tokens="abcde", title="T")


def test_float32_is_written_bit_for_bit(rng):
    x = rng.normal(size=(5, 4)).astype(np.float32)
    attention = attend(x, x, x)
    written = arrays(explorer([Map("one", attention)], tokens="abcde", title="T"))
    for field, array in vars(attention).items():
        assert written[field].dtype == np.float32
        np.testing.assert_array_equal(written[field], array)


def test_three_maps_of_sixteen_tokens_stay_small():
    assert len(face().json) < 50_000


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_torch_tensors_of_any_precision_are_taken(dtype):
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    x = x.to(dtype).requires_grad_()
    made = face([Map("torch", attend(x, x, x))])
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
        page = made.still
        assert re.findall(r"<td>([^<]*)</td>", page).count("–") == 2 * 3  # two keys are outside


def test_equal_labels_are_told_apart_by_their_place():
    tokens = face().data["examples"][0]["tokens"]
    labels = [token["label"] for token in tokens]
    assert len(set(labels)) == 16
    assert labels[15] == "background (3, 3)"
    assert tokens[15]["short"] == "background"
    assert labels[DESIGNED.face.labels.index("left eye")] == "left eye"
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


def test_a_compact_one_visits_the_tokens_with_something_to_show():
    rounds = face(compact=True).data["rounds"]
    most = DESIGNED.head(0).weights.max(axis=1)
    assert rounds == [i for i in range(16) if most[i] >= np.median(most)]
    assert 0 < len(rounds) < 16
    largest = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.3, 0.3, 0.4]])  # the middle one is .6
    three = explorer([Map("m", largest)], tokens="abc", title="T", compact=True)
    assert three.data["rounds"] == [0, 1]
    assert face(compact=True, rounds=[2, 1]).data["rounds"] == [2, 1]
    assert face().data["rounds"] == []
    with pytest.raises(ValueError, match="rounds: token 16"):
        face(compact=True, rounds=[16])


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


def test_saved_it_is_the_json_of_the_page(tmp_path):
    made = face()
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
