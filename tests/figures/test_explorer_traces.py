"""From any trace to an explorer: heads, layers, means, rollout, windows undone to the grid."""

import dataclasses
from typing import Any, cast

import numpy as np
import pytest
import torch

from vitexplain.attention import attend, multi_head
from vitexplain.capture import capture
from vitexplain.capture.windowed import in_windows
from vitexplain.compare.coatnet import CoAtNet, CoAtNetConfig
from vitexplain.compare.coatnet_block import AttentionBlock
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.explorer import Keep, Map, Start, Step, decode, explore, explorer, maps_of
from vitexplain.reading import rollout
from vitexplain.vit import ViT, ViTConfig, attention_weights, init_params, walk

TINY = ViTConfig(image_size=8, patch=2, dim=12, depth=3, heads=3, mlp_dim=8, classes=2)
WINDOWS = SwinConfig(
    image_size=16, patch=2, dim=8, depths=(2, 1), heads=(2, 4), window=4, classes=3
)


@pytest.fixture(scope="module")
def image() -> torch.Tensor:
    return torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def vit() -> ViT:
    torch.manual_seed(0)
    return ViT(TINY).eval()


@pytest.fixture(scope="module")
def swin() -> Swin:
    torch.manual_seed(1)
    model = Swin(WINDOWS).eval()
    with torch.no_grad():  # biases that are seen beside the scores
        for name, parameter in model.named_parameters():
            if name.endswith("table"):
                parameter.normal_()
    return model


@pytest.fixture(scope="module")
def picture() -> torch.Tensor:
    return torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(2))


def kept(vit, image, **which):
    return explore(vit, image, keep=Keep(**which))


def by_place(maps) -> dict:
    return {one.place: one for one in maps}


def test_one_head_is_one_map_without_a_layer(rng):
    x = rng.normal(size=(4, 3))
    made = explore(attend(x, x, x), tokens="abcd", keep=Keep(dims="xyz"))
    (meta,) = made.data["maps"]
    assert (meta["layer"], meta["head"], meta["dims"]) == (None, None, ["x", "y", "z"])
    np.testing.assert_allclose(made.weights(), attend(x, x, x).weights, rtol=1e-9)
    (alone,) = explore(attend(x, x, x).weights, tokens="abcd").data["examples"][0]["arrays"]
    assert set(alone) == {"weights", "masked"}


def test_many_heads_are_one_layer_with_their_mean(rng):
    x, w = rng.normal(size=(4, 6)), rng.normal(size=(4, 6, 6))
    found = multi_head(x, *w, heads=2)
    for trace in (found, found.attention):
        maps = by_place(maps_of(trace))
        assert list(maps) == [(0, 0), (0, 1), (0, "mean")]
        for head in (0, 1):
            for field, array in vars(found.attention).items():
                np.testing.assert_array_equal(getattr(maps[0, head].attention, field), array[head])
        mean = maps[0, "mean"]
        np.testing.assert_allclose(mean.weights, found.attention.weights.mean(0))
        assert not mean.has_steps
    one = multi_head(x, *w, heads=1)
    assert [m.place for m in maps_of(one)] == [(0, 0)]  # a mean of one says nothing new


@pytest.mark.parametrize("source", ["torch", "numpy", "looked", "captured", "weights"])
def test_a_vit_has_every_layer_and_head_their_mean_and_rollout(vit, image, source):
    with torch.no_grad():
        all_weights = torch.stack(list(attention_weights(vit.walk(image[None]))))[:, 0].numpy()
        if source == "torch":
            trace = vit.walk(image[None])
        elif source == "numpy":
            params = {name: p.numpy() for name, p in vit.state_dict().items()}
            trace = walk(params, image[None].numpy(), TINY)
        elif source == "looked":
            trace = vit.look(image[None])
        elif source == "captured":
            with capture(vit) as trace:
                vit(image[None])
        else:
            trace = all_weights
        maps = by_place(maps_of(trace))
    assert len(maps) == 3 * (3 + 2)
    for layer in range(3):
        for head in range(3):
            one = maps[layer, head]
            np.testing.assert_allclose(one.weights, all_weights[layer, head], atol=1e-6)
            assert one.has_steps == (source in ("torch", "numpy"))
        np.testing.assert_allclose(
            maps[layer, "mean"].weights, all_weights[layer].mean(0), atol=1e-6
        )
        np.testing.assert_allclose(
            maps[layer, "rollout"].weights, rollout(all_weights[: layer + 1]), atol=1e-6
        )


