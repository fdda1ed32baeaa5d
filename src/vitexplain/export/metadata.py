"""What a graph says of itself: written when it is traced, read without running it."""

import json
from os import PathLike
from typing import Any

import onnx

Graph = onnx.ModelProto | str | PathLike[str]

KEY = "vitexplain"  # of the metadata that says what a graph is


def about(graph: Graph) -> dict[str, Any]:
    """Return what a graph says of itself.

    Raises:
        ValueError: it is not one of ours.
    """
    if not isinstance(graph, onnx.ModelProto):
        graph = onnx.load(graph, load_external_data=False)
    for entry in graph.metadata_props:
        if entry.key == KEY:
            return json.loads(entry.value)
    raise ValueError("the graph says nothing of itself, it was not exported by vitexplain")
