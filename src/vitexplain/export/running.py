"""Graphs written, run by ONNX Runtime, and compared with the Python they were traced from."""

from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import onnxruntime
import torch
from jaxtyping import Float

from vitexplain.arrays import Array
from vitexplain.export.metadata import Graph, about
from vitexplain.export.outputs import BRANCHES, answers, stored
from vitexplain.files import whole
from vitexplain.trace import Layer
from vitexplain.vit import ViT


def save(graph: onnx.ModelProto, path: str | PathLike[str]) -> Path:
    """Write a graph to a file, whole or not at all, and return its path."""
    path = Path(path)
    with whole(path) as file:
        file.write(graph.SerializeToString(deterministic=True))
    return path


class Run(dict[str, np.ndarray]):
    """What a graph answered, by name; what it says of its blocks' attention is a `Trace`."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What was asked for of each block's attention, first block first."""
        found: dict[int, dict[str, Any]] = {}
        for name, x in self.items():
            base, _, number = name.partition(".")
            field = {"head_outputs": "output"}.get(base, base if base != "output" else "")
            if number.isdecimal() and field in Layer.__dataclass_fields__:
                found.setdefault(int(number), {})[field] = x
        return tuple(Layer(f"block {number}", **found[number]) for number in sorted(found))


def run(graph: Graph, feeds: Mapping[str, Any], outputs: Collection[str] | None = None) -> Run:
    """Return a graph's outputs for its inputs by name, all of them or those named, on the CPU.

    Floats are given as float32.

    Raises:
        ValueError: an input or output that the graph does not have, or an input left out.
    """
    source = graph.SerializeToString() if isinstance(graph, onnx.ModelProto) else str(graph)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # an error is raised, and need not be printed as well
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    inputs = [one.name for one in session.get_inputs()]
    known = [one.name for one in session.get_outputs()]
    wanted = known if outputs is None else list(outputs)
    if set(feeds) != set(inputs):
        raise ValueError(f"the graph's inputs are {', '.join(inputs)}, got {', '.join(feeds)}")
    if unknown := set(wanted) - set(known):
        raise ValueError(f"the graph has no output {', '.join(sorted(unknown))}")
    found = session.run(wanted, {name: _single(feeds[name]) for name in inputs})
    return Run(zip(wanted, map(np.asarray, found), strict=True))


def as_trained(says: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the inputs by which nothing of a model is changed, given what its graph says."""
    ones = {
        "gates": np.ones((says["layers"], says["heads"])), "positions": np.ones(()),
        "branches": np.ones((says["layers"], len(BRANCHES))),
    }  # fmt: skip
    return {name: ones[name] for name in says["inputs"] if name in ones}


def difference(found: Mapping[str, Array], expected: Mapping[str, Array]) -> dict[str, float]:
    """Return each output's largest difference, max |found − expected| / max(1, max |expected|).

    So it is absolute for weights, which are at most 1, and relative to the largest number of
    an array that has larger ones.
    """
    differences = {}
    for name, x in expected.items():
        a, b = np.asarray(found[name], np.float64), np.asarray(x, np.float64)
        if a.shape != b.shape:
            raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
        differences[name] = float(np.abs(a - b).max() / max(1.0, np.abs(b).max()))
    return differences


def check(
    graph: Graph,
    model: ViT,
    images: Float[np.ndarray, "batch channel row col"] | None = None,
    *,
    library: Literal["torch", "numpy"] = "torch",
) -> dict[str, float]:
    """Return the `difference` of each output of a graph of `models.vit` from `answers`.

    Args:
        images: by default one of random numbers.
        library: what `answers` runs in, torch in float32 or NumPy in float64.

    Raises:
        ValueError: the graph is not one of ours, or the model is of another size.
    """
    says = about(graph)
    if images is None:
        shape = (1, says["channels"], *says["image_size"])
        images = _single(np.random.default_rng(0).standard_normal(shape))
    feeds = {"images": images, **as_trained(says)}
    found = run(graph, feeds)

    def array(x: Any) -> Any:
        return np.asarray(x, np.float64) if library == "numpy" else torch.as_tensor(x).float()

    params = {name: array(p) for name, p in stored(model, float16=says["float16"]).items()}
    given = {name: array(x) for name, x in feeds.items()}
    with torch.no_grad():
        expected = answers(params, given.pop("images"), model.config, list(found), **given)
    return difference(found, expected)


def _single(x: Any) -> np.ndarray:
    array = np.asarray(x)
    return array.astype(np.float32) if array.dtype.kind == "f" else array
