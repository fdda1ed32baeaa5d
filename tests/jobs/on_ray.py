"""A program that runs a job on a local Ray cluster: python -m tests.jobs.on_ray OUT LOG [ITEM]."""

import logging
import sys
from pathlib import Path

from tests.jobs.works import ITEMS, logged
from vitexplain import jobs


def main(out: Path, log: Path, bad: Path | None) -> None:
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    make_work = logged(log, poison={bad: "kill"}) if bad else logged(log, stop=2)
    summary = jobs.on_ray(
        ITEMS, make_work, out, suffix=".txt", batch=2, workers=2, progress=False
    )  # fmt: skip
    print(f"done {summary.done} skipped {summary.skipped} failed {[*summary.failed.values()]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3:] else None)