def test_explore_a_vit_in_one_line(vit, image):
    made = explore(vit, image)
    (example,) = made.data["examples"]
    assert [token["label"] for token in example["tokens"]][:3] == [
        "class token",
        "patch (0, 0)",
        "patch (0, 1)",
    ]
    assert [token["short"] for token in example["tokens"]][:2] == ["class", "0, 0"]
    assert (example["grid"], made.data["title"]) == ([4, 4], "ViT, 3 layers of 3 heads")
    block = list(vit.walk(image[None]))[2].attention.attention
    names = [one["name"] for one in made.data["maps"]]
    written = example["arrays"][names.index("layer 1, head 2")]
    for field, array in vars(block).items():
        np.testing.assert_array_equal(
            decode(written[field]), array[0, 2].detach().numpy(), err_msg=field
        )
    assert "class token gives most weight to" in made.still


def test_layers_heads_and_steps_are_chosen(vit, image):
    chosen = explore(vit, image, keep=Keep([0, 2], [1], [(2, 1)], mean=False))
    assert [one["name"] for one in chosen.data["maps"]] == [
        "layer 0, head 1",
        "rollout up to layer 0",
        "layer 2, head 1",
        "rollout up to layer 2",
    ]
    has = ["query" in arrays for arrays in chosen.data["examples"][0]["arrays"]]
    assert has == [False, False, True, False]
    every = explore(vit, image)
    np.testing.assert_array_equal(chosen.weights(3), every.weights(14))  # through all layers
    alone = by_place(maps_of(vit.walk(image[None]), Keep(steps="none")))
    assert not any(one.has_steps for one in alone.values())
    layer = by_place(maps_of(vit.walk(image[None]), Keep(steps=[1])))
    assert [p for p, one in layer.items() if one.has_steps] == [(1, 0), (1, 1), (1, 2)]
    none = maps_of(vit.walk(image[None]), Keep(rollout=False, mean=False))
    assert [one.head for one in none] == [0, 1, 2] * 3


def test_a_longer_trace_has_no_steps_unless_asked(rng):
    x = rng.normal(size=(65, 4)).astype(np.float32)
    found = multi_head(x, *np.stack([np.eye(4, dtype=np.float32)] * 4), heads=2)
    assert not any(one.has_steps for one in maps_of(found))
    assert [one.has_steps for one in maps_of(found, Keep(steps="all"))] == [True, True, False]


def test_several_pictures_are_examples(vit, image):
    tokens = {"one": ["tile"] * 16, "other": [f"square {i}" for i in range(16)]}
    made = explore(vit, {"one": image, "other": image.flip(-1)}, tokens=tokens)
    labels = [[token["label"] for token in one["tokens"]] for one in made.data["examples"]]
    assert labels[0][:2] == ["class token", "tile (0, 0)"]
    assert labels[1][1:] == tokens["other"]
    assert [one["name"] for one in made.data["examples"]] == ["one", "other"]
    for i, x in enumerate((image, image.flip(-1))):
        expected = next(attention_weights(vit.walk(x[None])))[0, 0].detach().numpy()
        np.testing.assert_array_equal(made.weights(0, i), expected)
    assert made.data["examples"][0]["image"] != made.data["examples"][1]["image"]


