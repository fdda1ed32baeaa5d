"""The tested functions as ONNX graphs, for a browser or any other program that runs them.

`sentence()`, `designed_face()` and `vit(model)` give a graph with every intermediate that the
caller names, and `graph(name)` the file of one that ships with the package. Each graph is traced
from one Python function, which NumPy and torch run as well; so its numbers are that function's:

    steps(tokens, w_q, w_k, w_v)            ->  sentence()
    face_steps(params, pixels)              ->  designed_face()
    answers(params, images, config, names)  ->  vit(model)

Needs vitexplain[export], but for those functions and the files that ship.
"""

from typing import TYPE_CHECKING

from vitexplain.lazy import lazy

if TYPE_CHECKING:
    from vitexplain.export.functions import face_params, face_steps, steps
    from vitexplain.export.metadata import about
    from vitexplain.export.models import vit
    from vitexplain.export.outputs import OUTPUTS, answers, stored
    from vitexplain.export.running import as_trained, check, difference, run, save
    from vitexplain.export.shipped import graph, graphs
    from vitexplain.export.small import designed_face, sentence

__all__ = [
    "OUTPUTS", "about", "answers", "as_trained", "check", "designed_face", "difference",
    "face_params", "face_steps", "graph", "graphs", "run", "save", "sentence", "steps", "stored",
    "vit",
]  # fmt: skip

_HOME = {
    **dict.fromkeys(("face_params", "face_steps", "steps"), "functions"),
    **dict.fromkeys(("OUTPUTS", "answers", "stored"), "outputs"),
    **dict.fromkeys(("as_trained", "check", "difference", "run", "save"), "running"),
    **dict.fromkeys(("graph", "graphs"), "shipped"),
    **dict.fromkeys(("designed_face", "sentence"), "small"),
    "about": "metadata",
    "vit": "models",
}

__getattr__, __dir__ = lazy(
    __name__,
    _HOME,
    extra="export",
    libraries=("onnx", "onnx_ir", "onnxruntime", "onnxscript", "torch"),
)
