"""The two code samples of the sources: what each line does when it is run."""

from collections.abc import Callable
from functools import cache

import numpy as np

from vitexplain.attention import attend
from vitexplain.facts.numbers.number_rows import Rows
from vitexplain.patches import patchify
from vitexplain.vit import ViTConfig, count_parameters


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
TOO_LARGE = float(np.sqrt(SAMPLE_DIM))
"""How many times too large the sample's matrices are."""


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


@cache
def saturation() -> dict[str, dict[str, float]]:
    """Return what the sample's random matrices do as printed, and divided by `TOO_LARGE`."""
    kinds = ("deviation", "largest", "entropy")
    spreads = {"as printed": 1.0, "divided": 1 / TOO_LARGE}
    return {
        name: dict(zip(kinds, random_heads(spread), strict=True))
        for name, spread in spreads.items()
    }


def right_tokens(seed: int = 0) -> tuple[int, int]:
    """Return how many tokens of two images are right if patches are not permuted, and of how many.

    `unfold` gives (batch, channel, row, col, P, P); flattened at once it mixes channels.
    """
    images = np.random.default_rng(seed).standard_normal((2, 3, 224, 224))
    unfolded = images.reshape(2, 3, 14, 16, 14, 16).swapaxes(3, 4)
    glued = unfolded.reshape(2, 196, -1)
    right = np.all(glued == patchify(images, 16), axis=-1)
    return int(right.sum()), right.size


def batch_mixing() -> float:
    """Return how much a class token's output changes with the patches, if the batch axis is mixed.

    Attention over the batch: the sequence is the images, at each token position apart.
    """
    rng = np.random.default_rng(0)
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


NUMBERS: Rows = {
    "unindented": unindented,
    "unset_attribute": unset_attribute,
    "saturation": saturation,
    "sample_dim": lambda: SAMPLE_DIM,
    "too_large": lambda: TOO_LARGE,
    # How many tokens of the sample are right.
    "glued": lambda: dict(zip(("right", "of"), right_tokens(), strict=True)),
    "batch_mixing": batch_mixing,
    "sample_parameters": sample_parameters,
}
