"""What readings of a model that finds digits are worth: each reading put to each test."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from vitexplain.attention import merge_heads
from vitexplain.experiments.find_reading import (
    EMPTY,
    FEW,
    NUMBER,
    PERMUTATIONS,
    STEPS,
    Maps,
    readers,
    right_ones,
)
from vitexplain.experiments.find_task import PATCH, Canvases, Find
from vitexplain.experiments.tasks import generator_of
from vitexplain.patches import patchify
from vitexplain.reading import (
    deletion,
    insertion,
    parts,
    pointing,
    randomised,
    similarity,
    sinks,
    token_norms,
)
from vitexplain.vit import Block, ViT, attention_weights
from vitexplain.vit.module import TransformerBlock

BROKEN = 1000  # seed of weights drawn anew: no model here began with it


def measure(model: ViT, task: Find, *, number: int = NUMBER) -> dict[str, Any]:
    """Return every test of every reading of one model; see each function below."""
    model = model.cpu()
    one, two = (right_ones(model, task, number, two=two) for two in (False, True))
    found: dict[str, Any] = accuracies(model, task)
    maps = read_all(model, one.images, one.labels[:, 0])
    found["points"] = {name: pointed(each, one.inside()) for name, each in maps.items()}
    found["points, untrained"] = {
        name: pointed(each, one.inside())
        for name, each in read_all(
            randomised(model, seed=BROKEN), one.images, one.labels[:, 0]
        ).items()
    }
    found |= asked(model, two)
    found |= faithful(model, one, maps)
    found |= sanity(model, one, maps)
    for other in ("occlusion", "gradient"):
        found[f"like {other}"] = {name: alike(each, maps[other]) for name, each in maps.items()}
    found["head points"] = heads(model, one)
    found["weight on"] = where_weight_goes(model, one)
    found |= other_weights(model, one)
    found |= norms(model, one.images)
    return found


def read_all(model: ViT, images: Tensor, target: Int[Tensor, " image"]) -> dict[str, Maps]:
    """Return the maps of every reading and yardstick."""
    return {
        name: torch.as_tensor(reader(model, images, target)).float()
        for name, reader in readers().items()
    }


def pointed(maps: Maps, inside: Bool[Tensor, "image row col"]) -> float:
    """Return the share of maps whose largest value lies inside."""
    return float(pointing(maps, inside).share)


def alike(maps: Maps, others: Maps) -> float:
    """Return the mean rank correlation; a map that is even has no order, and counts as 0."""
    return float(similarity(maps, others).nan_to_num(0.0).mean())


def asked(model: ViT, two: Canvases) -> dict[str, Any]:
    """Ask for each of two digits in turn: does the map point to that one, or to either?"""
    this, other = two.inside(0), two.inside(1)
    first, second = (read_all(model, two.images, two.labels[:, i]) for i in range(2))
    inside = torch.cat([this, other])
    both = {name: torch.cat([first[name], second[name]]) for name in first}
    return {
        "points to the one asked for": {name: pointed(m, inside) for name, m in both.items()},
        "points to either": {
            name: pointed(m, (this | other).repeat(2, 1, 1)) for name, m in both.items()
        },
    }


def faithful(model: ViT, one: Canvases, maps: dict[str, Maps]) -> dict[str, Any]:
    """Take patches away or bring them in, the most important first: areas under the probability.

    What is taken away becomes empty, as a patch may be in this task.
    """
    found: dict[str, Any] = {"deletion": {}, "insertion": {}}
    for name, each in maps.items():
        for kind, test in (("deletion", deletion), ("insertion", insertion)):
            curve = test(
                model, one.images, each, one.labels[:, 0], baseline=EMPTY, steps=STEPS, at_once=128
            )
            found[kind][name] = float(curve.area.mean())
    return found


def sanity(model: ViT, one: Canvases, maps: dict[str, Maps]) -> dict[str, Any]:
    """Draw weights anew from the head down: how alike are the maps before and after?

    Rank correlation, the mean over pictures; 1 is a reading that does not hear of it.
    """
    found: dict[str, Any] = {}
    some = one[:FEW]
    for depth, part in enumerate(parts(model.config), start=1):
        broken = randomised(model, from_top=depth, seed=BROKEN)
        again = read_all(broken, some.images, some.labels[:, 0])
        found[f"like without {part}"] = {
            name: alike(again[name], each[:FEW]) for name, each in maps.items() if name != "random"
        }
    return found


@torch.no_grad()
def heads(model: ViT, one: Canvases) -> dict[str, float]:
    """Return how often each head's row of the class token points to the digit."""
    prefix, grid = model.config.prefix, model.config.grid
    return {
        f"block {i}, head {h}": pointed(weights[:, h, 0, prefix:].reshape(-1, *grid), one.inside())
        for i, weights in enumerate(attention_weights(model.walk(one.images)))
        for h in range(weights.shape[1])
    }


