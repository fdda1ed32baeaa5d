"""What every test shares: a seeded generator, and torchvision made importable."""

import numpy as np
import pytest
import torch

# torchvision's compiled operators do not load beside a CPU build of torch, and its import
# fails because two of them are then unknown. The models need neither; the names suffice.
_torchvision = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _torchvision.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
