"""Measure what it costs to look: our forward passes and the peers', interleaved in one process.

    python -m tests.benchmarks.looking                      what the site shows, about ten minutes
    python -m tests.benchmarks.looking --batch 1 --rounds 7 --no-memory --out /tmp

Every contender gets the same weights, a ViT-B/16, and the same images. Ratios are to timm's plain
forward pass, each round to its own. TransformerLens, ViT-Prisma and nnsight join in where they
are installed; see `tests/benchmarks/peers.py`.
"""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from studies import gathered
from tests.benchmarks import peak, roofline
from tests.benchmarks.peers import peers
from tests.benchmarks.timing import interleave, spread
from tests.conftest import name_torchvision_operators
from vitexplain.experiments import results
from vitexplain.reading import rollout_of
from vitexplain.vit import PRESETS, ViT, packed, walk
from vitexplain.vit.looking import QUANTITIES

BASE = ("plain", "timm")
Contenders = dict[tuple[str, str], Callable[[], Any]]
MEMORY = (  # what, name, preset, batch, side
    *[(what, name, "B/16", batch, side)
      for batch, side in ((1, 224), (8, 224), (1, 512))
      for what, name in (("plain", "timm"), ("rollout", "vitexplain"), ("rollout", "Hugging Face"),
                         ("everything", "vitexplain, exact"))],
    ("rollout", "vitexplain", "L/16", 1, 1024),  # 4,097 tokens: all weights would be 26 GB
)  # fmt: skip


def contenders(
    batch: int,
    dtype: torch.dtype,
    device: str,
    *,
    preset: str = "B/16",
    side: int = 224,
    only: tuple[str, str] | None = None,
) -> Contenders:
    """Return what is measured: by (what, name), a function of no argument."""
    torch.manual_seed(0)
    config = replace(PRESETS[preset], image_size=side)
    vit = ViT(config).to(device, dtype).eval()
    images = torch.randn(batch, 3, side, side, device=device, dtype=dtype)
    found: Contenders = {
        ("plain", "vitexplain"): lambda: vit(images),
        ("maps", "vitexplain, exact"): lambda: vit.look(images),
        ("everything", "vitexplain, exact"): lambda: vit.look(images, keep=QUANTITIES),
        ("everything", "vitexplain, mixed"): lambda: vit.look(images, keep=QUANTITIES, exact=False),
        ("everything", "vitexplain, walk"): lambda: list(vit.walk(images)),
        ("rollout", "vitexplain"): lambda: rollout_of(vit, images),
    }
    if device == "cpu" and dtype == torch.float32:
        twin = packed(vit, rows=batch * config.tokens)
        fast = {"keep": QUANTITIES, "exact": False}
        found |= {
            ("plain", "vitexplain, fast"): lambda: twin(images),
            ("everything", "vitexplain, fast"): lambda: twin.look(images, **fast),
            ("everything", "vitexplain, fast and lazy"): lambda: twin.look(
                images, lazy=True, **fast
            ),
            ("rollout", "vitexplain, fast"): lambda: rollout_of(twin, images),
        }
        params = {name: p.detach().numpy() for name, p in vit.named_parameters()}
        pixels = images.numpy()
        found["maps", "vitexplain, NumPy"] = lambda: [
            getattr(step, "attention", None) for step in walk(params, pixels, config)
        ]
    if device == "cuda":
        compiled = torch.compile(vit, mode="max-autotune")  # CUDA graphs, autotuned products
        found["plain", "vitexplain, compiled"] = lambda: compiled(images)
    if only is not None and only in found:
        return {only: found[only]}
    found |= peers(vit.state_dict(), images)
    return found if only is None else {only: found[only]}


def measure(batch: int, dtype: torch.dtype, device: str, rounds: int) -> list[dict[str, Any]]:
    """Return a cell for each contender, ratios and all."""
    times = interleave(contenders(batch, dtype, device), rounds, device, f"batch {batch}")
    cells = []
    for (what, name), taken in times.items():
        ratio = statistics.median(a / b for a, b in zip(taken, times[BASE], strict=True))
        cells.append(
            {"kind": "forward", "what": what, "name": name, "batch": batch}
            | {"dtype": str(dtype).removeprefix("torch."), "ratio": round(ratio, 4)}
            | spread(taken)
            | {"runs": [{"seconds": round(t, 6)} for t in taken]}
        )
        print(f"{what:11s}{name:28s}{1e3 * cells[-1]['median']:9.1f} ms{ratio:8.3f}")
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--batch", type=int, action="append", help="images a forward pass")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--no-memory", action="store_true", help="leave out peak memory")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, default=results.FOLDER)
    options = parser.parse_args()
    name_torchvision_operators()
    dtype, device = getattr(torch, options.dtype), options.device
    cells = []
    for batch in options.batch or ((1, 32, 256) if device == "cuda" else (1, 8)):
        cells += measure(
            batch, dtype, device, options.rounds if batch == 1 else max(options.rounds // 3, 5)
        )
    cells += roofline.cells(8, dtype, device, options.rounds)
    for what, name, preset, batch, side in () if options.no_memory else MEMORY:
        size = peak.measured(what, name, preset, batch, side, device)
        keys = {"kind": "memory", "what": what, "name": name, "preset": preset}
        keys |= {"batch": batch, "side": side, "megabytes": round(size, 1), "runs": []}
        cells.append(keys)
        print(f"{what:11s}{name:28s}{preset}, batch {batch}, {side} px: {size:.0f} MB")
    found = results.Results(
        f"looking-{device}-{options.dtype}",
        f"{options.rounds} rounds",
        "What does it cost to keep what attention did, beside a forward pass that keeps nothing?",
        gathered.provenance(device, threads=torch.get_num_threads(), model="ViT-B/16"),
        tuple(cells),
    )
    print(gathered.write(found, options.out))


if __name__ == "__main__":
    main()
