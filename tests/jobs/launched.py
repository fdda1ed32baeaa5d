"""A program that runs a job, for launchers: python -m tests.jobs.launched OPTIONS-AS-JSON."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.jobs.works import ITEMS, logged
from vitexplain import jobs

ROOT = Path(__file__).parents[2]


def launch(
    out: Path,
    log: Path,
    *,
    launcher: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    **options,
) -> subprocess.Popen[str]:
    """Start the program in a session of its own; options are those of `run`, and `stop`."""
    text = json.dumps({"out": str(out), "log": str(log), **options})
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "tests.jobs.launched", text],
        cwd=ROOT,
        env=os.environ | (env or {}),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def main(out: str, log: str, stop: int | None = None, **options) -> None:
    # Under nohup, or in a script's background, the tests and all that they start ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = {"batch": 2, "progress": False, **options}
    summary = jobs.run(ITEMS, logged(Path(log), stop), out, suffix=".txt", **options)
    print(f"done {summary.done} skipped {summary.skipped}")


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
