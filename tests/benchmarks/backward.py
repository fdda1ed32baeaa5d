"""Measure a step of training of the ViT for photographs: fused attention, and the formula.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.backward

Forward, loss and backward of a batch of 64, by precision and by the share of patches hidden.
"""

import torch
from torch.nn import functional as F

from studies.thrift import Thrift
from tests.benchmarks.timing import Run, Table, cell, interleave, options
from vitexplain.experiments.families import build

BATCH = 64


def step(plainly: bool, bfloat16: bool, hidden: float) -> Run:
    """Return a function that takes one step, but for the optimizer's part."""
    model = build("photographs", "patches", seed=0).train()
    Thrift(model, plainly=plainly, hidden=hidden)
    images, labels = torch.randn(BATCH, 3, 32, 32), torch.arange(BATCH) % 10

    def run() -> None:
        with torch.inference_mode(False):
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                logits = model(images)
            F.cross_entropy(logits.float(), labels).backward()

    return run


def main() -> None:
    given = options(__doc__, rounds=7).parse_args()
    contenders = {
        (attention, precision, hidden): step(
            attention == "formula", precision == "bfloat16", hidden
        )
        for precision in ("float32", "bfloat16")
        for attention in ("fused", "formula")
        for hidden in (0.0, 0.5)
    }
    table = Table()
    for (attention, precision, hidden), runs in interleave(contenders, given.rounds).items():
        found = cell({}, runs)
        table.add(
            attention=attention, precision=precision, hidden=hidden,
            ms=1000 * found["median"], low=1000 * found["low"], high=1000 * found["high"],
        )  # fmt: skip
    table.write(given.out)


if __name__ == "__main__":
    main()
