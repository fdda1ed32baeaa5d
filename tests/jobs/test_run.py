"""A job in one process: once each, what failed, where it goes on."""

import errno
import functools
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.jobs.works import ITEMS, check_all_done, lines, logged, poisoned, state_of
from vitexplain.jobs import JobError, Summary, output_name, run
from vitexplain.jobs.claims import Claim, Claims
from vitexplain.jobs.names import key
from vitexplain.jobs.owners import Owner
from vitexplain.jobs.progress import Progress
from vitexplain.jobs.record import Record

run_quietly = functools.partial(run, progress=False)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def log(tmp_path) -> Path:
    return tmp_path / "log"


def test_each_item_is_done_once_and_a_second_call_has_nothing_to_do(out, log):
    assert run_quietly([*ITEMS, ITEMS[0]], logged(log), out) == Summary(24, 0, {})
    check_all_done(out, log)
    assert [item for _, item in lines(log, "begin")] == ITEMS
    before = state_of(out)
    assert run_quietly(map(str, ITEMS), logged(log), out) == Summary(0, 24, {})
    assert state_of(out) == before
    assert len(lines(log, "begin")) == 24


@pytest.mark.parametrize(("batch", "sizes"), [(1, [1] * 24), (7, [7, 7, 7, 3]), (100, [24])])
def test_items_come_in_batches(out, log, batch, sizes):
    seen = []

    def make_work():
        work = logged(log)()
        return lambda items: seen.append(len(items)) or work(items)

    run_quietly(ITEMS, make_work, out, batch=batch)
    assert seen == sizes


def test_a_later_call_does_what_is_new_and_what_was_removed(out, log):
    run_quietly(ITEMS[:20], logged(log), out)
    (out / output_name(ITEMS[3], ".txt")).unlink()
    assert run_quietly(ITEMS, logged(log), out) == Summary(5, 19, {})
    assert [item for _, item in lines(log, "begin")][20:] == [ITEMS[3], *ITEMS[20:]]


@pytest.mark.parametrize("how", ["return", "raise"])
def test_an_item_that_fails_is_reported_and_the_rest_goes_on(out, log, how):
    bad = ITEMS[5]
    summary = run_quietly(ITEMS, poisoned(log, bad, how), out)
    assert summary == Summary(23, 0, {bad: "ValueError: no image"})
    check_all_done(out, log, [item for item in ITEMS if item != bad])
    assert run_quietly(ITEMS, logged(log), out) == Summary(1, 23, {})  # repaired meanwhile
    check_all_done(out, log)


def test_another_setting_is_refused_and_named(out, log):
    job = {"model": "3f2a", "sizes": (1, 2)}
    run_quietly(ITEMS[:2], logged(log), out, job=job)
    assert run_quietly(ITEMS, logged(log), out, job=job).skipped == 2
    before = state_of(out)
    with pytest.raises(JobError, match=r"model '3f2a' \(now '77'\).*resume=False"):
        run_quietly(ITEMS, logged(log), out, job=job | {"model": "77"})
    assert state_of(out) == before


def test_to_start_again_removes_our_outputs_and_nothing_else(out, log):
    run_quietly(ITEMS, logged(log), out, job={"model": 1})
    (out / "mine.txt").write_text("mine")
    before = state_of(out)
    summary = run_quietly(ITEMS[:2], logged(log), out, job={"model": 2}, resume=False)
    assert summary == Summary(2, 0, {})
    after = state_of(out)
    assert after.keys() == {out / "mine.txt", *(out / output_name(i, ".txt") for i in ITEMS[:2])}
    assert [path.name for path in after if before[path] == after[path]] == ["mine.txt"]


def test_tidying_removes_claims_on_what_is_settled_and_no_others(out, log):
    """A worker that is killed between its output and the end of its claim leaves the claim."""
    run_quietly(ITEMS[:1], logged(log), out)
    record = Record(out)
    with Owner(record.workers) as owner, Owner(record.workers) as other:
        left, held = (Claims(record.claims, other).take(item) for item in ITEMS[:2])
        assert left is not None
        assert held is not None
        record.tidy(owner)
        assert [claim.stem for claim in record.claims.iterdir()] == [key(ITEMS[1])]
        assert Claims(record.claims, owner).take(ITEMS[1]) is None  # the other has it still


def test_a_folder_that_others_work_on_is_not_cleared(out, log):
    run_quietly(ITEMS[:2], logged(log), out)
    before = state_of(out)
    with Owner(Record(out).workers), pytest.raises(JobError, match="is being worked on"):
        run_quietly(ITEMS, logged(log), out, resume=False)
    assert state_of(out) == before


def test_what_another_completes_just_before_our_claim_is_not_done_again(out, log, monkeypatch):
    take, item = Claims.take, ITEMS[7]

    def take_late(self: Claims, wanted: Path) -> Claim | None:
        if wanted == item:
            Record(out).publish(item, output_name(item, ".txt"), str(item).upper().encode())
        return take(self, wanted)

    monkeypatch.setattr(Claims, "take", take_late)
    assert run_quietly(ITEMS, logged(log), out) == Summary(24, 0, {})
    assert item not in [begun for _, begun in lines(log, "begin")]
    check_all_done(out, log)


