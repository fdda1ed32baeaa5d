"""What the tests print once they have run: parity with each library, and the errors of bad files.

`pytest tests/checkpoints -k parity` and `-k hostile` print one table each.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parity:
    """One line: the largest difference between a library's logits and ours."""

    library: str
    model: str
    format: str
    dtype: str
    difference: float


PARITY: list[Parity] = []
HOSTILE: dict[str, str] = {}  # what is bad: the one line that says so


def parity_table() -> list[str]:
    lines = [f"{'library':16} {'model':22} {'format':24} {'dtype':9} {'max |difference|':>16}"]
    lines += [
        f"{row.library:16} {row.model:22} {row.format:24} {row.dtype:9} {row.difference:16.1e}"
        for row in PARITY
    ]
    return lines


def hostile_table() -> list[str]:
    return [f"{number:2}  {bad}: {said}" for number, (bad, said) in enumerate(HOSTILE.items(), 1)]
