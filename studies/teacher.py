"""The CNN that teaches: the shape of Jordan, "94% on CIFAR-10 in 3.29 seconds", arXiv 2404.00498.

Three groups of two 3×3 convolutions behind a fixed 2×2 convolution that whitens its patches.
It never ships: it answers on the pictures from which the small models learn.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from studies.training import Recipe

WIDTHS = (64, 256, 256)
SOFTER = 1 / 9  # the logits are scaled by it
TEACHERS = (1,)  # the seeds of those who are asked; their answers are averaged

RECIPE = Recipe(1760, 0.6, 512, 1.33e-3, warmup=0.2, clip=1e3, optimizer="sgd", bfloat16=True)
"""Twenty epochs of 45,000 pictures; about the paper's rates, for the mean of a batch of 512.

Labels stay as they are, since a teacher of smoothed labels makes worse pupils: Müller et al.,
"When Does Label Smoothing Help?", NeurIPS 2019, arXiv 1906.02629.
"""


class Group(nn.Module):
    """Convolution, pool, norm, GELU; convolution, norm, GELU."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = _conv(width, out), _conv(out, out)
        self.norm1, self.norm2 = _norm(out), _norm(out)
        self.pool = nn.MaxPool2d(2)
        self.act = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm1(self.pool(self.conv1(x))))
        return self.act(self.norm2(self.conv2(x)))


class Teacher(nn.Module):
    """A CNN for 32×32 pictures, its first layer made of the pictures it will see."""

    def __init__(self, images: Tensor, classes: int = 10) -> None:
        super().__init__()
        kernels = whitening(images)
        self.whiten = nn.Conv2d(3, len(kernels), 2)
        self.whiten.weight.data = kernels
        self.whiten.weight.requires_grad_(False)
        nn.init.zeros_(self.whiten.bias)  # pyright: ignore[reportArgumentType]
        widths = (len(kernels), *WIDTHS)
        self.groups = nn.Sequential(*(Group(width, out) for width, out in pairwise(widths)))
        self.act, self.pool = nn.GELU(), nn.MaxPool2d(3)
        self.head = nn.Linear(WIDTHS[-1], classes, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (batch, class), for pictures, (batch, 3, 32, 32)."""
        x = self.pool(self.groups(self.act(self.whiten(x))))
        return SOFTER * self.head(x.flatten(1))


def whitening(images: Tensor, epsilon: float = 5e-4) -> Tensor:
    """Return 2×2 kernels whose answers on these pictures are uncorrelated, and their negatives."""
    patches = images.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 12)
    covariance = patches.T @ patches / len(patches)
    values, vectors = torch.linalg.eigh(covariance)
    kernels = (vectors / (values + epsilon).sqrt()).T.reshape(-1, 3, 2, 2)
    return torch.cat([kernels, -kernels])


def _conv(width: int, out: int) -> nn.Conv2d:
    """A convolution that at first hands on its input in as many channels as both have."""
    conv = nn.Conv2d(width, out, 3, padding=1, bias=False)
    nn.init.dirac_(conv.weight[: min(width, out)])
    return conv


def _norm(width: int) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(width, momentum=0.4)
    norm.weight.requires_grad_(False)
    return norm
