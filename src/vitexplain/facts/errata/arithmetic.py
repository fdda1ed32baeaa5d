"""Slips of arithmetic and notation: all in the slides' worked examples, all recomputed."""

from functools import partial

import numpy as np

from vitexplain.facts import slides
from vitexplain.facts.computed import (
    goat,
    goat_with_every_token,
    implied_gap,
    self_attention,
    vector,
)
from vitexplain.facts.errata.entry import FACE, GOAT, SLIDES, Erratum
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY
from vitexplain.vit import PRESETS

_slip = partial(Erratum, "Mathematics and arithmetic", SLIDES)
_REPEATED = slides.MESSI_STEP_2_DIAGONAL[0]


def _row(table: np.ndarray, word: str, decimals: int) -> str:
    return vector(table[MESSI.words.index(word)], decimals)


def _of_messi(query: str) -> float:
    """Return the weight that a token gives to Messi."""
    words = MESSI.words
    return self_attention(MESSI).weights[words.index(query), words.index("Messi")]


def _own_dots() -> str:
    small, large = SIMILARITY.embeddings[:2]
    return (
        f"The product is {small @ large:g}, but [0, 3] with itself gives only {large @ large:g}: "
        "by this measure it is less like itself."
    )


def _lengths() -> str:
    small, large = np.linalg.norm(SIMILARITY.embeddings[:2], axis=1)
    return f"The lengths are {small:.2f} for [1, 4] and {large:.2f} for [0, 3]."


def _axes() -> str:
    sheep = GOAT_ANIMAL.embeddings[GOAT_ANIMAL.words.index("sheep")]
    messi = GOAT_FOOTBALLER.embeddings[GOAT_FOOTBALLER.words.index("Messi")]
    return (
        f"The numbers are [animal, footballer]: sheep {vector(sheep, 0)}, Messi {vector(messi, 0)}."
    )


def _every_token() -> str:
    return (
        f"With “the” and the comma the footballer's goat is {vector(goat_with_every_token(), 4)}, "
        f"without them {vector(goat(GOAT_FOOTBALLER).output[0], 4)}."
    )


def _weights() -> str:
    return vector(goat(GOAT_FOOTBALLER).weights[0], 4)


def _why_permuted() -> str:
    printed = slides.GOAT_FOOTBALLER_WEIGHTS
    scaled = goat(GOAT_FOOTBALLER).scaled[0]
    return (
        "The two sentences have the same five scores in another order, so the weights must be "
        f"the same in another order. {printed[0]:.2f} to {printed[4]:.2f} would need a gap of "
        f"{implied_gap(printed[0], printed[4]):.2f} between the scores; it is "
        f"{scaled[0] - scaled[4]:.2f}."
    )


def _why_mirrored() -> str:
    own = slides.GOAT_FOOTBALLER_WEIGHTS @ GOAT_FOOTBALLER.embeddings
    return (
        "It must be the exact mirror of the other sentence's output. It follows from the wrong "
        f"weights, which give {vector(own, 3)}."
    )


def _index() -> str:
    total = self_attention(MESSI).weights.sum(axis=1).mean()
    return (
        "y_i = Σ_j a_ij v_j. As printed, v_i stands outside the sum of the weights, which is "
        f"{total:g}: every token would get back its own value."
    )


def _diagonal() -> str:
    return f"The diagonal is {vector(np.diagonal(self_attention(MESSI).weights), 4)}."


def _shape() -> str:
    config = PRESETS["B/16"]
    return f"H × W × C, and N = HW / P², which is {config.patches} for 224 pixels and P = 16."


