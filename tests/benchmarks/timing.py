"""Time contenders side by side: each once a round, in a new order, so that noise hits all alike."""

import random
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from tqdm import tqdm

Run = Callable[[], Any]


def seconds(run: Run, device: str) -> float:
    """Return how long one call takes, all its work on the device done."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


@torch.inference_mode()
def interleave(
    named: Mapping[Any, Run], rounds: int, device: str, title: str = ""
) -> dict[Any, list[float]]:
    """Return the seconds of each contender in each round, after one round to warm up."""
    for run in named.values():
        seconds(run, device)
    times: dict[Any, list[float]] = {name: [] for name in named}
    for _ in tqdm(range(rounds), desc=title, leave=False):
        for name in random.sample(list(named), len(named)):
            times[name].append(seconds(named[name], device))
    return times


def spread(values: list[float]) -> dict[str, float]:
    """Return median and quartiles."""
    low, median, high = statistics.quantiles(values, n=4)
    return {"median": round(median, 6), "low": round(low, 6), "high": round(high, 6)}
