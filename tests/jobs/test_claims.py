"""Who has an item: of many that ask at once one gets it, and a dead worker's goes on."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.waiting import wait_for
from vitexplain.jobs import owners
from vitexplain.jobs.claims import Claims
from vitexplain.jobs.names import key
from vitexplain.jobs.owners import Owner, Process

ITEM = Path("goat.jpg")


@pytest.fixture
def folders(tmp_path) -> tuple[Path, Path]:
    (tmp_path / "workers").mkdir()
    (tmp_path / "claims").mkdir()
    return tmp_path / "workers", tmp_path / "claims"


def refuse(self: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def leave_claim(folders: tuple[Path, Path], process: Process, age: float = 0.0) -> None:
    """Write what a worker leaves that was killed `age` seconds after its last heartbeat."""
    file = folders[0] / "killed.json"
    text = json.dumps({"name": "killed", "process": asdict(process)})
    file.write_text(text)
    beat = time.time() - age
    os.utime(file, (beat, beat))
    (folders[1] / f"{key(ITEM)}.0").write_text(text)


@pytest.fixture
def ended() -> Process:
    """A process of this host that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        process = replace(Process.this(), pid=child.pid, started="1")
    return process


@pytest.mark.parametrize("links", [True, False])
def test_of_many_that_claim_at_once_one_gets_it(folders, ended, links, monkeypatch):
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    for round_ in range(20):
        if round_ % 2:  # every second time there is a dead worker's claim to take over
            leave_claim(folders, ended)
        with ExitStack() as stack:
            rivals = [Claims(folders[1], stack.enter_context(Owner(folders[0]))) for _ in range(8)]
            start = threading.Barrier(8)

            def take(rival, start=start):
                start.wait()
                return rival.take(ITEM)

            with ThreadPoolExecutor(8) as pool:
                taken = [claim for claim in pool.map(take, rivals) if claim]
            assert len(taken) == 1
            assert taken[0].number == round_ % 2
            for rival in rivals:
                if rival.held:
                    rival.finish(taken[0])
        assert not list(folders[1].iterdir())


def test_what_is_released_is_free_and_what_is_held_is_not(folders):
    with Owner(folders[0]) as one, Owner(folders[0]) as two:
        mine, theirs = Claims(folders[1], one), Claims(folders[1], two)
        claim = mine.take(ITEM)
        assert claim is not None
        assert theirs.take(ITEM) is None
        assert mine.take(ITEM) is None
        mine.release_all()
        assert not list(folders[1].iterdir())
        again = theirs.take(ITEM)
        assert again is not None
        assert again.number == 0


def test_who_was_given_up_does_not_break_the_new_owners_claim(folders, monkeypatch):
    with Owner(folders[0]) as slow, Owner(folders[0]) as quick, Owner(folders[0]) as third:
        late = Claims(folders[1], slow)
        assert late.take(ITEM)
        monkeypatch.setattr(quick, "is_dead", lambda other: other == slow.name)
        assert Claims(folders[1], quick).take(ITEM)
        late.release_all()
        monkeypatch.setattr(third, "is_dead", lambda other: other == slow.name)
        assert Claims(folders[1], third).take(ITEM) is None


def test_a_dead_process_of_this_host_is_gone_at_once(folders, ended):
    leave_claim(folders, ended)
    with Owner(folders[0]) as owner:
        claim = Claims(folders[1], owner).take(ITEM)
    assert claim is not None
    assert claim.number == 1


def test_a_number_that_another_process_has_now_does_not_count(folders):
    leave_claim(folders, replace(Process.this(), started="1"))
    with Owner(folders[0]) as owner:
        assert Claims(folders[1], owner).take(ITEM)


def test_a_zombie_is_gone():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        them = replace(Process.this(), pid=process.pid, started=owners._started(process.pid))
        assert not them.is_gone()
        process.send_signal(signal.SIGKILL)
        wait_for(them.is_gone)
        assert process.wait() == -signal.SIGKILL  # only now has anybody asked how it ended


@pytest.mark.parametrize("host", ["another", owners.this_host()])
def test_who_lives_keeps_its_claim_until_the_lease_is_over(folders, host, monkeypatch):
    with Owner(folders[0]) as owner:
        leave_claim(folders, replace(Process.this(), host=host), age=owners.LEASE - 5)
        assert Claims(folders[1], owner).take(ITEM) is None
    with Owner(folders[0]) as owner:
        leave_claim(folders, replace(Process.this(), host=host), age=owners.LEASE + 5)
        assert Claims(folders[1], owner).take(ITEM)


class Quick(threading.Event):
    """An event that waits for a moment only, and remembers for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.asked.append(timeout)
        return super().wait(0.01)


def test_heartbeats_go_on_while_somebody_works(folders):
    slow = Owner(folders[0])
    slow._over = pulse = Quick()
    with slow, Owner(folders[0]) as other:
        for _ in range(3):
            long_ago = time.time() - owners.LEASE - 5
            os.utime(slow.file, (long_ago, long_ago))
            wait_for(lambda before=long_ago: slow.file.stat().st_mtime > before + owners.LEASE)
        assert not other.is_dead(slow.name)
        pulse.set()  # its heart beats no more
        slow._thread.join()
        os.utime(slow.file, (long_ago, long_ago))
        wait_for(lambda: other.is_dead(slow.name))
    assert max(pulse.asked) <= owners.LEASE / 3  # two may be late


def test_who_was_taken_for_dead_by_mistake_comes_back(folders):
    with Owner(folders[0]) as owner, Owner(folders[0]) as other:
        owner.file.unlink()  # as another tidies it up
        owner._renew()
        assert not other.is_dead(owner.name)
        assert Claims(folders[1], owner).take(ITEM)
        assert Claims(folders[1], other).take(ITEM) is None


def test_a_claim_without_a_name_is_held_for_the_lease(folders):
    claim = folders[1] / f"{key(ITEM)}.0"
    claim.touch()  # its owner is about to write its name, or was killed just then
    with Owner(folders[0]) as owner:
        assert Claims(folders[1], owner).take(ITEM) is None
        beat = time.time() - owners.LEASE - 5
        os.utime(claim, (beat, beat))
        assert Claims(folders[1], owner).take(ITEM)


def test_who_is_killed_while_it_lets_go_leaves_a_row_without_a_gap(folders, ended, monkeypatch):
    leave_claim(folders, ended)
    with Owner(folders[0]) as owner:
        claims = Claims(folders[1], owner)
        claim = claims.take(ITEM)
        assert claim is not None
        assert claim.number == 1
        unlink, done = Path.unlink, []

        def unlink_one(self: Path, missing_ok: bool = False) -> None:
            if done:
                raise KeyboardInterrupt
            done.append(self)
            unlink(self, missing_ok)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", unlink_one)
            with pytest.raises(KeyboardInterrupt):
                claims.finish(claim)
    with Owner(folders[0]) as later:
        claims = Claims(folders[1], later)
        again = claims.take(ITEM)
        assert again is not None
        claims.finish(again)
    assert not list(folders[1].iterdir())  # a claim 1 without a claim 0 would be found by nobody


def test_a_worker_that_left_in_good_order_holds_nothing(folders):
    (folders[1] / f"{key(ITEM)}.0").write_text('{"name": "0123456789ab"}')
    with Owner(folders[0]) as owner:
        assert Claims(folders[1], owner).take(ITEM)
    assert not list(folders[0].iterdir())


def test_two_containers_with_one_host_name_are_two_hosts(monkeypatch):
    here = owners.this_host()
    monkeypatch.setattr(Path, "readlink", lambda self: Path("pid:[1]"))
    assert owners.this_host() != here