def test_rows_of_half_precision_are_rolled_out_too(vit, image):
    weights = torch.stack(list(attention_weights(vit.walk(image[None])))).detach()[:, 0]
    rolled = by_place(maps_of(weights.bfloat16()))[2, "rollout"].weights
    np.testing.assert_allclose(rolled, rollout(weights.numpy()), atol=2e-3)


def test_special_tokens_are_named_by_what_they_are():
    config = dataclasses.replace(TINY, distillation=True, registers=2)
    torch.manual_seed(0)
    made = explore(ViT(config), torch.rand(3, 8, 8), tokens=[f"tile {i}" for i in range(16)])
    labels = [token["label"] for token in made.data["examples"][0]["tokens"]]
    assert labels[:5] == ["class token", "distillation token", "register 0", "register 1", "tile 0"]


def undone(swin, picture, layer, head):
    """The weights of a block by hand: for each pair of places, whether they share a window."""
    with torch.no_grad():
        block = [s for s in swin.walk(picture) if hasattr(s, "windows")][layer]
    rows, cols = block.input.shape[1:3]
    (height, width), (down, along) = block.window, block.shift
    scores = np.full((rows * cols, rows * cols), np.nan, np.float32)
    weights, bias = np.zeros_like(scores), scores.copy()
    found = block.attention.attention
    for i in range(rows * cols):
        for j in range(rows * cols):
            (a, b), (c, d) = divmod(i, cols), divmod(j, cols)
            a, c = (a - down) % rows, (c - down) % rows
            b, d = (b - along) % cols, (d - along) % cols
            if (a // height, b // width) == (c // height, d // width):
                window = a // height * (cols // width) + b // width
                here = (a % height * width + b % width, c % height * width + d % width)
                scores[i, j] = found.scores[0, window, head][here]
                weights[i, j] = found.weights[0, window, head][here]
                bias[i, j] = block.bias[head][here]
    return scores, weights, bias


@pytest.mark.parametrize("layer", [0, 1])  # as they lie, and shifted
def test_windows_are_undone_to_the_grid(swin, picture, layer):
    scores, weights, bias = undone(swin, picture, layer, 1)
    made = explore(swin, picture)
    names = [one["name"] for one in made.data["maps"]]
    number = names.index(f"layer {layer}, head 1")
    written = made.data["examples"][0]["arrays"][number]
    for field, expected in {"scores": scores, "weights": weights, "bias": bias}.items():
        np.testing.assert_allclose(decode(written[field]), expected, atol=1e-6, err_msg=field)
    assert written["masked"] is True
    shifted = ", shifted by 2" if layer else ""
    assert made.data["maps"][number]["note"] == f"Windows of 4 × 4{shifted}."
    query, key, value = (decode(written[field]) for field in ("query", "key", "value"))
    inside = ~np.isnan(scores)
    np.testing.assert_allclose((query @ key.T)[inside], scores[inside], atol=1e-5)
    np.testing.assert_allclose(weights @ value, decode(written["output"]), atol=1e-5)
    rolled = made.weights(names.index("rollout up to layer 1"))
    every = [undone(swin, picture, i, h)[1] for i in (0, 1) for h in (0, 1)]
    expected = rollout([np.stack(every[:2]), np.stack(every[2:])])
    np.testing.assert_allclose(rolled, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("window", "shift", "said"),
    [
        ((2, 4), (0, 0), "Windows of 2 × 4"),
        ((2, 4), (1, 1), "Windows of 2 × 4, shifted by 1"),
        ((2, 4), (1, 2), "Windows of 2 × 4, shifted by 1 and 2"),
        ((4, 4), (0, 2), "Windows of 4 × 4, shifted by 0 and 2"),
    ],
)
def test_windows_are_said_rows_first(swin, picture, window, shift, said):
    with torch.no_grad():
        block: Any = list(swin.walk(picture))[1]
    assert dataclasses.replace(block, window=window, shift=shift).layer.note == said


def test_captured_windows_give_the_same_weights(swin, picture):
    with capture(swin) as found, torch.no_grad():
        swin(picture)
    maps = by_place(maps_of(in_windows(swin, found)[:2]))
    direct = by_place(maps_of(list(swin.walk(picture))[:3]))
    assert set(maps) == set(direct)
    for place, one in maps.items():
        np.testing.assert_allclose(one.weights, direct[place].weights, atol=1e-6)


def test_each_stage_has_a_grid_of_its_own(swin, picture):
    first, second = (explore(swin, picture, keep=Keep(layers)) for layers in ([0, 1], [2]))
    assert [x.data["examples"][0]["grid"] for x in (first, second)] == [[8, 8], [4, 4]]
    assert {one["layer"] for one in second.data["maps"]} == {2}
    both = explore(swin, picture)
    assert both.data["title"] == "Swin, 3 layers of 4 heads"
    (example,) = both.data["examples"]
    assert len(example["tokens"]) == 64 + 16
    assert example["tokens"][64] == {"label": "patch (0, 0) of 4 × 4", "short": "0, 0"}
    for made in (first, second):
        names = [one["name"] for one in made.data["maps"]]
        for i, name in enumerate(names):
            number = [one["name"] for one in both.data["maps"]].index(name)
            np.testing.assert_array_equal(made.weights(i), both.weights(number))
            written = example["arrays"][number]
            part = [0, 64] if made is first else [64, 80]
            assert (written["queries"], written["keys"]) == (part, part)
            assert written["grid"] == ([8, 8] if made is first else [4, 4])


def test_a_bias_without_windows_is_kept():
    torch.manual_seed(0)
    sizes = {"dims": (4, 8), "depths": (1, 1), "kinds": "CT", "strides": (2, 2), "head_dim": 4}
    config = CoAtNetConfig(image_size=32, stem=4, classes=2, **sizes)
    model = CoAtNet(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("table"):
                parameter.normal_()
        walked = list(model.walk(torch.rand(1, 3, 32, 32)))
    (block,) = (step for step in walked if isinstance(step, AttentionBlock))
    one = by_place(maps_of(walked))[0, 0]
    made = explorer([one], tokens=[str(i) for i in range(len(one.weights))], title="T")
    written = decode(made.data["examples"][0]["arrays"][0]["bias"])
    assert block.bias is not None
    np.testing.assert_array_equal(written, block.bias[0].numpy())


def test_a_tour_goes_over_layers_and_heads(vit, image):
    steps = [
        Step("One", "Look.", ask="Whom?", answer="It.", query=0, map=(1, 2),
             holds=lambda w: w.shape == (17, 17)),
        Step("All", "Rolled.", map=(2, "rollout"), holds=lambda w: np.allclose(w.sum(1), 1)),
    ]  # fmt: skip
    made = explore(vit, image, tour=steps)
    names = [one["name"] for one in made.data["maps"]]
    assert [names[step["map"]] for step in made.data["tour"]] == [
        "layer 1, head 2",
        "rollout up to layer 2",
    ]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda vit, x: explore(vit), ValueError, "a model needs an image"),
        (lambda vit, x: explore(vit, x[:, :4]), ValueError, r"images must be \(..., channel"),
        (lambda vit, x: explore(vit, x[0]), ValueError, "batch of one"),
        (lambda vit, x: explore(vit, torch.stack([x, x])), ValueError, "several go by name"),
        (
            lambda vit, x: explore(vit, x * 2 - 1),
            ValueError,
            r"explore\(model\.walk\(input\), pict",
        ),
        (
            lambda vit, x: explore(vit, {"a": x}, tokens={"b": ["x"] * 16}),
            ValueError,
            "tokens must be there for",
        ),
        (
            lambda vit, x: explore(vit, x, keep=Keep(layers=[3])),
            ValueError,
            "layer must be 0 to 2, got 3",
        ),
        (
            lambda vit, x: explore(vit, x, keep=Keep(heads=[-1])),
            ValueError,
            "layer 0: head must be 0 to 2",
        ),
        (
            lambda vit, x: kept(vit, x, steps="last"),
            ValueError,
            "steps must be 'all', 'none'",
        ),
        (
            lambda vit, x: explore(vit, x, keep=Keep(steps=[(0, 3)])),
            ValueError,
            r"steps names \(0, 3\)",
        ),
        (
            lambda vit, x: explore(vit, x, keep=Keep(layers=[0], steps=[1])),
            ValueError,
            "steps names 1",
        ),
        (
            lambda vit, x: maps_of(vit.look(x[None]), Keep(steps=[0])),
            ValueError,
            "weights alone",
        ),
        (lambda vit, x: explore(vit, x, tokens="ab"), ValueError, "all 17 tokens or the 16"),
        (lambda vit, x: explore(np.eye(3), {"a": x}), ValueError, "a trace is of one picture"),
        (lambda vit, x: maps_of(vit.walk(x[None]), picture=1), ValueError, "picture 1 in the"),
        (lambda vit, x: explore([]), ValueError, "no attention in it"),
        (lambda vit, x: explore(3), TypeError, "must hold attention, got int"),
        (lambda vit, x: explore(["a"]), TypeError, "must hold Attention, MultiHead"),
        (lambda vit, x: explore(np.eye(3)), ValueError, "3 tokens needs their names, got 0"),
        (lambda vit, x: explore(np.eye(3), grid=(2, 2)), ValueError, "more patches than"),
    ],
)
@pytest.mark.rejects
def test_what_does_not_fit_says_the_rule(vit, image, call, error, message):
    with pytest.raises(error, match=message):
        call(vit, image)


