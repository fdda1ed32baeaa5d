"""Measure what it costs to look: our forward passes and the peers', interleaved in one process.

    python -m tests.benchmarks.looking                      what the site shows, about ten minutes
    python -m tests.benchmarks.looking --batch 1 --rounds 7 --no-memory --out /tmp

Every contender gets the same weights, a ViT-B/16, and the same images. Ratios are to timm's plain
forward pass, each round to its own. TransformerLens, ViT-Prisma and nnsight join in where they
are installed; see `tests/benchmarks/peers.py`.
"""

import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from studies import gathered
from tests.benchmarks import peak, roofline
from tests.benchmarks.peers import peers
from tests.benchmarks.timing import Table, cell, interleave, options
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
    times = interleave(contenders(batch, dtype, device), rounds, f"batch {batch}")
    cells, table = [], Table()
    for (what, name), taken in times.items():
        pairs = zip(taken, times[BASE], strict=True)
        ratio = round(statistics.median(a["seconds"] / b["seconds"] for a, b in pairs), 4)
        keys = {"kind": "forward", "what": what, "name": name, "batch": batch}
        keys |= {"dtype": str(dtype).removeprefix("torch."), "ratio": ratio}
        cells.append(cell(keys, taken))
        table.add(ms=1e3 * cells[-1]["median"], ratio=str(ratio), what=what, name=name)
    return cells


def main() -> None:
    parser = options(__doc__, results.FOLDER, rounds=21)
    parser.add_argument("--batch", type=int, action="append", help="images a forward pass")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--no-memory", action="store_true", help="leave out peak memory")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    told = parser.parse_args()
    name_torchvision_operators()
    dtype, device = getattr(torch, told.dtype), told.device
    cells, table = [], Table()
    for batch in told.batch or ((1, 32, 256) if device == "cuda" else (1, 8)):
        rounds = told.rounds if batch == 1 else max(told.rounds // 3, 5)
        cells += measure(batch, dtype, device, rounds)
    cells += roofline.cells(8, dtype, device, told.rounds)
    for case in () if told.no_memory else MEMORY:
        keys = dict(zip(("what", "name", "preset", "batch", "side"), case, strict=True))
        size = round(peak.measured(*case, device), 1)
        cells.append({"kind": "memory", **keys, "megabytes": size, "runs": []})
        table.add(megabytes=size, **keys)
    found = results.Results(
        f"looking-{device}-{told.dtype}",
        f"{told.rounds} rounds",
        "What does it cost to keep what attention did, beside a forward pass that keeps nothing?",
        gathered.provenance(device, threads=torch.get_num_threads(), model="ViT-B/16"),
        tuple(cells),
    )
    print(gathered.write(found, told.out))


if __name__ == "__main__":
    main()
