"""Waiting in tests: for a condition, however long a busy machine takes; only a hang ends it."""

import subprocess
import time
from collections.abc import Callable

# Seconds for one step, however busy the machine: nothing is judged by it, it only ends a hang.
PATIENCE = 120.0


def wait_for(condition: Callable[[], object], *, of: subprocess.Popen | None = None) -> None:
    """Return when a condition holds; `AssertionError` says that it never did.

    Args:
        of: a program that brings it about: once it has ended, nothing is waited for.
    """
    until = time.monotonic() + PATIENCE
    while not condition():
        ended = of is not None and of.poll() is not None
        assert not ended or condition(), f"the program has ended: {of}"
        assert time.monotonic() < until, f"{PATIENCE:.0f} seconds passed in vain"
        time.sleep(0.02)