@pytest.mark.rejects
@pytest.mark.parametrize("old", ["image", "show", "stage", "layers", "dims", "url", "rounds"])
def test_an_old_keyword_names_the_new_place(vit, image, old):
    new = {"image": "picture", "show": "walk", "stage": "keep", "layers": "keep", "dims": "keep"}
    with pytest.raises(TypeError, match=f"no '{old}' any more: .*{new.get(old, 'start')}"):
        cast(Any, explore)(vit, **{old: image})


def test_what_a_reader_sees_first_is_the_start(vit, image):
    made = explore(vit, image, start=Start(query=3, map=(2, "mean"), url=True)).data
    assert (made["query"], made["maps"][made["map"]]["name"], made["url"]) == (
        3, "layer 2, mean of the heads", True,
    )  # fmt: skip


@pytest.mark.rejects
def test_a_model_of_another_kind_says_what_to_do():
    class Other(torch.nn.Module):
        pass

    with pytest.raises(TypeError, match=r"hold attention, got Other: capture another model's"):
        explore(Other(), torch.rand(3, 8, 8))


def test_a_picture_may_be_shown_in_place_of_the_input(vit, image):
    shown = np.zeros((8, 8, 3))
    made = explore(vit.walk(image[None] * 2 - 1), shown, grid=TINY.grid)
    same = explorer([Map("m", np.eye(1))], tokens="a", title="T", image=shown, grid=(1, 1))
    assert made.data["examples"][0]["image"] == same.data["examples"][0]["image"]


def test_looking_leaves_gradients_as_they_were(vit, image):
    assert torch.is_grad_enabled()
    explore(vit, image)
    assert torch.is_grad_enabled()
    assert all(p.grad is None for p in vit.parameters())


def test_double_precision_of_numpy_stays_in_the_lists(rng):
    params = init_params(TINY, dtype=np.float64)
    x = rng.random((1, 3, 8, 8))
    first = next(iter(maps_of(walk(params, x, TINY))))
    made = explorer([first], tokens=[str(i) for i in range(17)], title="T")
    assert isinstance(made.data["examples"][0]["arrays"][0]["weights"], list)
