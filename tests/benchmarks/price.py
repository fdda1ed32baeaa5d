"""Measure what resolution and tokens cost in time, and write the results that a page reads.

    python -m tests.benchmarks.price --rounds 9

One image, one thread, float32, inference. What counts is the processor time of that thread, which
waiting for a busy machine does not change; the time on the wall is kept beside it. Every round
runs each contender once, in a new order. Kept are every round, the median and the quartiles.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch.nn import functional as F

from studies import gathered
from tests.benchmarks.timing import Run, Table, cell, interleave, options
from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt
from vitexplain.compare.memory import naive_attention
from vitexplain.compare.resnet import RESNETS, ResNet
from vitexplain.compare.swin import SWINS, Swin
from vitexplain.experiments import results
from vitexplain.vit import PRESETS, ViT

SIDES = (112, 160, 224, 320, 448)  # pixels
SWIN_SIDES = (224, 448)  # those that windows of 7 tile in every stage
GRIDS = (7, 14, 28, 42, 56)  # patches along a side: images of 112 to 896 pixels at 16
HEADS, DIM = 12, 64  # of ViT-B/16
MODELS: dict[str, tuple[str, Callable[[int], torch.nn.Module], tuple[int, ...]]] = {
    "ResNet-50": ("CNN", lambda side: ResNet(RESNETS["resnet50"]), SIDES),
    "ConvNeXt-T": ("CNN", lambda side: ConvNeXt(CONVNEXTS["convnext_t"]), SIDES),
    "ViT-S/16": ("ViT", lambda side: ViT(replace(PRESETS["S/16"], image_size=side)), SIDES),
    "ViT-B/16": ("ViT", lambda side: ViT(replace(PRESETS["B/16"], image_size=side)), SIDES),
    "Swin-T": ("windowed", lambda side: Swin(replace(SWINS["swin_t"], image_size=side)),
               SWIN_SIDES),
}  # fmt: skip


def contenders() -> list[tuple[dict[str, Any], Run]]:
    """Return what is measured: the keys of its cell, and a function of no argument."""
    torch.manual_seed(0)
    found: list[tuple[dict[str, Any], Run]] = []
    for name, (family, build, sides) in MODELS.items():
        for side in sides:
            model, image = build(side).eval(), torch.randn(1, 3, side, side)
            keys = {"kind": "model", "name": name, "family": family, "side": side}
            found.append((keys, lambda model=model, image=image: model(image)))
    attentions: dict[str, Callable[..., torch.Tensor]] = {
        "naive": naive_attention,
        "fused": F.scaled_dot_product_attention,
    }
    for name, attention in attentions.items():
        for side in GRIDS:
            parts = torch.randn(3, 1, HEADS, side**2, DIM)
            keys = {"kind": "attention", "name": name, "tokens": side**2}
            found.append((keys, lambda parts=parts, run=attention: run(*parts)))
    return found


def thread_seconds(run: Run) -> dict[str, float]:
    """Return how long it runs: the thread's own processor time, and the time on the wall."""
    wall, own = time.perf_counter(), time.thread_time()
    run()
    own, wall = time.thread_time() - own, time.perf_counter() - wall
    return {"seconds": round(own, 6), "wall": round(wall, 6)}


def main() -> None:
    told = options(__doc__, results.FOLDER, rounds=9).parse_args()
    torch.set_num_threads(1)
    running = contenders()
    runs = dict(enumerate(run for _, run in running))
    times = interleave(runs, told.rounds, "price", thread_seconds)
    cells = [cell(keys, times[i]) for i, (keys, _) in enumerate(running)]
    found = results.Results(
        "latency",
        f"{told.rounds} rounds",
        "How long does one forward pass of one image take, by its side; and one attention, "
        "by its tokens?",
        gathered.provenance("cpu", threads=1, batch=1, dtype="float32", heads=HEADS, dim=DIM),
        tuple(cells),
    )
    table = Table()
    for one in cells:
        spread = {f"{name} ms": 1e3 * one[name] for name in ("median", "low", "high")}
        table.add(size=one.get("side") or one["tokens"], **spread, name=one["name"])
    print(gathered.write(found, told.out))


if __name__ == "__main__":
    main()
