"""How sure a classifier may be: its temperature, and when it had better say "none of these".

Logits z, divided by a temperature T that makes the probabilities on pictures kept apart most
likely (Guo et al., ICML 2017, arXiv 1706.04599), give softmax(z / T). Whether a picture shows any
of the classes is judged by its free energy,

    E(z) = −log Σ exp(z_i),

low where some logit is large (Liu et al., NeurIPS 2020, arXiv 2010.03759, equation 4), or by the
largest probability (Hendrycks and Gimpel, ICLR 2017, arXiv 1610.02136).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

Logits = Float[Tensor, "image class"]


def temperature(logits: Logits, labels: Int[Tensor, " image"]) -> float:
    """Return the T > 0 that makes softmax(logits / T) most likely."""
    logits, power = logits.double(), torch.zeros((), dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([power], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        found = F.cross_entropy(logits * power.exp(), labels)
        found.backward()
        return found

    with torch.enable_grad():
        search.step(loss)  # pyright: ignore[reportArgumentType]
    return float((-power.detach()).exp())


def calibration_error(
    logits: Logits, labels: Int[Tensor, " image"], temperature: float = 1.0, bins: int = 15
) -> float:
    """Return the mean gap between how sure the model is and how often it is right, 0 to 1.

    Pictures are put into bins of equal width by their largest probability: Guo et al., equation 3.
    """
    sure, guess = (logits.double() / temperature).softmax(-1).max(-1)
    right = (guess == labels).double()
    place = (sure * bins).ceil().long().clamp(1, bins) - 1
    gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, place, right - sure)
    return float(gaps.abs().sum() / len(labels))


def energy(logits: Logits) -> Float[Tensor, " image"]:
    """Return −log Σ exp(logits): the lower, the likelier that the picture shows one of them."""
    return -logits.logsumexp(-1)


def told_apart(known: Float[Tensor, " image"], other: Float[Tensor, " image"]) -> float:
    """Return how often a score is lower for a known picture than for another, ties half.

    The area under the ROC curve: 0.5 is chance, 1 is always.
    """
    order = torch.cat([known, other]).double()
    _, rank = order.unique(return_inverse=True)
    counts = torch.bincount(rank)
    middle = counts.cumsum(0) - (counts - 1) / 2  # the mean rank of those that tie, from 1
    below = middle[rank[len(known) :]].sum() - len(other) * (len(other) + 1) / 2
    return float(below / (len(known) * len(other)))
