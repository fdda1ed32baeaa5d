"""The lecture's worked examples: words as tokens of two numbers.

The vectors are those of the slides (K. Patwari, 2024). The slides name the axes
[footballer, animal] but write the sheep as [4, 0] and, in the example of seven tokens,
Messi as [6, 2]: their two examples use opposite orders. Here the first axis is always
*animal* and the second *footballer*, so `MESSI` has the slides' columns exchanged. The
exchange changes no dot product and therefore no weight.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from vitexplain.arrays import Array

AXES = ("animal", "footballer")


@dataclass(frozen=True, eq=False)
class Sentence:
    """Words with one embedding each: `embeddings` is (token, 2), its columns named by `axes`."""

    words: tuple[str, ...]
    embeddings: Float[Array, "token 2"]
    axes: tuple[str, str] = AXES


def _sentence(vectors: dict[str, tuple[float | int, float | int]]) -> Sentence:
    embeddings = np.array(list(vectors.values()), dtype=np.float64)
    embeddings.flags.writeable = False
    return Sentence(tuple(vectors), embeddings)


GOAT_ANIMAL = _sentence(
    {"the": (1, 1), "sheep": (4, 0), "and": (0, 0), "goat": (2.5, 2.5), "grazing": (5, 0)}
)
"""“The sheep and goat are grazing”, as the slides compute it: without “are”."""

GOAT_FOOTBALLER = _sentence(
    {"Messi": (0, 5), "is": (1, 1), "goat": (2.5, 2.5), "not": (0, 0), "Ronaldo": (0, 4)}
)
"""“Messi is the goat, not Ronaldo”, as the slides compute it: without “the” and the comma."""

MESSI = _sentence(
    {
        "Messi": (2, 6),
        "is": (1, 1),
        "the": (1, 1),
        "goat": (3, 5),
        ",": (0, 0),
        "not": (0, 1),
        "Ronaldo": (2, 4),
    }
)
"""The same sentence with all its seven tokens and other embeddings."""

SIMILARITY = _sentence({"footballer": (1, 4), "footballer ′": (0, 3), "dog": (4, 0), "cat": (2, 1)})
"""Two footballers, a dog and a cat, for measuring similarity."""