ARITHMETIC = (
    _slip(
        "similarity",
        "The dot product of footballers [1, 4] and [0, 3] measures how similar they are.",
        _own_dots,
        "A dot product grows with length. Cosine similarity does not.",
        "imprecise",
        f"{GOAT}#how-alike-are-two-tokens",
    ),
    _slip(
        "similarity",
        "[1, 4] is the small footballer, [0, 3] the large one.",
        _lengths,
        "The names are the wrong way round, or mean something that is not in the numbers.",
        "imprecise",
        f"{GOAT}#how-alike-are-two-tokens",
    ),
    _slip(
        "embeddings",
        "The axes are [footballer, animal].",
        _axes,
        "The example of seven tokens does use [footballer, animal]. We keep one order "
        "throughout; the exchange changes no dot product.",
        "slip",
        f"{GOAT}#a-map-of-meanings",
    ),
    _slip(
        "goat, tokens",
        "“are”, “the” and the comma are left out without a word.",
        _every_token,
        "Every token takes part in the softmax, even one whose score is 0. “are” has no vector on "
        "the slides.",
        "imprecise",
        f"{GOAT}#a-mirror-finds-the-mistake",
    ),
    _slip(
        "goat, scaling",
        f"Scores over √2 are {vector(slides.GOAT_ANIMAL_SCALED, 2)}.",
        lambda: vector(goat(GOAT_ANIMAL).scaled[0], 4),
        "√2 was rounded to about 1.41 first.",
        "imprecise",
        f"{GOAT}#the-goat-asks-a-question",
    ),
    _slip(
        "goat, footballer's weights",
        f"Softmax gives {vector(slides.GOAT_FOOTBALLER_WEIGHTS, 2)}.",
        _weights,
        _why_permuted,
        "slip",
        f"{GOAT}#a-mirror-finds-the-mistake",
    ),
    _slip(
        "goat, animal's output",
        f"The goat becomes {vector(slides.GOAT_ANIMAL_OUTPUT, 2)}.",
        lambda: vector(goat(GOAT_ANIMAL).output[0], 4),
        "The weights were rounded to two digits before the sum.",
        "imprecise",
        f"{GOAT}#the-goat-asks-a-question",
    ),
    _slip(
        "goat, footballer's output",
        f"The goat becomes {vector(slides.GOAT_FOOTBALLER_OUTPUT, 2)}.",
        lambda: vector(goat(GOAT_FOOTBALLER).output[0], 4),
        _why_mirrored,
        "slip",
        f"{GOAT}#a-mirror-finds-the-mistake",
    ),
    _slip(
        "attention in one line",
        "Attention is Σ softmax(…) V.",
        "softmax(Q Kᵀ / √d_k) V",
        "The matrix product already is the sum over the keys.",
        "imprecise",
        f"{GOAT}#the-formulas-with-their-indices",
        ("attention",),
    ),
    _slip(
        "one and many queries",
        "The output is Σ_j α_j v_i.",
        _index,
        "The weight a_ij belongs to value j, and the softmax runs over j.",
        "slip",
        f"{GOAT}#the-formulas-with-their-indices",
        ("attention",),
    ),
    _slip(
        "seven tokens, step 1",
        f"Messi's scaled scores are {vector(slides.MESSI_SCALED_ROW, 2)}.",
        lambda: _row(self_attention(MESSI).scaled, "Messi", 4),
        "The same early rounding of √2.",
        "imprecise",
        f"{GOAT}#all-seven-tokens-at-once",
    ),
    _slip(
        "seven tokens, step 2",
        f"The table has {_REPEATED:.2f} in every cell of the diagonal.",
        _diagonal,
        f"Only Messi's own row is right; the others repeat its {_REPEATED:.2f} and do not sum "
        "to 1.",
        "slip",
        f"{GOAT}#all-seven-tokens-at-once",
    ),
    _slip(
        "seven tokens, notation",
        f"a_messi ≈ {_REPEATED:.2f}.",
        lambda: f"a_Messi is the row {_row(self_attention(MESSI).weights, 'Messi', 4)}.",
        lambda: (
            f"{_of_messi('Messi'):.2f} is one entry of it: the weight that Messi gives to Messi."
        ),
        "imprecise",
        f"{GOAT}#all-seven-tokens-at-once",
    ),
    _slip(
        "seven tokens, result",
        f"Ronaldo's weights are {_row(slides.MESSI_WEIGHTS, 'Ronaldo', 1)}.",
        lambda: _row(self_attention(MESSI).weights, "Ronaldo", 4),
        lambda: (
            f"The {_of_messi('Ronaldo'):.2f} belongs to Messi, the longest vector. The other cells "
            "agree at two digits."
        ),
        "slip",
        f"{GOAT}#all-seven-tokens-at-once",
    ),
    _slip(
        "patches",
        "An image is W × H × C.",
        _shape,
        "Rows come first in the paper and in array libraries.",
        "imprecise",
        f"{FACE}#a-picture-becomes-a-list",
        ("vit",),
    ),
)
