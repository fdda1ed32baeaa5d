"""Measure how long imports take, each in a fresh interpreter, bare Python taken off.

python -m tests.benchmarks.startup
"""

import argparse
import random
import statistics
import subprocess
import sys
import time

STATEMENTS = [
    "pass",
    "import vitexplain",
    "import vitexplain.attention",
    "import vitexplain.vit",
    "import vitexplain.figures",
    "from vitexplain.vit import ViT",
]


def seconds(statement: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for number in range(rounds + 1):  # the first round fills the disk cache
        for statement in random.sample(STATEMENTS, len(STATEMENTS)):
            took = seconds(statement)
            if number:
                times[statement].append(took)
    bare = statistics.median(times.pop("pass"))
    print(f"bare Python {bare:.3f} s; median of {rounds} rounds beyond that:")
    for statement, values in times.items():
        print(f"{statement:32s} {statistics.median(values) - bare:6.3f} s")


if __name__ == "__main__":
    main()
