"""A program that runs a job, for launchers: python -m tests.jobs.launched OPTIONS-AS-JSON."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.jobs.works import ITEMS, logged
from tests.waiting import PATIENCE
from vitexplain import jobs
from vitexplain.jobs import local, owners

ROOT = Path(__file__).parents[2]


def launch(
    out: Path,
    log: Path,
    *,
    launcher: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    **options,
) -> subprocess.Popen[str]:
    """Start the program in a session of its own; options are those of `run`, host, and lease."""
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


def main(text: str) -> None:
    # Under nohup, or in a script's background, the tests and all that they start ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    local.PATIENCE = PATIENCE
    options = json.loads(text)
    out, log = Path(options["out"]), Path(options["log"])
    owners.LEASE = options.get("lease", owners.LEASE)
    if host := options.get("host"):
        owners.this_host = lambda: host
    summary = jobs.run(
        ITEMS,
        logged(log, options.get("stop")),
        out,
        batch=options.get("batch", 2),
        workers=options.get("workers", 1),
        progress=False,
    )
    print(f"done {summary.done} skipped {summary.skipped}")


if __name__ == "__main__":
    main(sys.argv[1])
