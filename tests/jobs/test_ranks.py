"""Several ranks: started by hand as a cluster does, by torchrun, and on two machines."""

import os
import signal
import time

import pytest

from tests.jobs.launched import launch
from tests.jobs.works import ITEMS, check_all_done, go_on, halted, last_begun, lines, state_of
from tests.waiting import PATIENCE, wait_for
from vitexplain.jobs import JobError, output_name, run
from vitexplain.jobs.owners import LEASE
from vitexplain.jobs.runs import rotated


def test_each_part_begins_elsewhere_and_reaches_everything():
    parts = [rotated(ITEMS, part, 5) for part in range(5)]
    assert len({part[0] for part in parts}) == 5
    assert all(sorted(part) == sorted(ITEMS) for part in parts)


def test_a_killed_rank_hangs_nobody(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    ranks = [
        launch(out, log, env={"RANK": str(rank), "WORLD_SIZE": "2"}, stop=3) for rank in range(2)
    ]
    with ranks[0] as first, ranks[1] as second:
        wait_for(lambda: len(halted(log)) == 2, of=first)  # in the midst of their second batches
        began = dict(reversed(lines(log, "begin")))
        before = state_of(out)
        second.kill()
        go_on(log)
        text, _ = first.communicate(timeout=PATIENCE)
    assert began == {first.pid: ITEMS[0], second.pid: ITEMS[12]}
    assert first.returncode == 0, text
    check_all_done(out, log)
    assert before.items() <= state_of(out).items()


def test_torchrun_starts_the_ranks_again_and_they_go_on(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    with launch(
        out, log, launcher=(*torchrun, "--max-restarts", "1", "--monitor-interval", "0.1"),
        stop=3,
    ) as program:  # fmt: skip
        wait_for(lambda: len(halted(log)) == 2, of=program)
        before, victim = state_of(out), lines(log, "begin")[0][0]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len({pid for pid, _ in lines(log, "begin")}) >= 3, of=program)
        go_on(log)
        text, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, text
    check_all_done(out, log)
    assert before.items() <= state_of(out).items()


def test_another_machine_takes_over_when_the_lease_is_over(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, host="one", stop=5, batch=4) as first:
        wait_for(lambda: halted(log), of=first)  # in the midst of its second batch
        first.kill()
    before = state_of(out)
    assert before.keys() == {out / output_name(item, ".txt") for item in ITEMS[:4]}
    [heart] = (out / ".vitexplain" / "workers").iterdir()
    with launch(out, log, host="two") as second:
        wait_for(lambda: len(lines(log, "complete")) == 20, of=second)  # but what `first` has
        over = time.time()
        os.utime(heart, (over - LEASE - 1, over - LEASE - 1))  # its last heartbeat is long ago now
        text, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, text
    check_all_done(out, log)
    assert before.items() <= state_of(out).items()
    begun = last_begun(log)
    assert min(begun[item] for item in ITEMS[4:8]) > over
    assert max(begun[item] for item in ITEMS[8:]) < min(begun[item] for item in ITEMS[4:8])


def test_two_machines_that_live_share_without_doing_anything_twice(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with (
        launch(out, log, host="one", stop=3) as first,
        launch(out, log, host="two", stop=3) as second,
    ):
        wait_for(lambda: len(halted(log)) == 2, of=first)
        go_on(log)
        assert first.wait(PATIENCE) == 0
        assert second.wait(PATIENCE) == 0
    check_all_done(out, log)
    begun = [item for _, item in lines(log, "begin")]
    assert sorted(begun) == sorted(ITEMS)
    assert {process for process, _ in lines(log, "begin")} == {first.pid, second.pid}


def test_a_stopped_process_that_wakes_up_late_writes_nothing_twice(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, lease=1.0, stop=2, batch=4) as sleeper:
        wait_for(lambda: halted(log), of=sleeper)
        sleeper.send_signal(signal.SIGSTOP)
        go_on(log)
        with launch(out, log, lease=1.0) as other:
            text, _ = other.communicate(timeout=PATIENCE)
        assert other.returncode == 0, text
        before = state_of(out)
        assert len(before) == 24
        sleeper.send_signal(signal.SIGCONT)
        text, _ = sleeper.communicate(timeout=PATIENCE)
    assert sleeper.returncode == 0, text
    assert state_of(out) == before
    check_all_done(out, log)
    assert len(lines(log, "begin")) > 24


@pytest.mark.rejects
def test_ranks_do_not_clear_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(JobError, match="several ranks"):
        run(ITEMS, lambda: lambda batch: [], tmp_path / "out", resume=False)
