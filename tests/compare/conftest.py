"""The table of parity and exact counts, printed once all tests have run."""

from tests.compare.parity import ROWS, table


def pytest_terminal_summary(terminalreporter):
    if ROWS:
        terminalreporter.section("max |difference| of the logits, and exact counts")
        for line in table():
            terminalreporter.write_line(line)
