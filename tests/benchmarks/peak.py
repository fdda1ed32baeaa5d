"""Peak memory of a forward pass that looks, beyond the model: each in a process of its own."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

STATUS = Path("/proc/self/status")
PEAK = Path("/proc/self/clear_refs")


def _kilobytes(field: str) -> int:
    line = next(row for row in STATUS.read_text().splitlines() if row.startswith(field))
    return int(line.split()[1])


def extra(run: Callable[[], Any], device: str) -> float:
    """Return by how many megabytes (10⁶ bytes) a call exceeds what was held before it.

    On a CPU the kernel's own count of the process's resident memory; on a GPU torch's.
    """
    with torch.inference_mode():
        run()  # what is allocated once
        gc.collect()
        if device == "cuda":
            torch.cuda.empty_cache()
            before = torch.cuda.memory_allocated()
            torch.cuda.reset_peak_memory_stats()
            run()
            return (torch.cuda.max_memory_allocated() - before) / 1e6
        before = _kilobytes("VmRSS")
        PEAK.write_text("5")  # the peak starts anew
        kept = run()
        del kept
        return max(_kilobytes("VmHWM") - before, 0) * 1024 / 1e6


def measured(what: str, name: str, preset: str, batch: int, side: int, device: str) -> float:
    """Return `extra` of one contender, measured in a fresh process."""
    given = [what, name, preset, str(batch), str(side), device]
    command = [sys.executable, "-m", "tests.benchmarks.peak", *given]
    # Every block above 64 KB is the system's, and goes back to it when it is freed.
    exact = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | exact
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    from tests.benchmarks.looking import contenders
    from tests.conftest import name_torchvision_operators

    name_torchvision_operators()
    what, name, preset, batch, side, device = sys.argv[1:]
    found = contenders(
        int(batch), torch.float32, device, preset=preset, side=int(side), only=(what, name)
    )
    print(json.dumps(extra(found[what, name], device)))


if __name__ == "__main__":
    main()
