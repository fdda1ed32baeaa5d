"""The two small graphs: attention over a sentence, and the designed attention over a face."""

from collections.abc import Mapping
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from vitexplain.designed import HEADS
from vitexplain.export.functions import face_params, face_steps, steps
from vitexplain.export.tracing import Constants, trace
from vitexplain.faces import GRID, PATCH

SENTENCE = ("query", "key", "value", "scores", "scaled", "weights", "output")
FACE = (
    "content", "tokens", "query", "key", "value", "scores", "scaled", "weights",
    "head_outputs", "output",
)  # fmt: skip


def sentence() -> onnx.ModelProto:
    """Return the graph of `steps`: inputs and outputs are its arguments and fields.

    Of any number of tokens from 1, each of two numbers; matrices are 2 × 2. `scaling` and
    `causal` are booleans without axes, `temperature` a float without axes.
    """
    eye = torch.eye(2)
    inputs = {
        "tokens": torch.ones(3, 2), "w_q": eye, "w_k": eye.clone(), "w_v": eye.clone(),
        "scaling": torch.tensor(True), "temperature": torch.tensor(1.0),
        "causal": torch.tensor(False),
    }  # fmt: skip
    about = {"version": 1, "kind": "sentence", "name": "attention over a sentence"}
    return trace(
        _steps, nn.Module(), inputs, SENTENCE, about | {"outputs": list(SENTENCE)},
        dynamic={"tokens": "token"},
    )  # fmt: skip


def _steps(params: nn.Module, tokens: Tensor, *more: Tensor) -> Mapping[str, Tensor]:
    """Return the steps, computed as a batch of one sentence.

    Without a batch the products become Gemm, and ONNX Runtime 1.30 and 1.31 then merge the
    keys with their transpose and lose the output `key`.
    """
    return {name: x[0] for name, x in vars(steps(tokens[None], *more)).items()}


def designed_face() -> onnx.ModelProto:
    """Return the graph of `face_steps`: pixels (3, 64, 64) in [0, 1], and positions, 0 or 1.

    Outputs of the two heads are (head, patch, …). The embedding is that of the canonical face.
    """
    rows, cols = GRID
    inputs = {"pixels": torch.zeros(3, rows * PATCH, cols * PATCH), "positions": torch.tensor(1.0)}
    about: dict[str, Any] = {
        "version": 1, "kind": "designed-face", "name": "designed attention over a face",
        "outputs": list(FACE), "image_size": [rows * PATCH, cols * PATCH], "channels": 3,
        "patch": [PATCH, PATCH], "grid": list(GRID), "heads": len(HEADS),
    }  # fmt: skip
    return trace(_face, Constants(face_params()), inputs, FACE, about)


def _face(params: nn.Module, pixels: Tensor, positions: Tensor) -> Mapping[str, Tensor]:
    return face_steps(dict(params.named_buffers()), pixels, positions)
