"""From a function of torch tensors to an ONNX graph, by torch's own exporter, in silence."""

import gc
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import onnx
import onnx_ir as ir
import onnxscript  # noqa: F401  (torch's exporter needs it, and says so too late)
import torch
from torch import Tensor, nn

from vitexplain.export.metadata import KEY
from vitexplain.export.storage import store_half

OPSET = 20  # the first with GELU in one operator
LARGEST = 2**31 - 1  # bytes of a file in one piece


class Traced(nn.Module):
    """A function of tensors as the module that torch's exporter wants."""

    def __init__(self, params: nn.Module, compute: Callable[..., Mapping[str, Tensor]]) -> None:
        super().__init__()
        self.params = params
        self.compute = compute
        self.eval()

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.compute(self.params, *inputs).values())


class Constants(nn.Module):
    """Arrays as buffers, for a function that takes a mapping."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        super().__init__()
        for name, array in arrays.items():
            self.register_buffer(name, torch.as_tensor(array, dtype=torch.float32))


def trace(
    compute: Callable[..., Mapping[str, Tensor]],
    params: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    about: Mapping[str, Any],
    *,
    dynamic: Mapping[str, str] | None = None,
    float16: bool = False,
) -> onnx.ModelProto:
    """Return the graph of `compute(params, *inputs)`, whose results are named `outputs`.

    Args:
        inputs: an example of each, whose shapes are the graph's.
        about: what the graph is, as JSON in its metadata.
        dynamic: inputs whose first axis may have any length from 1, and the axis' name.
        float16: store numbers as float16 where that changes none; computed is in float32.

    Raises:
        ValueError: the file would be larger than 2 GB.
    """
    dynamic = dynamic or {}
    axes = {word: torch.export.Dim(word, min=1) for word in dynamic.values()}
    shapes = tuple({0: axes[dynamic[name]]} if name in dynamic else None for name in inputs)
    with _silence(), torch.no_grad():
        program = torch.onnx.export(
            Traced(params, compute), tuple(inputs.values()), dynamo=True, verbose=False,
            input_names=list(inputs), output_names=list(outputs), opset_version=OPSET,
            dynamic_shapes=(shapes,),
        )  # fmt: skip
    assert program is not None
    model = program.model
    del program
    gc.collect()  # it refers to itself, and to the weights
    _forget(model)
    _name(model, params)
    if float16:
        store_half(model)
    arrays = [value.const_value for value in model.graph.initializers.values()]
    require_size(sum(array.nbytes for array in arrays if array is not None), float16)
    model.producer_name = KEY
    model.metadata_props[KEY] = json.dumps(about, ensure_ascii=False)
    return ir.to_proto(model)


def require_size(size: int, float16: bool) -> None:
    """Raise ValueError if a graph of so many bytes does not fit into one file."""
    if size > LARGEST:
        hint = "" if float16 else "; as float16 it takes half of that"
        raise ValueError(
            f"the graph would take {size / 1e9:.1f} GB, and an ONNX file in one piece holds 2 GB"
            + hint
        )


def _name(model: ir.Model, params: nn.Module) -> None:
    """Call each constant that is a parameter, or one turned over, by the parameter's name."""
    known = {
        (matrix.shape, matrix.tobytes()): f"params.{name}{turned}"
        for name, p in params.named_parameters() if p.ndim > 1
        for turned, x in (("", p.flatten(1)), (".T", p.flatten(1).T))
        for matrix in [x.detach().numpy()]
    }  # fmt: skip
    for name, value in list(model.graph.initializers.items()):
        tensor = value.const_value
        if name.startswith("params.") or tensor is None or tensor.dtype != ir.DataType.FLOAT:
            continue
        array = tensor.numpy()
        found = known.get((array.shape, array.tobytes()))
        if found and found not in model.graph.initializers:  # some are there twice
            model.graph.initializers.pop(name)
            value.name = found
            model.graph.register_initializer(value)


def _forget(model: ir.Model) -> None:
    """Drop what the exporter notes of the machine: source lines and paths of every operator."""
    graph = model.graph
    results = (value for node in graph for value in node.outputs)
    for part in (model, graph, *graph, *results, *graph.inputs, *graph.initializers.values()):
        part.metadata_props.clear()
        part.doc_string = None


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the exporter's warnings and log lines, which are of its own affairs, from the user."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
