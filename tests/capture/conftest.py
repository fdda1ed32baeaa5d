"""The table of captured maps beside the libraries' own, printed once all tests have run."""

from tests.capture.table import ROWS, table


def pytest_terminal_summary(terminalreporter):
    if ROWS:
        terminalreporter.section("captured attention beside the libraries' own eager weights")
        for line in table():
            terminalreporter.write_line(line)
