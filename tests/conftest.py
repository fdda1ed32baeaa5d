"""What every test shares: a seeded generator, patience, and torchvision made importable."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from pretrained.operators import name_torchvision_operators
from tests.tables import TABLES

# How long an example takes says how busy the machine is, no more.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("patient"), max_examples=10)
settings.load_profile("patient")

name_torchvision_operators()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pytest_terminal_summary(terminalreporter) -> None:
    for title, lines in TABLES.items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
