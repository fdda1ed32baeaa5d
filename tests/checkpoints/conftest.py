"""The two tables, printed once all tests have run."""

from tests.checkpoints.tables import HOSTILE, PARITY, hostile_table, parity_table


def pytest_terminal_summary(terminalreporter):
    if PARITY:
        terminalreporter.section("checkpoints: max |difference| of the logits, theirs and ours")
        for line in parity_table():
            terminalreporter.write_line(line)
    if HOSTILE:
        terminalreporter.section("checkpoints: bad files, and the one line that each gives")
        for line in hostile_table():
            terminalreporter.write_line(line)
