"""A job in one process: what is done, what failed, where it goes on."""

import errno
import functools
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.jobs.works import ITEMS, begun, check_all_done, logged, state_of
from vitexplain.jobs import JobError, Summary, output_name, run
from vitexplain.jobs.folder import OLD, Folder
from vitexplain.jobs.runs import ticking

run_quietly = functools.partial(run, suffix=".txt", progress=False)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def log(tmp_path) -> Path:
    return tmp_path / "log"


def test_each_item_is_done_once_and_a_second_call_has_nothing_to_do(out, log):
    assert run_quietly([*ITEMS, ITEMS[0]], logged(log), out) == Summary(24, 0, {})
    check_all_done(out)
    assert begun(log) == ITEMS
    before = state_of(out)
    summary = run_quietly(map(str, ITEMS), lambda: pytest.fail("a model for nothing"), out)
    assert summary == Summary(0, 24, {})
    assert state_of(out) == before


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
    assert sorted(begun(log)[20:]) == sorted([ITEMS[3], *ITEMS[20:]])


@pytest.mark.parametrize("how", ["return", "raise"])
def test_an_item_that_fails_is_reported_and_the_rest_goes_on(out, log, how):
    bad = ITEMS[5]
    summary = run_quietly(ITEMS, logged(log, poison={bad: how}), out)
    assert summary == Summary(23, 0, {bad: "ValueError: no image"})
    check_all_done(out, [item for item in ITEMS if item != bad])
    assert run_quietly(ITEMS, logged(log), out) == Summary(1, 23, {})  # repaired meanwhile
    check_all_done(out)


def test_what_others_do_meanwhile_is_not_done_again(out, log):
    def make_work():
        run_quietly(ITEMS[5:20], logged(log), out)
        return logged(log)()

    assert run_quietly(ITEMS, make_work, out) == Summary(24, 0, {})
    check_all_done(out)
    assert sorted(begun(log)) == sorted(ITEMS)


def test_another_setting_is_refused_and_named(out, log):
    job = {"model": "3f2a", "sizes": (1, 2)}
    run_quietly(ITEMS[:2], logged(log), out, job=job)
    assert run_quietly(ITEMS, logged(log), out, job=job).skipped == 2
    before = state_of(out)
    with pytest.raises(JobError, match=r"model '3f2a' \(now '77'\).*resume=False"):
        run_quietly(ITEMS, logged(log), out, job=job | {"model": "77"})
    with pytest.raises(JobError, match=r"suffix '.txt' \(now '.npy'\)"):
        run_quietly(ITEMS, logged(log), out, job=job, suffix=".npy")
    assert state_of(out) == before
    there = json.loads((out / ".vitexplain" / "job.json").read_text())
    assert there["model"] == "3f2a"
    assert "vitexplain" in there


def test_of_many_that_begin_at_once_one_is_the_first(out):
    start = threading.Barrier(8)

    def begin(_: int) -> bool:
        start.wait()
        return Folder.open(out, ".txt", None, resume=True).is_new

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(8))) == 1


def test_to_start_again_removes_our_outputs_and_nothing_else(out, log):
    run_quietly(ITEMS, logged(log), out, job={"model": 1})
    mine = [out / name for name in ("mine.txt", "mine-0123456789abcdef.png", "0123.txt")]
    for path in mine:
        path.write_text("mine")
    summary = run_quietly(ITEMS[:2], logged(log), out, job={"model": 2}, resume=False)
    assert summary == Summary(2, 0, {})
    ours = [out / output_name(item, ".txt") for item in ITEMS[:2]]
    assert {path for path in out.iterdir() if path.is_file()} == {*mine, *ours}
    assert {path.read_text() for path in mine} == {"mine"}


def test_who_works_on_in_a_folder_that_is_cleared_stops(out, log):
    def make_work():
        def work(batch):
            run_quietly(ITEMS[:2], logged(log), out, job={"model": 2}, resume=False)
            return [b"of model 1" for _ in batch]

        return work

    with pytest.raises(JobError, match="another run has cleared"):
        run_quietly(ITEMS, make_work, out, job={"model": 1})
    check_all_done(out, ITEMS[:2])


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
    check_all_done(out)
    assert before.items() <= state_of(out).items()


def test_what_the_killed_left_half_written_is_swept_once_it_is_old(out, log):
    run_quietly(ITEMS[:1], logged(log), out)
    for name, age in {".old.part": OLD + 60, ".new.part": OLD - 60}.items():
        (out / ".vitexplain" / name).touch()
        at = (out / ".vitexplain" / name).stat().st_mtime - age
        os.utime(out / ".vitexplain" / name, (at, at))
    run_quietly(ITEMS[:1], logged(log), out)
    assert [path.name for path in (out / ".vitexplain").glob("*.part")] == [".new.part"]


@pytest.mark.rejects
def test_wrong_use_is_said(out, log, tmp_path):
    with pytest.raises(TypeError, match="1 results for 8 items"):
        run_quietly(ITEMS, lambda: lambda batch: [b""], out)
    with pytest.raises(ValueError, match="got 0 and 0"):
        run_quietly(ITEMS, logged(log), out, batch=0)
    with pytest.raises(ValueError, match="a suffix is"):
        run_quietly(ITEMS, logged(log), tmp_path / "c", suffix="../x")
    with pytest.raises(TypeError, match="JSON"):
        run_quietly(ITEMS, logged(log), tmp_path / "b", job={"model": object()})
    log.write_text("")
    with pytest.raises(JobError, match="log is not a folder"):
        run_quietly(ITEMS, logged(log), log)


def test_the_bar_counts_what_others_did(out, log, capsys):
    run_quietly(ITEMS[:20], logged(log), out)
    run(ITEMS, logged(log), out, suffix=".txt")
    shown = capsys.readouterr().err
    assert "20/24" in shown
    assert "24/24" in shown


class Looks:
    looks = 0

    def done(self, paths):
        self.looks += 1
        return set()


def test_the_bar_looks_rarely():
    folder = Looks()
    with ticking(folder, ITEMS, shown=True) as tick:  # pyright: ignore[reportArgumentType]
        for _ in range(100):
            tick()
    assert folder.looks == 3  # at first, once on the way, and at last


def test_without_tqdm_the_extra_is_named(out, log, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ModuleNotFoundError, match=r"vitexplain\[cli\]"):
        run(ITEMS, logged(log), out, suffix=".txt")
    assert run_quietly(ITEMS, logged(log), out).done == 24


def test_a_file_whose_name_is_no_text_is_an_item_too(out):
    item = Path(os.fsdecode(b"photos/\xff\xfe.jpg"))

    def make_work():
        return lambda batch: [os.fsencode(path) for path in batch]

    assert run_quietly([item, *ITEMS], make_work, out) == Summary(25, 0, {})
    assert (out / output_name(item, ".txt")).read_bytes() == b"photos/\xff\xfe.jpg"
    assert run_quietly([item], make_work, out) == Summary(0, 1, {})
