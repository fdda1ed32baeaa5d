"""What the lecture slides (K. Patwari, 2024) print, digit for digit, to be set beside ours.

The order of the words is that of `vitexplain.tokens`. Where the slides round early or slip,
the page shows both values; `vitexplain.facts.told("errata")` says why. The slides take √2 for about
1.41 or 1.412, so that every scaled score comes out a little large.
"""

import numpy as np
from jaxtyping import Float64

Printed = Float64[np.ndarray, "..."]


def _printed(values: object) -> Printed:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


# Similarity: (footballer, footballer ′), (dog, cat), (footballer, dog), (footballer, cat).
SIMILARITY_PAIRS = ((0, 1), (2, 3), (0, 2), (0, 3))
"""The four pairs of `tokens.SIMILARITY` that the slides compare, by index."""

SIMILARITY_DOTS = _printed([12, 8, 4, 6])
"""Their dot products."""

SIMILARITY_SCALED = _printed([8.5, 5.7, 2.8, 4.2])
"""Their dot products over √2."""

# “The sheep and goat are grazing”: the query is goat; the, sheep, and, goat, grazing.
GOAT_ANIMAL_SCORES = _printed([5, 10, 0, 12.5, 12.5])
GOAT_ANIMAL_SCALED = _printed([3.55, 7.08, 0, 8.85, 8.85])
GOAT_ANIMAL_WEIGHTS = _printed([0.00, 0.08, 0.00, 0.46, 0.46])
GOAT_ANIMAL_OUTPUT = _printed([3.77, 1.15])

# “Messi is the goat, not Ronaldo”: the query is goat; Messi, is, goat, not, Ronaldo.
GOAT_FOOTBALLER_SCORES = _printed([12.5, 5, 12.5, 0, 10])
GOAT_FOOTBALLER_SCALED = _printed([8.85, 3.55, 8.85, 0, 7.08])
GOAT_FOOTBALLER_WEIGHTS = _printed([0.43, 0, 0.43, 0, 0.14])
GOAT_FOOTBALLER_OUTPUT = _printed([1.08, 3.79])

# The seven tokens Messi, is, the, goat, “,”, not, Ronaldo.
MESSI_SCALED_ROW = _printed([28.37, 5.67, 5.67, 25.53, 0, 4.25, 19.86])
"""The scaled scores of the query Messi."""

MESSI_STEP_2_DIAGONAL = _printed([0.94] * 7)
"""The diagonal of the table between scores and weights: one row's value, repeated."""

MESSI_WEIGHTS = _printed(
    [
        [0.94, 0, 0, 0.06, 0, 0, 0],
        [0.44, 0.01, 0.01, 0.44, 0, 0, 0.11],
        [0.44, 0.01, 0.01, 0.44, 0, 0, 0.11],
        [0.80, 0, 0, 0.20, 0, 0, 0],
        [0.14, 0.14, 0.14, 0.14, 0.14, 0.14, 0.14],
        [0.54, 0.02, 0.02, 0.27, 0.01, 0.02, 0.13],
        [0, 0, 0, 0.2, 0, 0, 0.8],
    ]
)
"""The final table of weights, row = query; the row of Ronaldo has .80 in the wrong column."""
