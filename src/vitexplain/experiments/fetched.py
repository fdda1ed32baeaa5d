"""Other people's trained models that this machine has fetched, with their maps of photographs.

`make models` in the repository writes them to a folder, which VITEXPLAIN_MODELS names: a graph
(ONNX) and maps (`.npz`) each, and `models.json`, which lists those that are whole. A build of the
site offers them; without the folder there are none, and nothing else changes.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

VARIABLE = "VITEXPLAIN_MODELS"
LISTING = "models.json"


@dataclass(frozen=True)
class Fetched:
    """A model as it was fetched: what it is, its files, and what it says of each photograph."""

    name: str
    title: str
    repo: str  # on the hub
    sha256: str  # of the weights
    taught: str
    grid: tuple[int, int]
    bytes: int  # of its graph
    against: str  # the library whose answers it was compared with
    apart: float  # largest difference from those, relative to the largest answer
    says: dict[str, list[tuple[str, float]]]  # by photograph: labels and their probabilities
    folder: Path

    @property
    def graph(self) -> Path:
        return self.folder / f"{self.name}.onnx"

    @property
    def maps(self) -> Path:
        return self.folder / f"{self.name}.npz"

    def class_rows(self, photograph: str) -> np.ndarray:
        """Return what the class token takes from each patch, in matrices that are else 0."""
        with np.load(self.maps) as maps:
            weights = maps[photograph]  # (layer, head, patch)
        full = np.zeros((*weights.shape[:2], *[1 + weights.shape[2]] * 2), np.float32)
        full[:, :, 0, 1:] = weights
        return full  # (layer, head, query, key)


def fetched(folder: Path | None = None) -> dict[str, Fetched]:
    """Return the models that are there, by name: an empty dict where none was fetched.

    Args:
        folder: where `make models` has put them; by default what VITEXPLAIN_MODELS names.
    """
    folder = folder or _folder()
    listing = folder / LISTING
    rows = json.loads(listing.read_text(encoding="utf-8")) if listing.is_file() else []
    found = [Fetched(**{**row, "grid": tuple(row["grid"])}, folder=folder) for row in rows]
    return {one.name: one for one in found if one.graph.is_file() and one.maps.is_file()}


def fingerprint() -> str:
    """Return a hash of what was fetched, "" where nothing was."""
    listing = _folder() / LISTING
    return hashlib.sha256(listing.read_bytes()).hexdigest() if listing.is_file() else ""


def _folder() -> Path:
    return Path(os.environ.get(VARIABLE) or os.devnull)  # in which there is nothing
