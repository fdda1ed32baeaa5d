"""The benchmarked peers compute what we compute, or comparing their speed says nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.benchmarks import peers as benchmarked
from tests.benchmarks.peers import LIBRARIES, peers
from tests.test_peers import random_state
from vitexplain.reading import rollout
from vitexplain.vit import PRESETS, Looked, ViT

Peers = dict[tuple[str, str], Callable[[], Any]]
MANY = replace(PRESETS["B/16"], depth=2, image_size=96)  # two blocks of the real width
OPTIONAL = ("TransformerLens", "ViT-Prisma", "nnsight")
TASKS = {
    "nn.TransformerEncoder": {"plain"},
    "torchvision": {"plain", "maps", "rollout"},
}
WEIGHTS_AMONG: dict[str, Callable[[Any, int], torch.Tensor]] = {  # everything that is kept
    "timm": lambda kept, layer: kept[f"blocks.{layer}.attn.attn_drop"],
    "Hugging Face": lambda kept, layer: kept.attentions[layer],
    "TransformerLens": lambda kept, layer: kept[1][f"blocks.{layer}.attn.hook_pattern"],
    "ViT-Prisma": lambda kept, layer: kept[1][f"blocks.{layer}.attn.hook_pattern"],
    "nnsight": lambda kept, layer: kept[f"model.vit.layers.{layer}.attention"].output[1],
}

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    return random_state(MANY)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def runs(state, images) -> Peers:
    return peers(state, images)


@pytest.fixture(scope="module")
def looked(state, images) -> Looked:
    vit = ViT(MANY).eval()
    vit.load_state_dict(state)
    return vit.look(images)


@torch.inference_mode()
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_peer_computes_the_same(name, runs, looked):
    if name in OPTIONAL:
        pytest.importorskip(LIBRARIES[name][0])
    tasks = {what for what, library in runs if library == name}
    assert tasks == TASKS.get(name, {"plain", "maps", "everything", "rollout"})
    logits = runs["plain", name]()
    print(f"\n{name:22s} logits {float((logits - looked.logits).abs().max()):.1e}", end="")
    torch.testing.assert_close(logits, looked.logits, atol=1e-4, rtol=0)
    torch.testing.assert_close(logits, runs["plain", "timm"](), atol=1e-4, rtol=0)
    if "maps" not in tasks:
        return
    ours = [layer.weights for layer in looked.layers]
    theirs = runs["maps", name]()
    largest = max(float((a - b).abs().max()) for a, b in zip(ours, theirs, strict=True))
    print(f"  maps {largest:.1e}", end="")
    for weights, expected in zip(theirs, ours, strict=True):
        torch.testing.assert_close(weights, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(runs["rollout", name](), rollout(ours), atol=1e-5, rtol=0)
    if "everything" in tasks:
        kept = runs["everything", name]()
        for layer, expected in enumerate(ours):
            weights = WEIGHTS_AMONG[name](kept, layer)
            torch.testing.assert_close(weights, expected, atol=1e-5, rtol=0)


def test_a_missing_library_is_left_out(state, images, monkeypatch):
    monkeypatch.setattr(
        benchmarked,
        "LIBRARIES",
        {"here": ("torch", lambda *_: {"plain": int}), "not": ("no_such_library", pytest.fail)},
    )
    assert list(peers(state, images)) == [("plain", "here")]
