"""The parts of a ViT's forward pass, each alone: its operations, its bytes, and its time.

A part can be no faster than the processor multiplies and than memory delivers. Operations are
two a multiply-add, and as written in the formula for the rest; bytes are those of inputs,
weights and outputs, each moved once.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.benchmarks.timing import Run, cell, interleave
from vitexplain.vit import PRESETS
from vitexplain.vit.looking import scaled_scores
from vitexplain.vit.packing import PackedLinear, can_pack

COPY = 1 << 26  # numbers in the copied array: far more than a cache holds


def cells(batch: int, dtype: torch.dtype, device: str, rounds: int) -> list[dict[str, Any]]:
    """Return a cell for each part of a B/16 block, and for the two peaks of the machine."""
    found = parts(batch, dtype, device) | peaks(dtype, device)
    runs = {name: run for name, (run, _, _) in found.items()}
    times = interleave(runs, rounds, "parts")
    keys = {"kind": "part", "batch": batch, "dtype": str(dtype).removeprefix("torch.")}
    return [
        cell(keys | {"name": name, "operations": operations, "bytes": size}, times[name])
        for name, (_, operations, size) in found.items()
    ]


def parts(batch: int, dtype: torch.dtype, device: str) -> dict[str, tuple[Run, int, int]]:
    """Return each part of a B/16 block by name: what runs, its operations, its bytes."""
    config = PRESETS["B/16"]
    tokens, dim, heads, hidden = config.tokens, config.dim, config.heads, config.mlp_dim
    rows, size = batch * tokens, torch.finfo(dtype).bits // 8

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, device=device, dtype=dtype)

    found: dict[str, tuple[Run, int, int]] = {}  # of numbers, not bytes, until the end
    for name, wide, out in (
        ("qkv", dim, 3 * dim), ("output", dim, dim),
        ("MLP, first layer", dim, hidden), ("MLP, second layer", hidden, dim),
    ):  # fmt: skip
        x, layer = random(rows, wide), torch.nn.Linear(wide, out).to(device, dtype)
        work, moved = 2 * rows * wide * out, rows * (wide + out) + wide * out + out
        found[name] = (lambda x=x, layer=layer: layer(x), work, moved)
        if device == "cpu" and dtype == torch.float32 and can_pack():
            packed = PackedLinear(layer, rows)
            found[f"{name}, packed"] = (lambda x=x, layer=packed: layer(x), work, moved)
    query, key, value = (random(batch, heads, tokens, dim // heads) for _ in range(3))
    maps, room = random(batch, heads, tokens, tokens), random(batch, heads, tokens, tokens)
    x, wide, other = random(rows, dim), random(rows, hidden), random(rows, dim)
    weights, pairs, numbers, long = maps.softmax(-1), maps.numel(), query.numel(), x.numel()
    fused, product = F.scaled_dot_product_attention, 2 * pairs * dim // heads
    found |= {
        "scores": (lambda: scaled_scores(query, key, out=room), product, 2 * numbers + pairs),
        "softmax": (lambda: torch.softmax(maps, -1, out=room), 4 * pairs, 2 * pairs),
        "mix": (lambda: weights @ value, product, 2 * numbers + pairs),
        "scores, softmax and mix, fused":
            (lambda: fused(query, key, value), 2 * product + 4 * pairs, 4 * numbers),
        "LayerNorm": (lambda: F.layer_norm(x, (dim,)), 8 * long, 2 * long),
        "GELU": (lambda: F.gelu(wide), 10 * wide.numel(), 2 * wide.numel()),
        "skip connection": (lambda: x + other, long, 3 * long),
    }  # fmt: skip
    return {name: (run, work, size * moved) for name, (run, work, moved) in found.items()}


def peaks(dtype: torch.dtype, device: str) -> dict[str, tuple[Run, int, int]]:
    """Return what shows how fast this machine multiplies, and how fast it moves memory."""
    side = 8192 if device == "cuda" else 2048
    square = torch.randn(side, side, device=device, dtype=dtype)
    source = torch.zeros(COPY, device=device)
    target = torch.zeros_like(source)
    size = square.element_size()
    work, moved = 2 * side**3, 3 * side * side * size
    found: dict[str, tuple[Run, int, int]] = {
        "peak, matrix product": (lambda: square @ square, work, moved),
        "peak, copy": (lambda: target.copy_(source), 0, 2 * COPY * source.element_size()),
    }
    if device == "cpu" and dtype == torch.float32 and can_pack():
        layer = PackedLinear(torch.nn.Linear(side, side), side)
        found["peak, matrix product, packed"] = (lambda: layer(square), work, moved)
    return found
