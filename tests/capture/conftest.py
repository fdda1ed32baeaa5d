"""The table of captured maps beside the libraries' own, printed once all tests have run."""

import pytest
import torch

from tests.capture.beside import ROWS, table


@pytest.fixture(scope="package", autouse=True)
def one_thread():
    """The models are so small that threads cost more than they bring."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pytest_terminal_summary(terminalreporter):
    if ROWS:
        terminalreporter.section("captured attention beside the libraries' own eager weights")
        for line in table():
            terminalreporter.write_line(line)
