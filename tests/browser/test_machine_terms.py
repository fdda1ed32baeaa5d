"""What the machine says a number is made of comes to that number, for every stage of the model."""

import base64
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.pages import ROOT
from tests.waiting import PATIENCE
from vitexplain import export

NODE = Path(sys.executable).parent / "node"
GRAPH = export.graph("photo-patches")
ABOUT = export.about(GRAPH)
HEADS, LAYERS = ABOUT["heads"], ABOUT["layers"]
CHANGED = {"off": [0, 6, 23], "cut": [1, 7, 8, 14], "positions": False}


def asked(changes: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return what the graph answers to a picture of noise, with what is off and cut."""
    gates, branches = np.ones(LAYERS * HEADS), np.ones(4 * LAYERS)
    gates[changes.get("off", [])] = 0
    branches[changes.get("cut", [])] = 0
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 32, 32)) / 255
    feeds = {
        "images": (pixels - 0.5) / 0.5, "gates": gates.reshape(LAYERS, HEADS),
        "branches": branches.reshape(LAYERS, 4),
        "positions": np.asarray(float(changes["positions"])),
    }  # fmt: skip
    found = dict(export.run(GRAPH, feeds))
    powers = np.exp(found["logits"] / ABOUT["temperature"])
    return found | {"sure": powers / powers.sum()}


def made(changes: dict[str, Any], outputs: dict[str, np.ndarray]) -> list[list]:
    packed = {
        name: {"dims": x.shape, "data": base64.b64encode(x.astype("<f4").tobytes()).decode()}
        for name, x in outputs.items()
    }
    given = {
        "file": str(GRAPH), "about": ABOUT, "outputs": packed, "changes": changes, "count": 12,
    }  # fmt: skip
    command = [NODE, Path(__file__).with_name("machine.mjs"), ROOT]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "changes",
    [{"positions": True, "swaps": []}, CHANGED | {"swaps": []}],
    ids=["as it is", "changed"],
)
def test_the_parts_come_to_the_number(changes):
    outputs = asked(changes)
    kinds = defaultdict(list)
    for stage, kind, value, total in made(changes, outputs):
        name, *place = stage.split(".")
        layer = place[0] if place else None
        largest = np.abs(outputs[name if layer is None else f"{name}.{layer}"]).max()
        kinds[kind].append(abs(total - value) / max(1, largest))
        assert np.isfinite(total), stage
    assert set(kinds) == {
        "pixel", "linear", "embed", "norm", "dot", "scale", "softmax", "mix", "join", "add", "gelu",
        "read", "sure",
    }  # fmt: skip
    assert max(max(found) for found in kinds.values()) < 2e-5
    exact = {kind: max(found) for kind, found in kinds.items()}
    assert exact["join"] == exact["read"] == 0


def test_every_quantity_of_the_graph_is_a_stage():
    stages = {
        stage.split(".")[0] for stage, *_ in made({"positions": True}, asked({"positions": True}))
    }
    assert stages == {*ABOUT["outputs"], "sure"} - {
        "input",
        "mean",
        "rollout",
    }  # input: the output before
