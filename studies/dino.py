"""DINO, self-distillation with no labels: a student learns to answer as its own slow average does.

Source: Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV 2021,
arXiv 2104.14294, section 3.1 and algorithm 1.
"""

import copy
import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from studies.crops import SMALL, cut, some, views
from vitexplain.experiments.tasks import Task
from vitexplain.positions import interpolate
from vitexplain.vit import ViT

HIDDEN, BOTTLENECK, ANSWERS = 128, 32, 64  # widths of the projection head


@dataclass(frozen=True)
class Settings:
    """Temperatures and momenta."""

    student: float = 0.1  # temperature τ_s
    teacher: float = 0.03  # temperature τ_t: lower, which sharpens the teacher's answers
    centred: bool = True
    centre_momentum: float = 0.9
    momentum: float = 0.9  # of the teacher at the beginning; 1 at the end


SETTINGS = {
    "dino": Settings(),
    "no centring": Settings(centred=False),
    "no sharpening": Settings(teacher=Settings.student),
}


def sharpened(
    teacher: Float[Tensor, "*view answer"], centre: Float[Tensor, " answer"], settings: Settings
) -> Float[Tensor, "*view answer"]:
    """Return the teacher's shares, P_t = softmax((g_t - C) / τ_t)."""
    return ((teacher - centre) / settings.teacher).softmax(-1)


def self_distillation(
    student: Float[Tensor, "view image answer"],
    teacher: Float[Tensor, "large image answer"],
    centre: Float[Tensor, " answer"],
    settings: Settings,
) -> Float[Tensor, ""]:
    """Return the mean of H(P_t(x), P_s(x')) over all pairs of views of an image with x' ≠ x.

        P_s = softmax(g_s / τ_s),   H(a, b) = -Σ a log b

    The teacher sees the first views of the student, the large ones.
    Source: Caron et al. 2021, equations 1 to 3.
    """
    target = sharpened(teacher, centre, settings).detach()
    said = (student / settings.student).log_softmax(-1)
    each = -torch.einsum("tia,sia->ts", target, said) / student.shape[1]
    other = ~torch.eye(*each.shape, dtype=torch.bool, device=each.device)
    return each[other].mean()


class Projection(nn.Module):
    """Three layers, then the cosine with each of many learned directions.

    BatchNorm keeps the answers of a batch apart while the ViT still says nearly the same of all
    pictures; without it small runs end up even. It is `use_bn_in_head` of the authors' code.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(dim, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.GELU(),
            nn.Linear(HIDDEN, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.GELU(),
            nn.Linear(HIDDEN, BOTTLENECK),
        )  # fmt: skip
        self.directions = nn.Parameter(torch.randn(ANSWERS, BOTTLENECK))

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.mlp(x), dim=-1) @ F.normalize(self.directions, dim=-1).mT


class Pupil(nn.Module):
    """A ViT that answers by its class token, and the projection of that token."""

    def __init__(self, vit: ViT) -> None:
        super().__init__()
        self.vit, self.projection = vit, Projection(vit.config.dim)
        with torch.device("meta"):  # sizes without numbers; in a tuple, so as to be no module here
            self._small = (ViT(replace(vit.config, image_size=SMALL)),)

    def forward(self, large: Tensor, small: Tensor | None = None) -> Float[Tensor, "crop answer"]:
        """Return the answers to large crops, then to small ones if there are any."""
        found = self.vit(large)
        if small is not None:
            found = torch.cat([found, self._on_small(small)])
        return self.projection(found)

    def _on_small(self, images: Tensor) -> Tensor:
        """Run the same ViT on crops of fewer patches, its positions resized bicubically."""
        parameters: dict[str, Any] = dict(self.vit.named_parameters())
        small = self._small[0]
        table = interpolate(parameters["pos_embed"], self.vit.config.grid, small.config.grid)
        return functional_call(small, parameters | {"pos_embed": table}, (images,))


class Dino(nn.Module):
    """Student, teacher and centre; `teacher.vit` is what one keeps.

    `history` notes at each step the entropy of the teacher's shares and their divergence from
    the student's, both as shares of the largest entropy, log(answers): 0 and 0 when all answers
    have become one, 1 and 0 when all have become even (the paper's figure 7).
    """

    centre: Tensor
    done: Tensor
    history: Tensor

    def __init__(self, vit: ViT, steps: int, settings: Settings) -> None:
        super().__init__()
        self.settings, self.steps = settings, steps
        self.student = Pupil(vit)
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.register_buffer("centre", torch.zeros(ANSWERS))
        self.register_buffer("done", torch.tensor(0))
        self.register_buffer("history", torch.zeros(steps, 2))

    def forward(self, crops: Float[Tensor, "image 3 channel row col"]) -> Tensor:
        """Return the loss of a batch of `views`. The teacher first follows the last step."""
        if self.done:
            self.follow()
        large, small = crops[:, :2].transpose(0, 1).flatten(0, 1), cut(crops[:, 2])
        student = self.student(large, small).unflatten(0, (-1, len(crops)))
        with torch.no_grad():
            teacher = self.teacher(large).unflatten(0, (2, -1))
        loss = self_distillation(student, teacher, self.centre, self.settings)
        self._note(sharpened(teacher, self.centre, self.settings), loss.detach())
        if self.settings.centred:
            self.centre.lerp_(teacher.mean((0, 1)), 1 - self.settings.centre_momentum)
        return loss

    @torch.no_grad()
    def follow(self) -> None:
        """Move the teacher: θ_t ← λ θ_t + (1 - λ) θ_s, with λ growing to 1 by half a cosine."""
        left = (1 + math.cos(math.pi * float(self.done) / self.steps)) / 2
        share = (1 - self.settings.momentum) * left
        for slow, fast in zip(self.teacher.parameters(), self.student.parameters(), strict=True):
            slow.lerp_(fast, share)

    def _note(self, shares: Tensor, loss: Tensor) -> None:
        entropy = -(shares * shares.clamp_min(1e-12).log()).sum(-1).mean()
        found = torch.stack([entropy, loss - entropy]) / math.log(ANSWERS)
        self.history[int(self.done)] = found.to(self.history)
        self.done += 1


def course(learner: Dino, parts: int = 10) -> dict[str, dict[str, float]]:
    """Return entropy and divergence, the mean over each tenth of the steps by its number."""
    found = learner.history.cpu().tensor_split(parts)
    return {
        name: {str(i): float(part[:, column].mean()) for i, part in enumerate(found, start=1)}
        for column, name in enumerate(("entropy", "divergence"))
    }


@torch.no_grad()
def words(learner: Dino, images: Tensor) -> dict[str, float]:
    """Return what the teacher's answers to images tell, and how many are the best of any.

    `bits` is the information between image and answer, (H(mean P_t) - mean H(P_t)) / log 2: 0 if
    all images are answered alike, however boldly.
    """
    teacher = learner.eval().teacher
    shares = sharpened(teacher(images), learner.centre, learner.settings)
    entropy = [-(p * p.clamp_min(1e-12).log2()).sum(-1).mean() for p in (shares.mean(0), shares)]
    return {
        "bits": float(entropy[0] - entropy[1]),
        "used": float(len(shares.argmax(-1).unique())),
    }


@dataclass
class Views(Task):
    """Crops of scenes, for `Dino`, whose output is the loss. No label is used."""

    seed: int

    def ask(self, size, generator, step):
        images, labels = some(self.seed, size, generator)
        return views(images, generator), labels

    def loss(self, outputs, targets):
        return outputs
