"""The same over Ray Data: two actors, one of them killed."""

import os
import signal
import subprocess
import sys

import pytest

from tests.jobs.launched import ROOT
from tests.jobs.works import ITEMS, check_all_done, go_on, halted, lines, state_of
from tests.waiting import PATIENCE, wait_for
from vitexplain import jobs


def on_ray(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            *("-W", "error", "-W", "ignore::DeprecationWarning:ray.data.context"),
            *("-m", "tests.jobs.on_ray", *map(str, arguments)),
        ],
        cwd=ROOT,
        env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_an_actor_may_be_killed(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with on_ray(out, log) as program:
        wait_for(lambda: len(halted(log)) == 2, of=program)
        before, victim = state_of(out), lines(log, "begin")[0][0]
        os.kill(victim, signal.SIGKILL)
        go_on(log)
        text, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, text
    assert "done 24 skipped 0 failed []" in text
    check_all_done(out)
    assert before.items() <= state_of(out).items()


@pytest.mark.slow  # ten seconds on a quiet machine: actors are started again three times
def test_an_item_that_kills_does_not_keep_ray_busy_for_ever(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with on_ray(out, log, ITEMS[5]) as program:
        text, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, text
    assert "done 23 skipped 0 failed ['RuntimeError: 3 workers ended while they had it']" in text
    check_all_done(out, [item for item in ITEMS if item != ITEMS[5]])


def test_without_ray_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=r"vitexplain\[cluster\]"):
        jobs.on_ray(ITEMS, lambda: lambda batch: [], tmp_path / "out", suffix=".txt")
    assert not (tmp_path / "out").exists()