@torch.no_grad()
def where_weight_goes(model: ViT, one: Canvases) -> dict[str, Any]:
    """Return what the class token gives to whom, mean over heads, and how many there are.

    By block: the digit's patches, clutter, empty patches, registers if any, and itself.
    """
    config = model.config
    digit = one.inside().flatten(1)
    empty = (patchify(one.images, PATCH) == EMPTY).all(-1) & ~digit
    groups = {"digit": digit, "clutter": ~(digit | empty), "empty": empty}
    found: dict[str, Any] = {
        "patches": {name: float(which.sum(1).double().mean()) for name, which in groups.items()}
    }
    for i, weights in enumerate(attention_weights(model.walk(one.images))):
        row = weights.mean(1)[:, 0]
        patches = row[:, config.prefix :]
        found[f"block {i}"] = {
            **{name: float((patches * which).sum(1).mean()) for name, which in groups.items()},
            "itself": float(row[:, 0].mean()),
            "registers": float(row[:, 1 : config.prefix].sum(1).mean()),
        }
    return found


@torch.no_grad()
def other_weights(model: ViT, one: Canvases) -> dict[str, Any]:
    """Give the class token other weights in one block, and see what becomes of the answer.

    After Jain and Wallace (NAACL 2019): its weights are permuted, each head's by
    itself, and the output's change is ½ Σ|p - p′|. "moved": the median over permutations, mean
    over pictures. "still right": with these weights. "found": pictures with a permutation
    among all that leaves the output within 0.01. "even": each token gets the same instead.
    """
    found: dict[str, Any] = {}
    before = model(one.images).softmax(-1)
    label = one.labels[:, 0]
    for layer in range(model.config.depth):
        *_, block = (
            step for step, _ in zip(model.walk(one.images), range(layer + 2), strict=False)
        )
        assert isinstance(block, Block)
        weights = block.attention.attention.weights[:, :, :1]
        even = with_class_row(model, block, torch.full_like(weights, 1 / weights.shape[-1]))
        moved, right = [], []
        for again in range(PERMUTATIONS):
            noise = torch.rand(weights.shape, generator=generator_of(layer, again))
            after = with_class_row(model, block, weights.gather(-1, noise.argsort(-1)))
            moved.append((after - before).abs().sum(-1) / 2)
            right.append((after.argmax(-1) == label).double().mean())
        change = torch.stack(moved)
        found[f"permuted in block {layer}"] = {
            "moved": float(change.median(0).values.mean()),
            "still right": float(torch.stack(right).mean()),
            "found": float((change.min(0).values < 0.01).double().mean()),
            "even, still right": float((even.argmax(-1) == label).double().mean()),
        }
    return found


def with_class_row(
    model: ViT, block: Block, weights: Float[Tensor, "image head 1 token"]
) -> Float[Tensor, "image classes"]:
    """Return the probabilities if the class token's weights in one block were these."""
    module = model.blocks[block.index]
    assert isinstance(module, TransformerBlock)
    mixed = merge_heads(weights @ block.attention.attention.value)
    row = block.input[:, :1] + module.attn.proj(mixed)
    row = row + module.mlp(module.norm2(row))
    x = torch.cat([row, block.output[:, 1:]], 1)
    for later in list(model.blocks)[block.index + 1 :]:
        x = later(x)
    return model.read(x).softmax(-1)


def norms(model: ViT, images: Tensor) -> dict[str, float]:
    """Look for high-norm tokens among the patches after the last block: see `sinks`."""
    length = token_norms(model, images)[-1]
    patches = length[:, model.config.prefix :]
    return {
        "largest norm": float((patches.max(1).values / patches.median(1).values).mean()),
        "high-norm patches": float(sinks(length, prefix=model.config.prefix).double().mean()),
    }


@torch.no_grad()
def accuracies(model: torch.nn.Module, task: Find, *, number: int = 2000) -> dict[str, float]:
    """Return how often the model names the one digit, and both of two, on pictures never seen."""
    device = next(model.parameters()).device
    found = {}
    for name, two in (("accuracy", False), ("accuracy, both", True)):
        canvases = task.draw(number, generator_of(task.seed, int(two)), two=two)
        logits = torch.cat([model(part.to(device)).cpu() for part in canvases.images.split(500)])
        found[name] = float(canvases.named(logits, two=two).double().mean())
    return found
