"""The computations behind the errata: each returns the right value, computed anew.

Small enough to read beside the correction it serves, and all made of the package's own
functions, so that the errata page shows what tested code computes.
"""

from collections.abc import Callable, Sequence

import numpy as np

from vitexplain.attention import Attention, attend, multi_head, softmax
from vitexplain.patches import patchify
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, Sentence
from vitexplain.vit import ViTConfig, count_parameters


def vector(values: Sequence[float] | np.ndarray, decimals: int) -> str:
    """Return numbers as they are written in a sentence: [3.7631, 1.1513]."""
    return "[" + ", ".join(f"{value:.{decimals}f}".replace("-", "−") for value in values) + "]"


def power(value: float, decimals: int) -> str:
    """Return a small positive number as a power of ten: 6.7 × 10<sup>−5</sup>."""
    digits, exponent = f"{value:.{decimals}e}".split("e")
    return f"{digits} × 10<sup>{int(exponent)}</sup>".replace("-", "−")


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


def error_of(run: Callable[[], object]) -> str:
    """Return the name and message of the error that `run` raises; raises if it runs through."""
    try:
        run()
    except (SyntaxError, AttributeError) as error:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        return f"{type(error).__name__}: {message}"
    raise AssertionError("the sample was to fail, but ran")


def unindented() -> str:
    """Return what Python says of a function whose body is at column 0, as the sample prints it."""
    return error_of(lambda: compile("def attention(x):\nreturn x\n", "sample", "exec"))


def unset_attribute() -> str:
    """Return what Python says of a class that reads `patch_size` without having set it."""

    class VisionTransformer:
        def __init__(self, patch_size: int) -> None:
            pass

        def forward(self) -> int:
            return self.patch_size  # pyright: ignore[reportAttributeAccessIssue]

    return error_of(VisionTransformer(16).forward)


SAMPLE_DIM = 64  # the width of the sample's tokens and of its one head


def random_heads(spread: float, seeds: int = 200) -> tuple[float, float, float]:
    """Return the scores' standard deviation, the mean largest weight and the mean entropy (nats).

    16 tokens of 64 normal numbers, W_Q and W_K of shape (64, 64) normal times `spread`; mean
    over `seeds` draws. The scores are the scaled ones.
    """
    scores, largest, entropy = [], [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((16, SAMPLE_DIM))
        w_q, w_k = spread * rng.standard_normal((2, SAMPLE_DIM, SAMPLE_DIM))
        attention = attend(x @ w_q, x @ w_k, x)
        weights = attention.weights
        scores.append(attention.scaled)
        largest.append(weights.max(axis=-1).mean())
        logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
        entropy.append(-(weights * logs).sum(axis=-1).mean())
    return float(np.std(scores)), float(np.mean(largest)), float(np.mean(entropy))


def right_tokens(seed: int = 0) -> tuple[int, int]:
    """Return how many tokens of two images are right if patches are not permuted, and of how many.

    `unfold` gives (batch, channel, row, col, P, P); flattened at once it mixes channels.
    """
    images = np.random.default_rng(seed).standard_normal((2, 3, 224, 224))
    unfolded = images.reshape(2, 3, 14, 16, 14, 16).swapaxes(3, 4)
    glued = unfolded.reshape(2, 196, -1)
    right = np.all(glued == patchify(images, 16), axis=-1)
    return int(right.sum()), right.size


def batch_mixing(seed: int = 0) -> float:
    """Return how much a class token's output changes with the patches, if the batch axis is mixed.

    Attention over the batch: the sequence is the images, at each token position apart.
    """
    rng = np.random.default_rng(seed)
    tokens = rng.standard_normal((4, 17, 32))
    other = np.concatenate([tokens[:, :1], rng.standard_normal((4, 16, 32))], axis=1)

    def class_tokens(x: np.ndarray) -> np.ndarray:
        over_batch = x.swapaxes(0, 1)  # (token, batch, dim): attention mixes the batch
        return attend(over_batch, over_batch, over_batch).output[0]

    return float(np.abs(class_tokens(tokens) - class_tokens(other)).max())


def sample_parameters() -> int:
    """Return the parameters of the article's module: MLPs of 2048, no final LayerNorm."""
    config = ViTConfig(mlp_dim=2048)
    return count_parameters(config) - 2 * config.dim


def implied_gap(larger: float, smaller: float) -> float:
    """Return the difference of two scores whose softmax weights are these: ln(a / b)."""
    return float(np.log(larger / smaller))


def smallest_weight() -> float:
    """Return the smallest weight in the sentence of the animal: softmax gives no zero."""
    return float(softmax(goat(GOAT_ANIMAL).scaled).min())
