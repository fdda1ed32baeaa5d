"""Learning from a teacher: DeiT's two losses, and what its two tokens say.

Source: Touvron et al., "Training data-efficient image transformers & distillation through
attention", ICML 2021, arXiv 2012.12877, section 4.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from vitexplain.vit import ViT

TEMPERATURE, SHARE = 3.0, 0.1  # τ and λ: typical values, section 6
NO_LABEL = -1  # of a picture whose class nobody told

Logits = Float[Tensor, "image class"]
Labels = Int[Tensor, " image"]


def soft_loss(
    said: Logits, pupil: Logits, labels: Labels, teacher: Logits,
    *, temperature: float = TEMPERATURE, share: float = SHARE,
) -> Tensor:  # fmt: skip
    """Return (1 - λ) CE(ψ(Z), y) + λ τ² KL(ψ(Z_t / τ) ‖ ψ(Z_s / τ)), equation (2).

    Args:
        said: Z, logits that are to name the label; without a distillation token they are `pupil`.
        pupil: Z_s, logits that are to be as the teacher's.
        labels: y; pictures with `NO_LABEL` take part in the second term alone.
        teacher: Z_t, its logits.
    """
    theirs, ours = ((x / temperature).log_softmax(-1) for x in (teacher, pupil))
    apart = F.kl_div(ours, theirs, log_target=True, reduction="batchmean")
    return (1 - share) * _label_loss(said, labels) + share * temperature**2 * apart


def hard_loss(said: Logits, pupil: Logits, labels: Labels, teacher: Logits) -> Tensor:
    """Return ½ CE(ψ(Z), y) + ½ CE(ψ(Z_s), y_t), with y_t the teacher's first choice, equation (3).

    Arguments as in `soft_loss`.
    """
    return (_label_loss(said, labels) + F.cross_entropy(pupil, teacher.argmax(-1))) / 2


def _label_loss(said: Logits, labels: Labels) -> Tensor:
    """Return the mean cross-entropy of those pictures that have a label; 0 if none has."""
    total = F.cross_entropy(said, labels, ignore_index=NO_LABEL, reduction="sum")
    return total / (labels != NO_LABEL).sum().clamp(min=1)


def two_answers(model: ViT, images: Tensor) -> Float[Tensor, "2 image class"]:
    """Return the logits of the class token and of the distillation token.

    Their mean is what `model(images)` says, section 4, "Classification with our approach": there
    it is the sum of the two softmaxes, in the published code the mean of the logits.
    """
    tokens = model.norm(model.encode(images, read=2))
    return torch.stack([model.head(tokens[:, 0]), model.head_dist(tokens[:, 1])])
