"""Results as JSON: every run with its seed, intervals over the seeds, and where it was run."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from vitexplain.experiments.results import Results, interval

LIBRARIES = ("torch", "numpy", "accelerate", "scikit-learn")


def write(results: Results, folder: Path) -> Path:
    """Write a study's results, one run a line, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {name: getattr(results, name) for name in ("study", "scale", "question", "provenance")}
    text = json.dumps(head, indent=1, ensure_ascii=False)[:-2]
    cells = ",\n".join(_cell(cell) for cell in results.cells)
    path = folder / f"{results.study}.json"
    path.write_text(f'{text},\n "cells": [\n{cells}\n ]\n}}\n', encoding="utf-8")
    return path


def _cell(cell: Mapping[str, Any]) -> str:
    keys = {key: value for key, value in cell.items() if key != "runs"}
    runs = ",\n".join(f"   {json.dumps(run, ensure_ascii=False)}" for run in cell["runs"])
    return f'  {json.dumps(keys, ensure_ascii=False)[:-1]}, "runs": [\n{runs}\n  ]}}'


def gather(keys: Mapping[str, Any], runs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one cell: its keys, the interval of each number that its runs measured, the runs.

    A nested measure {"shuffle": {"2": .5}} becomes "shuffle 2". Seeds and seconds get none, nor
    does a single run.
    """
    ordered = sorted(runs, key=lambda run: run["seed"])
    if len(ordered) == 1:
        return {**keys, "measures": {}, "runs": ordered}
    flat = [dict(_flatten(run)) for run in ordered]
    names = [name for name in flat[0] if name not in ("seed", "seconds")]
    rounded = {
        name: {k: round(v, 6) for k, v in vars(interval([run[name] for run in flat])).items()}
        for name in names
    }
    return {**keys, "measures": rounded, "runs": list(ordered)}


def _flatten(values: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, float]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{before}{key} ")
        elif isinstance(value, int | float):
            yield before + key, value


def provenance(device: str, **more: Any) -> dict[str, Any]:
    """Return where and with what a study was run: code, versions, machine, day."""
    return {
        "vitexplain": _version("vitexplain"),
        **_commit(),
        "python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
        "device": device,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "date": date.today().isoformat(),
        **more,
    }


def _commit() -> dict[str, str]:
    """Return the commit of the code, where it runs from a clone."""
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(git, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": done.stdout.strip()}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
