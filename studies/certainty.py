"""How sure a classifier may be: its temperature, and when it had better say "none of these".

Logits z, divided by a temperature T that makes the probabilities on pictures kept apart most
likely (Guo et al., ICML 2017, arXiv 1706.04599), give softmax(z / T). Whether a picture shows any
of the classes is judged by its free energy,

    E(z) = −log Σ exp(z_i),

low where some logit is large (Liu et al., NeurIPS 2020, arXiv 2010.03759, equation 4), or by the
largest probability (Hendrycks and Gimpel, ICLR 2017, arXiv 1610.02136).
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.experiments.datasets import Dataset, digits
from vitexplain.experiments.face_tasks import draw_faces

Logits = Float[Tensor, "image class"]
Images = Float[Tensor, "image channel row col"]
UNSEEN = 3  # a seed of faces that no training uses


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


ACCEPTED = 0.95  # share of the validation pictures whose energy is at or below the limit


def others() -> dict[str, Images]:
    """Return pictures of other kinds, 32×32 and in [-1, 1], by name: none shows a class of ours."""
    small, faces = digits().test.images, draw_faces(50, seed=UNSEEN).images
    generator = torch.Generator().manual_seed(UNSEEN)
    return {
        "digits": F.interpolate(small, size=32, mode="bilinear").expand(-1, 3, -1, -1),
        "drawn faces": F.interpolate(faces, size=32, mode="area"),
        "noise": torch.rand(500, 3, 32, 32, generator=generator) * 2 - 1,
    }


@torch.no_grad()
def certainty(model: nn.Module, data: Dataset) -> dict[str, Any]:
    """Return what the validation pictures choose, and what it does on the test's and on others.

    "temperature" and "energy limit" are chosen; "calibration error", before and after, and the
    shares that are refused are measured.
    """
    chosen, unseen = (_logits(model, part.images) for part in (data.validation, data.test))
    warmth = temperature(chosen, data.validation.labels)
    limit = float(energy(chosen).quantile(ACCEPTED))
    strange = {name: _logits(model, images) for name, images in others().items()}
    return {
        "temperature": warmth,
        "energy limit": limit,
        "calibration error": {
            "as trained": calibration_error(unseen, data.test.labels),
            "with the temperature": calibration_error(unseen, data.test.labels, warmth),
        },
        "refused": {
            name: float((energy(logits) > limit).double().mean())
            for name, logits in {"test": unseen, **strange}.items()
        },
        "told apart": {
            name: {
                "by energy": told_apart(energy(unseen), energy(logits)),
                "by probability": told_apart(_doubt(unseen), _doubt(logits)),
            }
            for name, logits in strange.items()
        },
    }


def _doubt(logits: Logits) -> Float[Tensor, " image"]:
    return -logits.softmax(-1).amax(-1)


def _logits(model: nn.Module, images: Images) -> Logits:
    return torch.cat([model(part) for part in images.split(500)]).float()
