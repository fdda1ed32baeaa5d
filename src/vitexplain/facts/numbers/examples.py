"""The worked examples of the sources, computed with the package's own functions."""

from functools import cache

import numpy as np

from vitexplain.attention import Attention, attend, multi_head
from vitexplain.facts import slides
from vitexplain.facts.numbers.number_rows import Rows
from vitexplain.positions import sinusoidal_1d
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY, Sentence


def self_attention(sentence: Sentence) -> Attention:
    """Return the attention of a sentence in which Q = K = V = X, as on the slides."""
    x = sentence.embeddings
    return attend(x, x, x)


def goat(sentence: Sentence) -> Attention:
    """Return the attention of one query, the word goat."""
    x = sentence.embeddings
    return attend(x[[sentence.words.index("goat")]], x, x)


def goat_with_every_token() -> np.ndarray:
    """Return the footballer's goat when “the” and the comma, which the slides drop, stay in."""
    x = np.vstack([GOAT_FOOTBALLER.embeddings, [(1, 1), (0, 0)]])
    return attend(x[[GOAT_FOOTBALLER.words.index("goat")]], x, x).output[0]


def choosers(name: str) -> tuple[int, int]:
    """Return how many of the seven tokens give `name` their largest weight: alone, and shared.

    A token that weighs all seven alike chooses none.
    """
    weights = self_attention(MESSI).weights
    chosen = weights[:, MESSI.words.index(name)]
    ties = np.isclose(weights, weights.max(axis=1, keepdims=True), rtol=1e-12, atol=0)
    shared = (chosen == weights.max(axis=1)) & (ties.sum(axis=1) < len(MESSI.words))
    alone = shared & (ties.sum(axis=1) == 1)
    return int(alone.sum()), int(shared.sum() - alone.sum())


@cache
def equivariance(seed: int = 0) -> tuple[float, float]:
    """Return max |f(Px) - P f(x)| and max |f(Px) - f(x)| of multi-head self-attention.

    x holds 16 tokens, P shuffles them; the first number is rounding, the second is not.
    """
    rng = np.random.default_rng(seed)
    x, *weights = rng.standard_normal((5, 16, 16)) / [[[1]], [[4]], [[4]], [[4]], [[4]]]
    order = rng.permutation(16)
    straight = multi_head(x, *weights, heads=4).output
    shuffled = multi_head(x[order], *weights, heads=4).output
    return float(np.abs(shuffled - straight[order]).max()), float(np.abs(shuffled - straight).max())


def gap() -> dict[str, float]:
    """Return by how much two scores of the footballer's goat differ.

    As the slides' weights imply, ln(a / b), and as computed.
    """
    printed, scaled = slides.GOAT_FOOTBALLER_WEIGHTS, goat(GOAT_FOOTBALLER).scaled[0]
    return {
        "implied": float(np.log(printed[0] / printed[4])),
        "computed": float(scaled[0] - scaled[4]),
    }


def vectors() -> dict[str, np.ndarray]:
    """Return the vectors of the words sheep and Messi."""
    sentences = {"sheep": GOAT_ANIMAL, "Messi": GOAT_FOOTBALLER}
    return {word: one.embeddings[one.words.index(word)] for word, one in sentences.items()}


def footballers() -> dict[str, float]:
    """Return what the small and the large footballer have: products and lengths.

    "both" is their dot product, "own" that of the second with itself.
    """
    small, large = SIMILARITY.embeddings[:2]
    first, second = (float(np.linalg.norm(one)) for one in (small, large))
    own = float(large @ large)
    return {"both": float(small @ large), "own": own, "first": first, "second": second}


def choose_messi() -> dict[str, int]:
    """Return how many of the seven tokens choose Messi, and how many of them another, too."""
    alone, shared = choosers("Messi")
    return {"all": alone + shared, "shared": shared}


def _by_word(sentence: Sentence, values: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(sentence.words, values, strict=True))


NUMBERS: Rows = {
    "goat_with_every_token": goat_with_every_token,
    # The attention of the word goat in both sentences.
    "goats": lambda: {"animal": goat(GOAT_ANIMAL), "footballer": goat(GOAT_FOOTBALLER)},
    # The scores of the animal's goat, by the word that it asks.
    "goat_scores": lambda: _by_word(GOAT_ANIMAL, goat(GOAT_ANIMAL).scores[0]),
    # The smallest weight in the sentence of the animal: softmax gives no zero.
    "smallest_weight": lambda: float(goat(GOAT_ANIMAL).weights.min()),
    "gap": gap,
    # What the slides' weights make of the footballer's goat.
    "output_of_printed_weights": lambda: (
        slides.GOAT_FOOTBALLER_WEIGHTS @ GOAT_FOOTBALLER.embeddings
    ),
    "vectors": vectors,
    "footballers": footballers,
    # The attention of the seven tokens to each other; by the word that asks, Messi the first.
    "messi": lambda: self_attention(MESSI),
    "messi_scaled": lambda: _by_word(MESSI, self_attention(MESSI).scaled),
    "messi_weights": lambda: _by_word(MESSI, self_attention(MESSI).weights),
    # The weight that each of the seven tokens gives to itself.
    "messi_diagonal": lambda: np.diagonal(self_attention(MESSI).weights),
    # What a row of weights adds up to.
    "sum_of_weights": lambda: float(self_attention(MESSI).weights.sum(axis=1).mean()),
    "choose_messi": choose_messi,
    # How far attention is from equivariant, which is rounding, and from invariant.
    "shuffled": lambda: dict(zip(("rounding", "moved"), equivariance(), strict=True)),
    # The sinusoidal positions 0, 1 and 2 in four dimensions.
    "sinusoids": lambda: sinusoidal_1d(3, 4),
}
