"""Several processes on one machine, and what happens when they are killed."""

import functools
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.jobs.launched import launch
from tests.jobs.works import (
    ITEMS,
    check_all_done,
    deadly,
    go_on,
    halted,
    hopeless,
    lines,
    logged,
    poisoned,
    shortlived,
    state_of,
)
from tests.waiting import PATIENCE, wait_for
from vitexplain.jobs import JobError, Summary, local, run

run_quietly = functools.partial(run, progress=False)


def test_two_workers_share_the_items_and_one_may_be_killed(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(run_quietly, ITEMS, logged(log, stop=3), out, workers=2, batch=2)
        wait_for(lambda: len(halted(log)) == 2 or job.done())
        before, victim = state_of(out), lines(log, "begin")[0][0]
        assert victim != os.getpid()
        os.kill(victim, signal.SIGKILL)
        go_on(log)
        assert job.result() == Summary(24, 0, {})
    check_all_done(out, log)
    assert before.items() <= state_of(out).items()
    begun = [item for _, item in lines(log, "begin")]
    assert len(begun) - len(set(begun)) <= 2  # no more is begun again than the victim had


def test_workers_begin_at_different_places_with_their_share_of_threads(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, workers=2, stop=0) as program:
        wait_for(lambda: len(halted(log)) == 2, of=program)
        go_on(log)
        program.communicate(timeout=PATIENCE)
    first = {}
    for process, item in lines(log, "begin"):
        first.setdefault(process, item)
    assert set(first.values()) == {ITEMS[0], ITEMS[12]}


def test_an_item_that_kills_is_set_aside(tmp_path):
    out, log, bad = tmp_path / "out", tmp_path / "log", ITEMS[5]
    summary = run_quietly(ITEMS, poisoned(log, bad, "kill"), out, workers=2, batch=4)
    assert summary == Summary(23, 0, {bad: "RuntimeError: 3 workers ended while they had it"})
    check_all_done(out, log, [item for item in ITEMS if item != bad])
    assert [item for _, item in lines(log, "begin")].count(bad) == 3


def test_what_a_worker_raises_arrives_with_its_traceback(tmp_path):
    with pytest.raises(LookupError, match="no such model") as raised:
        run_quietly(ITEMS, hopeless, tmp_path / "out", workers=2)
    assert "in hopeless" in "".join(raised.value.__notes__)


def test_workers_that_cannot_begin_are_given_up_and_no_item_is_blamed(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(JobError, match="7 workers ended one after the other; the last by SIGKILL"):
        run_quietly(ITEMS, deadly, out, workers=2)
    assert not list((out / ".vitexplain" / "failed").iterdir())
    assert run_quietly(ITEMS, logged(tmp_path / "log"), out) == Summary(24, 0, {})


def test_workers_that_end_often_are_replaced_as_long_as_work_gets_done(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "TRIES", 1)  # two losses in a row are the most for two workers
    out, log, items = tmp_path / "out", tmp_path / "log", ITEMS[:8]
    assert run_quietly(items, shortlived(log), out, workers=2, batch=1) == Summary(8, 0, {})
    check_all_done(out, log, items)
    assert len({process for process, _ in lines(log, "begin")}) == 8  # six of them were killed


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_gives_everything_back_and_ends_all_processes(tmp_path, workers):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, workers=workers, stop=3) as program:
        wait_for(lambda: len(halted(log)) == workers, of=program)
        os.killpg(program.pid, signal.SIGINT)  # as the terminal does: to all of them
        text, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == -signal.SIGINT, text
    assert text.count("Traceback") == 1, text  # the workers are quiet
    wait_for(lambda: nobody_is_left(program))
    assert not list((out / ".vitexplain" / "claims").iterdir())
    assert not list((out / ".vitexplain" / "workers").iterdir())
    goes_on(out, log)


def test_after_all_were_killed_a_later_call_goes_on(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, workers=2, stop=3) as program:
        wait_for(lambda: len(halted(log)) == 2, of=program)
        os.killpg(program.pid, signal.SIGKILL)
        program.communicate(timeout=PATIENCE)
    assert list((out / ".vitexplain" / "claims").iterdir())
    goes_on(out, log)


def test_workers_stop_when_the_one_who_started_them_is_killed(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, workers=2, stop=3) as program:
        wait_for(lambda: len(halted(log)) == 2, of=program)
        program.kill()
        go_on(log)
        program.communicate(timeout=PATIENCE)
    wait_for(lambda: nobody_is_left(program))
    goes_on(out, log)


def goes_on(out: Path, log: Path) -> None:
    """A call now does what is left, touches nothing that is done, and need not wait."""
    before = state_of(out)
    assert 0 < len(before) < 24
    summary = run_quietly(ITEMS, logged(log), out)
    assert summary == Summary(24 - len(before), len(before), {})
    check_all_done(out, log)
    assert before.items() <= state_of(out).items()


def nobody_is_left(program: subprocess.Popen[str]) -> bool:
    try:
        os.killpg(program.pid, 0)
    except ProcessLookupError:
        return True
    return False
