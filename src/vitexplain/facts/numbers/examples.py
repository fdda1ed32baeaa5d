"""The worked examples of the sources, computed with the package's own functions."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from vitexplain.attention import Attention, attend, multi_head
from vitexplain.facts import slides
from vitexplain.facts.numbers.table import named
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


@named
def goat_with_every_token() -> np.ndarray:
    """Return the footballer's goat when “the” and the comma, which the slides drop, stay in."""
    x = np.vstack([GOAT_FOOTBALLER.embeddings, [(1, 1), (0, 0)]])
    return attend(x[[GOAT_FOOTBALLER.words.index("goat")]], x, x).output[0]


def is_mirror() -> bool:
    """Return whether the two goats have the same scores in another order, and mirrored outputs."""
    animal, footballer = goat(GOAT_ANIMAL), goat(GOAT_FOOTBALLER)
    same = np.array_equal(np.sort(animal.scores), np.sort(footballer.scores))
    return bool(same and np.allclose(animal.output, footballer.output[:, ::-1], atol=1e-15))


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


@named
def goats() -> dict[str, Attention]:
    """Return the attention of the word goat in both sentences."""
    return {"animal": goat(GOAT_ANIMAL), "footballer": goat(GOAT_FOOTBALLER)}


@named
def goat_scores() -> dict[str, float]:
    """Return the scores of the animal's goat, by the word that it asks."""
    return dict(zip(GOAT_ANIMAL.words, map(float, goat(GOAT_ANIMAL).scores[0]), strict=True))


@named
def smallest_weight() -> float:
    """Return the smallest weight in the sentence of the animal: softmax gives no zero."""
    return float(goat(GOAT_ANIMAL).weights.min())


@named
def gap() -> dict[str, float]:
    """Return by how much two scores of the footballer's goat differ.

    As the slides' weights imply, ln(a / b), and as computed.
    """
    printed, scaled = slides.GOAT_FOOTBALLER_WEIGHTS, goat(GOAT_FOOTBALLER).scaled[0]
    return {
        "implied": float(np.log(printed[0] / printed[4])),
        "computed": float(scaled[0] - scaled[4]),
    }


@named
def output_of_printed_weights() -> np.ndarray:
    """Return what the slides' weights make of the footballer's goat."""
    return slides.GOAT_FOOTBALLER_WEIGHTS @ GOAT_FOOTBALLER.embeddings


@named
def vectors() -> dict[str, np.ndarray]:
    """Return the vectors of the words sheep and Messi."""
    sentences = {"sheep": GOAT_ANIMAL, "Messi": GOAT_FOOTBALLER}
    return {word: one.embeddings[one.words.index(word)] for word, one in sentences.items()}


@named
def footballers() -> dict[str, float]:
    """Return what the small and the large footballer have: products and lengths.

    "both" is their dot product, "own" that of the second with itself.
    """
    small, large = SIMILARITY.embeddings[:2]
    first, second = (float(np.linalg.norm(one)) for one in (small, large))
    own = float(large @ large)
    return {"both": float(small @ large), "own": own, "first": first, "second": second}


@named
def messi() -> Attention:
    """Return the attention of the seven tokens to each other."""
    return self_attention(MESSI)


@named
def messi_scaled() -> dict[str, np.ndarray]:
    """Return the scaled scores of each of the seven tokens, by the word that asks."""
    return dict(zip(MESSI.words, self_attention(MESSI).scaled, strict=True))


@named
def messi_weights() -> dict[str, np.ndarray]:
    """Return the weights of each of the seven tokens, by the word that asks; Messi is the first."""
    return dict(zip(MESSI.words, self_attention(MESSI).weights, strict=True))


@named
def messi_diagonal() -> np.ndarray:
    """Return the weight that each of the seven tokens gives to itself."""
    return np.diagonal(self_attention(MESSI).weights)


@named
def sum_of_weights() -> float:
    """Return what a row of weights adds up to."""
    return float(self_attention(MESSI).weights.sum(axis=1).mean())


@dataclass(frozen=True)
class Choosers:
    """How many tokens give somebody their largest weight, and how many of them to two at once."""

    all: int
    shared: int


@named
def choose_messi() -> Choosers:
    """Return how many of the seven tokens choose Messi."""
    alone, shared = choosers("Messi")
    return Choosers(alone + shared, shared)


@named
def shuffled() -> dict[str, float]:
    """Return how far attention is from equivariant, which is rounding, and from invariant."""
    return dict(zip(("rounding", "moved"), equivariance(), strict=True))


@named
def sinusoids() -> np.ndarray:
    """Return the sinusoidal positions 0, 1 and 2 in four dimensions."""
    return sinusoidal_1d(3, 4)
