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
    begun,
    check_all_done,
    deadly,
    go_on,
    halted,
    hopeless,
    lines,
    logged,
    state_of,
)
from tests.waiting import PATIENCE, wait_for
from vitexplain.jobs import JobError, Summary, Work, run

run_quietly = functools.partial(run, suffix=".txt", progress=False)


def environment() -> Work:
    def work(batch: list[Path]) -> list[bytes]:
        wait_for(lambda: len(list(Path(os.environ["MEET"]).iterdir())) == 2)
        return [" ".join(os.environ[n] for n in ("LOCAL_RANK", "OMP_NUM_THREADS")).encode()]

    (Path(os.environ["MEET"]) / os.environ["LOCAL_RANK"]).touch()
    return work


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
    check_all_done(out)
    assert before.items() <= state_of(out).items()
    assert len(begun(log)) - len(set(begun(log))) <= 4  # no more again than the two had in hand


def test_workers_have_a_rank_and_their_share_of_threads(tmp_path, monkeypatch):
    (tmp_path / "meet").mkdir()
    monkeypatch.setenv("MEET", str(tmp_path / "meet"))
    monkeypatch.setenv("LOCAL_RANK", "3")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 10)
    run_quietly(ITEMS, environment, tmp_path / "out", workers=2, batch=1)
    said = {path.read_text() for path in (tmp_path / "out").glob("*.txt")}
    assert said <= {"6 5", "7 5"}
    assert {path.name for path in (tmp_path / "meet").iterdir()} == {"6", "7"}
    assert "OMP_NUM_THREADS" not in os.environ


def test_an_item_that_kills_is_set_aside(tmp_path):
    out, log, bad = tmp_path / "out", tmp_path / "log", ITEMS[5]
    make_work = logged(log, poison={bad: "kill", ITEMS[6]: "return", ITEMS[7]: "raise"})
    summary = run_quietly(ITEMS, make_work, out, workers=2, batch=4)
    killed, said = "RuntimeError: 3 workers ended while they had it", "ValueError: no image"
    assert summary == Summary(21, 0, {bad: killed, ITEMS[6]: said, ITEMS[7]: said})
    check_all_done(out, [item for item in ITEMS if item not in ITEMS[5:8]])
    assert begun(log).count(bad) == 4  # once among others, three times alone


def test_what_a_worker_raises_arrives_with_its_traceback(tmp_path):
    with pytest.raises(LookupError, match="no such model") as raised:
        run_quietly(ITEMS, hopeless, tmp_path / "out", workers=2)
    assert "in hopeless" in str(raised.value.__cause__)


def test_workers_that_cannot_begin_are_given_up_and_no_item_is_blamed(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(JobError, match="3 workers ended one after the other before they had an"):
        run_quietly(ITEMS, deadly, out, workers=2)
    assert run_quietly(ITEMS, logged(tmp_path / "log"), out) == Summary(24, 0, {})


@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_ends_all_processes_and_leaves_nothing_half_done(tmp_path, workers):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, workers=workers, stop=3) as program:
        wait_for(lambda: len(halted(log)) == max(workers, 1), of=program)
        os.killpg(program.pid, signal.SIGINT)  # as the terminal does: to all of them
        text, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == -signal.SIGINT, text
    # The workers are quiet; the one traceback has another in it if Ctrl-C met an `except`.
    assert text.count("Traceback") - text.count("another exception occurred") == 1, text
    goes_on(program, out, log)


@pytest.mark.parametrize("whom", ["all", "the one who started them"])
def test_after_a_kill_nobody_is_left_and_a_later_call_goes_on(tmp_path, whom):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, workers=2, stop=3) as program:
        wait_for(lambda: len(halted(log)) == 2, of=program)
        os.killpg(program.pid, signal.SIGKILL) if whom == "all" else program.kill()
        program.communicate(timeout=PATIENCE)
    goes_on(program, out, log)


def goes_on(program: subprocess.Popen[str], out: Path, log: Path) -> None:
    """All processes end; a call then does what is left and touches nothing that is done."""
    wait_for(lambda: nobody_is_left(program))
    before = state_of(out)
    assert 0 < len(before) < 24
    summary = run_quietly(ITEMS, logged(log), out)
    assert summary == Summary(24 - len(before), len(before), {})
    check_all_done(out)
    assert before.items() <= state_of(out).items()


def nobody_is_left(program: subprocess.Popen[str]) -> bool:
    try:
        os.killpg(program.pid, 0)
    except ProcessLookupError:
        return True
    return False
