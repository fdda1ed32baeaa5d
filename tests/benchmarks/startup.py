"""Measure how long imports take, each in a fresh interpreter, bare Python taken off.

python -m tests.benchmarks.startup
"""

import statistics
import subprocess
import sys
from functools import partial

from tests.benchmarks.timing import Table, interleave, options

STATEMENTS = [
    "pass",
    "import vitexplain",
    "import vitexplain.attention",
    "import vitexplain.vit",
    "import vitexplain.figures",
    "from vitexplain.vit import ViT",
]


def main() -> None:
    told = options(__doc__, rounds=11).parse_args()
    command = [sys.executable, "-c"]
    runs = {one: partial(subprocess.run, [*command, one], check=True) for one in STATEMENTS}
    times = interleave(runs, told.rounds)
    medians = {
        name: 1e3 * statistics.median(run["seconds"] for run in taken)
        for name, taken in times.items()
    }
    table = Table()
    for statement, median in medians.items():
        table.add(milliseconds=median, beyond=median - medians["pass"], statement=statement)
    table.write(told.out)


if __name__ == "__main__":
    main()
