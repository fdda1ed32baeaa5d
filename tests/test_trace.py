"""One shape for whatever recorded attention: a walk, a look, captured maps, a graph's outputs."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.refusing import refuses
from vitexplain import export
from vitexplain.attention import attend, multi_head
from vitexplain.capture import capture, in_windows
from vitexplain.compare.coatnet import CoAtNet, CoAtNetConfig
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.trace import Attends, Layer, Trace, layers
from vitexplain.vit import ViT, ViTConfig

SIZES = ViTConfig(image_size=8, patch=4, dim=12, depth=2, heads=3, mlp_dim=8, classes=2)
STEPS = ("query", "key", "value", "scores", "scaled", "weights", "output")


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def vit() -> ViT:
    torch.manual_seed(0)
    return ViT(SIZES).eval()


@torch.no_grad()
def trace_of(vit: ViT, images: torch.Tensor, source: str) -> Any:
    match source:
        case "walk":
            return vit.walk(images)
        case "look":
            return vit.look(images, keep=("query", "key", "value", "scaled", "weights"))
        case "capture":
            with capture(vit) as maps:
                vit(images)
            return maps
        case "a graph":
            names = [name if name != "output" else "head_outputs" for name in STEPS]
            graph = export.vit(vit, outputs=[*names, "output"], float16=False)
            return export.run(graph, {"images": images.numpy()})


@pytest.mark.parametrize("source", ["walk", "look", "capture", "a graph"])
def test_every_recorder_gives_the_same_layers(vit, images, source):
    with torch.no_grad():
        expected = [step.attention.attention for step in list(vit.walk(images))[1:-1]]
    trace = trace_of(vit, images, source)
    assert isinstance(trace, Trace) == (source != "walk")
    found = list(layers(trace))
    assert len(found) == 2
    for layer, block in zip(found, expected, strict=True):
        kept = [name for name in STEPS if getattr(layer, name) is not None]
        assert set(kept) >= {"weights"} if source == "capture" else {"weights", "query"}
        assert (layer.attention is not None) == (source in ("walk", "a graph"))
        for name in kept:
            np.testing.assert_allclose(
                torch.as_tensor(getattr(layer, name)).detach(), getattr(block, name), atol=1e-5
            )
            second = getattr(layer.picture(1), name)
            np.testing.assert_allclose(second, getattr(block, name)[1], atol=1e-5)


def test_what_stands_alone_is_one_layer(rng):
    x, matrices = rng.normal(size=(4, 6)), rng.normal(size=(4, 6, 6))
    whole = multi_head(x, *matrices, heads=2)
    for trace in (whole, whole.attention, whole.attention.weights, Layer.of(whole), [whole]):
        (layer,) = layers(trace)
        np.testing.assert_array_equal(layer.weights, whole.attention.weights)
    (one,) = layers(attend(x, x, x))
    assert one.picture().full.shape == (1, 4, 4)  # the axis of heads is always there


@torch.no_grad()
def test_windows_say_which_token_stands_where():
    config = SwinConfig(
        image_size=16, patch=2, dim=8, depths=(2, 1), heads=(2, 4), window=4, classes=3
    )
    torch.manual_seed(1)
    swin, images = Swin(config).eval(), torch.rand(1, 3, 16, 16)
    walked = list(layers(swin.walk(images)))
    with capture(swin) as maps:
        swin(images)
    for ours, theirs in zip(walked, in_windows(swin, maps), strict=True):
        assert ours.grid == theirs.grid
        np.testing.assert_array_equal(ours.places, theirs.places)
        torch.testing.assert_close(ours.full, theirs.full)
    assert [one.note for one in walked[:2]] == [
        "Windows of 4 × 4", "Windows of 4 × 4, shifted by 2"
    ]  # fmt: skip


@torch.no_grad()
def test_a_block_says_its_bias_and_its_grid():
    config = CoAtNetConfig(
        image_size=32, stem=4, dims=(4, 4, 8, 8), depths=(1, 1, 1, 1), head_dim=4, classes=2
    )
    torch.manual_seed(0)
    steps = list(CoAtNet(config).eval().walk(torch.rand(1, 3, 32, 32)))
    blocks = [step for step in steps if isinstance(step, Attends)]
    assert [one.grid for one in layers(steps)] == [(2, 2), (1, 1)]
    for layer, block in zip(layers(steps), blocks, strict=True):
        scaled: Any = layer.scaled
        weights = torch.softmax(scaled + layer.bias, -1)
        torch.testing.assert_close(weights, block.layer.weights)


test_wrong_input_says_the_rule = refuses(
    (TypeError, "must hold attention, got int", lambda: list(layers(3))),
    (TypeError, "the steps of a walk.*got str", lambda: list(layers(["a"]))),
    (TypeError, "got SimpleNamespace", lambda: list(layers([SimpleNamespace(weights=1)]))),
    (ValueError, "weights of layer 'block 3' were not kept", lambda: Layer("block 3").full),
    (ValueError, "picture 2 in", lambda: Layer(weights=np.ones((2, 1, 4, 4))).picture(2)),
    (ValueError, "attention must be", lambda: Layer(weights=np.ones((1, 1, 1, 4, 4))).picture()),
)
