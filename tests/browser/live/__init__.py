"""Pages of their own for the parts of live widgets, served with a strict policy."""

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.browser import serving
from tests.browser.conftest import ROOT
from vitexplain.site.maths import node

# No eval, no inline script, nobody else's server; WebAssembly alone may be compiled.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'"
)


def bundle(folder: Path, entry: Path | None = None) -> Path:
    """Bundle the site's modules, or those that `entry` imports, into a folder."""
    command = [node(), "web/bundle.mjs", "docs/javascripts", str(folder)]
    subprocess.run([*command, *([str(entry)] if entry else [])], cwd=ROOT, check=True)
    return folder


class Strict(serving.Quiet):
    """A file server whose pages may do nothing but what they need."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder under the policy; yield its address, which ends in a slash."""
    with serving.served(folder, Strict) as address:
        yield f"{address}/"


def packed(array: np.ndarray) -> dict[str, Any]:
    """Return an array as JSON that `unpack` of runtime.js reads."""
    if array.dtype == bool:
        return {"type": "bool", "dims": array.shape, "data": array.astype(int).ravel().tolist()}
    data = base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()
    return {"type": "float32", "dims": array.shape, "data": data}


def unpacked(tensor: dict[str, Any]) -> np.ndarray:
    """Return the array that `pack` of runtime.js wrote."""
    return np.frombuffer(base64.b64decode(tensor["data"]), "<f4").reshape(tensor["dims"])
