"""`vitexplain bench`: forward, look and rollout of a model on this machine, taking turns."""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from vitexplain.cli.lines import table
from vitexplain.cli.model import ModelChoice, find_device, load


def bench_command(model: str, *, batch: int, repeats: int, device: str, as_json: bool) -> str:
    """Return medians and ratios, as text or JSON."""
    import torch

    from vitexplain.arrays import unchecked
    from vitexplain.reading import rollout_of

    vit, where = _model(model, device)
    config = vit.config
    size = config.image_size if isinstance(config.image_size, tuple) else (config.image_size,) * 2
    images = torch.rand(batch, config.channels, *size, device=where) * 2 - 1
    tasks: dict[str, Callable[[], object]] = {
        "forward": lambda: vit(images),
        "look": lambda: vit.look(images),
        "rollout": lambda: rollout_of(vit, images),
    }
    with torch.no_grad(), unchecked():
        times = take_turns(tasks, repeats, where)
    facts = {
        "model": model,
        "device": torch.cuda.get_device_name(where) if where.type == "cuda" else str(where),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "batch": batch,
        "repeats": repeats,
        "tasks": {name: _spread(seconds, times["forward"]) for name, seconds in times.items()},
    }
    return json.dumps(facts, indent=1) if as_json else _text(facts)


def take_turns(
    tasks: Mapping[str, Callable[[], object]], repeats: int, device: Any
) -> dict[str, list[float]]:
    """Return the seconds of each run; one run of each goes before and is not counted."""
    import torch

    def timed(task: Callable[[], object]) -> float:
        began = time.perf_counter()
        task()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - began

    for task in tasks.values():
        timed(task)
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            times[name].append(timed(task))
    return times


def _spread(seconds: list[float], plain: list[float]) -> dict[str, float]:
    low, median, high = (
        statistics.quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else seconds * 3
    )
    return {
        "median_ms": 1e3 * median,
        "low_ms": 1e3 * low,
        "high_ms": 1e3 * high,
        "ratio": median / statistics.median(plain),
    }


def _text(facts: dict) -> str:
    what = {
        "forward": "plain, nothing kept",
        "look": "every attention weight kept",
        "rollout": "rolled out on the way",
    }
    rows: list[tuple[object, ...]] = [("", "median", "middle half", "ratio", "")]
    for name, one in facts["tasks"].items():
        middle = f"{one['low_ms']:.1f} to {one['high_ms']:.1f} ms"
        median, ratio = f"{one['median_ms']:.1f} ms", f"{one['ratio']:.2f} ×"
        rows.append((name, median, middle, ratio, what[name]))
    images = "1 image" if facts["batch"] == 1 else f"{facts['batch']} images"
    head = (
        f"{facts['model']}, {images} at a time, {facts['device']}, {facts['threads']} threads, "
        f"torch {facts['torch']}, {facts['repeats']} runs each"
    )
    return f"{head}\n{table(rows, right=(1, 2, 3))}"


def _model(name: str, device: str) -> tuple[Any, Any]:
    """Return a checkpoint's model, or one of a published size with random weights."""
    from vitexplain.vit import PRESETS, ViT

    where = find_device(device)
    if name in PRESETS:
        return ViT(PRESETS[name]).eval().requires_grad_(False).to(where), where
    return load(ModelChoice(name, device=device)).vit, where