def same_name(out: Path, name: str, items: list[Path]) -> dict[Path, str]:
    return run_quietly(
        items, lambda: lambda batch: [(name, b"new") for _ in batch], out, batch=1
    ).failed


def test_no_output_goes_over_another_or_over_a_file_of_yours(out):
    assert same_name(out, "x/goat.txt", ITEMS[:2]).keys() == {ITEMS[1]}
    assert same_name(out, "x/goat.txt", ITEMS[:2]).keys() == {ITEMS[1]}  # nor after a resume
    (out / "mine.txt").write_text("mine")
    assert "already" in same_name(out, "mine.txt", ITEMS[2:3])[ITEMS[2]]
    assert (out / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["../x.txt", "/x.txt", ".vitexplain/job.json", "x" * 300])
def test_an_output_outside_is_a_failure_of_its_item(out, name):
    assert "an output's name" in same_name(out, name, ITEMS[:1])[ITEMS[0]]
    assert not list(out.glob("*.txt"))
    assert not (out.parent / "x.txt").exists()


def test_two_outputs_of_one_batch_with_one_name_are_told_apart(out):
    def make_work():
        return lambda batch: [("same.txt", str(item).encode()) for item in batch]

    summary = run_quietly(ITEMS[:8], make_work, out)
    assert summary.done == 1
    assert len(summary.failed) == 7
    winner = next(item for item in ITEMS[:8] if item not in summary.failed)
    assert (out / "same.txt").read_text() == str(winner)


def test_a_full_disk_ends_the_run_which_can_go_on(out, log, monkeypatch):
    real, calls = os.fsync, []

    def fsync(file: int) -> None:
        calls.append(file)
        if len(calls) > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        run_quietly(ITEMS, logged(log), out)
    assert not list(out.rglob("*.part"))
    monkeypatch.undo()
    before = state_of(out)
    assert 0 < len(before) < 24
    run_quietly(ITEMS, logged(log), out)
    check_all_done(out, log)
    assert before.items() <= state_of(out).items()


def test_ctrl_c_in_the_midst_of_a_claim_leaves_no_claim(out, log, monkeypatch):
    real = Path.hardlink_to

    def interrupted(self: Path, target: Path) -> None:
        real(self, target)
        if self.name == f"{key(ITEMS[9])}.0":
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Path, "hardlink_to", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_quietly(ITEMS, logged(log), out)
    assert not list((out / ".vitexplain" / "claims").iterdir())
    monkeypatch.undo()
    run_quietly(ITEMS, logged(log), out)
    check_all_done(out, log)


@pytest.mark.rejects
def test_wrong_use_is_said(out, log, tmp_path):
    with pytest.raises(TypeError, match="1 results for 8 items"):
        run_quietly(ITEMS, lambda: lambda batch: [("x", b"")], out)
    with pytest.raises(ValueError, match="at least 1, got 0 and 1"):
        run_quietly(ITEMS, logged(log), out, batch=0)
    with pytest.raises(TypeError, match="JSON"):
        run_quietly(ITEMS, logged(log), tmp_path / "b", job={"model": object()})
    log.write_text("")
    with pytest.raises(JobError, match="log is not a folder"):
        run_quietly(ITEMS, logged(log), log)


def test_the_model_is_not_loaded_where_nothing_is_left(out, log):
    run_quietly(ITEMS, logged(log), out)
    run_quietly(ITEMS, lambda: pytest.fail("loaded"), out)


def test_the_bar_counts_what_others_did(out, log, capsys):
    run_quietly(ITEMS[:20], logged(log), out)
    run(ITEMS, logged(log), out)
    shown = capsys.readouterr().err
    assert "20/24" in shown
    assert "24/24" in shown


def test_the_bar_looks_rarely():
    calls = []
    with Progress(lambda: calls.append(0) or 0, 10, shown=True) as tick:
        for _ in range(100):
            tick()
    assert len(calls) == 3  # at first, once on the way, and at last


def test_without_tqdm_the_extra_is_named(out, log, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ModuleNotFoundError, match=r"vitexplain\[cli\]"):
        run(ITEMS, logged(log), out)
    assert run_quietly(ITEMS, logged(log), out).done == 24


def test_a_file_whose_name_is_no_text_is_an_item_too(out):
    item = Path(os.fsdecode(b"photos/\xff\xfe.jpg"))

    def make_work():
        return lambda batch: [(output_name(path, ".txt"), os.fsencode(path)) for path in batch]

    assert run_quietly([item, *ITEMS], make_work, out) == Summary(25, 0, {})
    assert (out / output_name(item, ".txt")).read_bytes() == b"photos/\xff\xfe.jpg"
    assert run_quietly([item], make_work, out) == Summary(0, 1, {})


def test_the_record_says_what_the_job_is(out, log):
    run_quietly(ITEMS, logged(log), out, job={"method": "rollout"})
    manifest = json.loads((out / ".vitexplain" / "job.json").read_text())
    assert manifest["method"] == "rollout"
    assert "vitexplain" in manifest
