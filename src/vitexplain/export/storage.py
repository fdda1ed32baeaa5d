"""Weights stored as float16, half the bytes, and computed with in float32."""

import numpy as np
import onnx_ir as ir

WORTH = 256  # numbers; fewer cost more as a Cast than they save


def store_half(model: ir.Model) -> None:
    """Store each float32 array whose numbers all are float16's as float16, with a Cast behind it.

    No number changes: round the weights first. Other arrays stay as they are.
    """
    for value in list(model.graph.initializers.values()):
        tensor = value.const_value
        if tensor is None or tensor.dtype != ir.DataType.FLOAT or tensor.size < WORTH:
            continue
        half = _halved(tensor.numpy())
        if half is None:
            continue
        name = str(value.name)
        stored = ir.Value(
            name=f"{name}.float16", shape=value.shape,
            type=ir.TensorType(ir.DataType.FLOAT16), const_value=ir.tensor(half),
        )  # fmt: skip
        cast = ir.node("Cast", inputs=[stored], attributes={"to": ir.DataType.FLOAT.value})
        model.graph.initializers.pop(name)
        value.replace_all_uses_with(cast.outputs[0])
        cast.outputs[0].name = name
        cast.outputs[0].shape, cast.outputs[0].type = value.shape, value.type
        model.graph.register_initializer(stored)
        model.graph.insert_before(model.graph[0], cast)


def _halved(x: np.ndarray) -> np.ndarray | None:
    """Return the array as float16, or None if a number would change."""
    with np.errstate(over="ignore"):
        half = x.astype(np.float16)
    return half if np.array_equal(half.astype(np.float32), x) else None
