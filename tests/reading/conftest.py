"""A small random model and two images of it, for all tests of readings."""

import pytest
import torch

from tests.test_vit import TINY, random_images, random_vit
from vitexplain.vit import ViT


@pytest.fixture
def vit() -> ViT:
    return random_vit(TINY)


@pytest.fixture
def images() -> torch.Tensor:
    return random_images(TINY)
