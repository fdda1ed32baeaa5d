"""Several ranks: started by hand as a cluster does, by torchrun, and two runs that meet."""

import os
import signal

import pytest

from tests.jobs.launched import launch
from tests.jobs.works import ITEMS, begun, check_all_done, go_on, halted, lines, state_of
from tests.waiting import PATIENCE, wait_for
from vitexplain.jobs import JobError, run
from vitexplain.jobs.ranks import in_turn, local_rank, rank_of

# By address: not every machine can look up its own name.
HERE = ("--standalone", "--local-addr", "127.0.0.1")
TORCHRUN = ("-m", "torch.distributed.run", *HERE, "--nproc-per-node", "2")


@pytest.mark.parametrize(
    "names",
    [("RANK", "WORLD_SIZE", "LOCAL_RANK"), ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_each_rank_begins_with_its_own_part_and_reaches_everything(names, is_new, monkeypatch):
    parts = []
    for rank in range(5):
        for name, value in zip(names, (rank, 5, rank % 2), strict=True):
            monkeypatch.setenv(name, str(value))
        assert (rank_of(), local_rank()) == ((rank, 5), rank % 2)
        turn = in_turn(ITEMS, is_new=is_new)
        assert sorted(turn) == sorted(ITEMS)
        parts.append(turn[: len(ITEMS[rank::5])])
    assert sorted(item for part in parts for item in part) == sorted(ITEMS)


def test_who_joins_others_goes_another_way():
    assert in_turn(ITEMS, is_new=True) == ITEMS
    ways = {tuple(in_turn(ITEMS, is_new=False)) for _ in range(9)}
    assert len(ways) == 9


def test_a_killed_rank_hangs_nobody_and_the_others_do_its_part(tmp_path):
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
    assert began == {first.pid: ITEMS[0], second.pid: ITEMS[1]}
    assert first.returncode == 0, text
    check_all_done(out)
    assert len(before) == 4
    assert before.items() <= state_of(out).items()


def test_torchrun_starts_the_ranks_again_and_they_go_on(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    again = ("--max-restarts", "1", "--monitor-interval", "0.1")
    with launch(out, log, launcher=(*TORCHRUN, *again), stop=3) as program:
        wait_for(lambda: len(halted(log)) == 2, of=program)
        before, victim = state_of(out), lines(log, "begin")[0][0]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len({pid for pid, _ in lines(log, "begin")}) >= 3, of=program)
        go_on(log)
        text, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, text
    check_all_done(out)
    assert before.items() <= state_of(out).items()


def test_two_runs_on_one_folder_share_and_what_both_do_is_there_once(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, stop=3) as first, launch(out, log, stop=3) as second:
        wait_for(lambda: len(halted(log)) == 2, of=first)
        before = state_of(out)
        go_on(log)
        assert first.wait(PATIENCE) == 0
        assert second.wait(PATIENCE) == 0
    check_all_done(out)
    assert before.items() <= state_of(out).items()
    assert {process for process, _ in lines(log, "begin")} == {first.pid, second.pid}
    assert set(begun(log)) == set(ITEMS)


def test_a_stopped_process_that_wakes_up_late_changes_nothing(tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    with launch(out, log, stop=2, batch=4) as sleeper:
        wait_for(lambda: halted(log), of=sleeper)
        sleeper.send_signal(signal.SIGSTOP)
        go_on(log)
        with launch(out, log) as other:
            text, _ = other.communicate(timeout=PATIENCE)
        assert other.returncode == 0, text
        before = state_of(out)
        assert len(before) == 24
        sleeper.send_signal(signal.SIGCONT)
        text, _ = sleeper.communicate(timeout=PATIENCE)
    assert sleeper.returncode == 0, text
    assert state_of(out) == before
    check_all_done(out)


@pytest.mark.rejects
def test_ranks_do_not_clear_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(JobError, match="several ranks"):
        run(ITEMS, lambda: lambda batch: [], tmp_path / "out", suffix=".txt", resume=False)
