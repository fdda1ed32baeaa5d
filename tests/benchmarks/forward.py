"""Measure the forward pass: fused, walked, in NumPy, and the peers', interleaved in one process.

    python -m tests.benchmarks.forward --preset B/16 --batch 1 --dtype float32

Every round runs each contender once, in a new order, so that a busy moment of the machine
hits all alike. The table gives the median, its quartiles, the ratio to our fused forward
pass, and the share of this machine's matrix product peak, measured in the same rounds.
"""

import argparse
import platform
import random
import statistics
import time
from collections.abc import Callable

import torch

from tests.conftest import name_torchvision_operators
from tests.test_peers import hugging_face_vit, timm_vit, torchvision_vit
from vitexplain.reading import rollout_of
from vitexplain.vit import PRESETS, Block, ViT, count_macs, walk


def contenders(preset: str, batch: int, dtype: torch.dtype, device: str) -> dict[str, Callable]:
    """Return what is measured, by name: each a function of no argument."""
    config = PRESETS[preset]
    torch.manual_seed(0)
    vit = ViT(config).to(device, dtype).eval()
    images = torch.randn(batch, 3, 224, 224, device=device, dtype=dtype)

    def keep_every_map() -> list[torch.Tensor]:
        return [
            step.attention.attention.weights for step in vit.walk(images) if type(step) is Block
        ]

    named: dict[str, Callable] = {
        "ours, fused": lambda: vit(images),
        "ours, walk, all kept": lambda: list(vit.walk(images)),
        "ours, walk, maps kept": keep_every_map,
        "ours, rollout": lambda: rollout_of(vit, images),
    }
    if device == "cpu" and dtype != torch.bfloat16:
        params = {name: p.detach().numpy() for name, p in vit.named_parameters()}
        pixels = images.numpy()
        named["ours, walk, NumPy"] = lambda: [s.name for s in walk(params, pixels, config)]
    if preset == "B/16":
        peers = {"timm": timm_vit, "Hugging Face": hugging_face_vit, "torchvision": torchvision_vit}
        for name, build in peers.items():
            model = build(vit.state_dict()).to(device, dtype).eval()
            named[name] = lambda model=model: model(images)
    return named


def matmul(dtype: torch.dtype, device: str, size: int) -> tuple[Callable, float]:
    """Return a square matrix product and its multiply-adds."""
    a = torch.randn(size, size, device=device, dtype=dtype)
    return lambda: a @ a, float(size) ** 3


def seconds(run: Callable, device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


@torch.inference_mode()
def measure(named: dict[str, Callable], rounds: int, device: str) -> dict[str, list[float]]:
    """Return the seconds of each contender in each round, after one round to warm up."""
    for run in named.values():
        seconds(run, device)
    times: dict[str, list[float]] = {name: [] for name in named}
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds}", end="", flush=True)
        for name in random.sample(list(named), len(named)):
            times[name].append(seconds(named[name], device))
    print("\r", end="")
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--preset", default="B/16", choices=PRESETS)
    parser.add_argument("--batch", type=int, default=1, help="images a forward pass")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    name_torchvision_operators()
    dtype = getattr(torch, options.dtype)
    named = contenders(options.preset, options.batch, dtype, options.device)
    product, product_macs = matmul(
        dtype, options.device, 8192 if options.device == "cuda" else 1536
    )
    times = measure({**named, "matrix product": product}, options.rounds, options.device)
    machine = torch.cuda.get_device_name() if options.device == "cuda" else platform.processor()
    print(
        f"{options.preset}, batch {options.batch}, {options.dtype}, torch {torch.__version__}, "
        f"{machine or platform.machine()}, {torch.get_num_threads()} threads"
    )
    peak = product_macs / statistics.median(times.pop("matrix product"))
    base = statistics.median(times["ours, fused"])
    macs = count_macs(PRESETS[options.preset]) * options.batch
    print(f"{'':24s} {'median':>9s} {'quartiles':>17s} {'ratio':>6s} {'of peak':>8s}")
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        print(
            f"{name:24s} {median * 1e3:6.1f} ms {low * 1e3:7.1f} to {high * 1e3:6.1f} "
            f"{median / base:6.2f} {macs / median / peak:8.0%}"
        )
    print(f"matrix product peak {2 * peak / 1e9:,.0f} GFLOP/s")


if __name__ == "__main__":
    main()
