"""Attention and Vision Transformers, step by step.

The modules, from the smallest idea to the largest: `attention`, `tokens`, `patches`,
`convolution`, `positions`, `faces`, `designed`, `vit`, `reading`, `images`, `checkpoints`,
`capture`, `compare`, `experiments`, `export`, `facts`, `figures`, `jobs`, `report`; `writing`
puts what they compute into words. Each is loaded on first use.
"""

from vitexplain.lazy import lazy
from vitexplain.moved import stand_in

__version__ = "0.1.0"

_MODULES = (
    "arrays",
    "attention",
    "capture",
    "checkpoints",
    "compare",
    "convolution",
    "designed",
    "experiments",
    "export",
    "facts",
    "faces",
    "figures",
    "images",
    "jobs",
    "patches",
    "positions",
    "reading",
    "report",
    "tokens",
    "vit",
    "writing",
)

__getattr__, __dir__ = lazy(__name__, modules=_MODULES)
stand_in()
