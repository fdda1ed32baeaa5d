"""What every test shares: a seeded generator, patience, and torchvision made importable."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

from tests.tables import TABLES

# How long an example takes says how busy the machine is, no more.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("patient"), max_examples=10)
settings.load_profile("patient")

_LIBRARIES = []  # a torch library's definitions live as long as its object


def name_torchvision_operators() -> None:
    """Define the names of two operators that torchvision's import asks for.

    Its compiled operators do not load beside a CPU build of torch, and the import then fails
    because two of them are unknown. The models need neither; their names suffice.
    """
    if not _LIBRARIES:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _LIBRARIES.append(library)


name_torchvision_operators()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pytest_terminal_summary(terminalreporter) -> None:
    for title, lines in TABLES.items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
