"""Ten sentences with a goat, as all-MiniLM-L6-v2 reads them: what `studies.minilm` keeps.

The model is a BERT of six layers and twelve heads with 22.7 million parameters (Apache-2.0); none
of them is here. A sentence's vector is the mean of its last tokens, as the model was trained.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

PATH = Path(__file__).parent / "trained-goat.npz"


@dataclass(frozen=True, eq=False)
class Goat:
    """A goat in its sentence; layer 0 of `states` is before the first block."""

    sentence: str
    meaning: str  # "animal" or "champion"
    pieces: list[str]
    levels: UInt8[np.ndarray, "layer head query key"]  # the weights, as `explorer.packed` has them
    tops: Float[np.ndarray, "layer head query"]
    states: Float[np.ndarray, "layer dim"]  # of the goat
    taken: Float[np.ndarray, "layer piece"]  # shares of what the goat takes, by length

    @property
    def place(self) -> int:
        """Which of the pieces is the goat."""
        return self.pieces.index("goat")


@cache
def goats() -> tuple[Goat, ...]:
    """Return the ten goats."""
    kept = _arrays()

    def goat(i: int, told: dict[str, Any]) -> Goat:
        states, taken = (kept[f"{name} {i}"].astype(np.float32) for name in ("states", "taken"))
        return Goat(**told, levels=kept[f"levels {i}"], tops=kept[f"tops {i}"],
                    states=states, taken=taken)  # fmt: skip

    return tuple(goat(i, told) for i, told in enumerate(about()["goats"]))


def sentences() -> dict[str, Float[np.ndarray, " dim"]]:
    """Return the vectors of the sentences that goats are compared with."""
    return {s: _arrays()[f"sentence {s}"].astype(np.float32) for s in about()["sentences"]}


def about() -> dict[str, Any]:
    """Return whose numbers they are and where they were computed."""
    return json.loads(str(_arrays()["about"]))


@cache
def _arrays() -> dict[str, np.ndarray]:
    with np.load(PATH) as file:
        return dict(file)
