"""Who works: a file a worker, with host, process and heartbeat, and who of them is gone."""

import json
import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

LEASE = 60.0  # seconds without a heartbeat after which a worker on another host is given up
BEATS = 6  # heartbeats a lease


@dataclass(frozen=True)
class Process:
    """One process: where it runs, its number there, and when it started (numbers are reused)."""

    host: str
    pid: int
    started: str

    @classmethod
    def this(cls) -> Self:
        """Return the process that runs this line."""
        return cls(this_host(), os.getpid(), _started(os.getpid()))

    def is_gone(self) -> bool:
        """Return whether the process has surely ended; of another host nobody can say."""
        if self.host != this_host() or os.name != "posix":
            return False
        return _started(self.pid) != self.started


def this_host() -> str:
    """Return what names this machine since its last start, and the container we are in.

    Two containers may have the same host name while each numbers its own processes.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return socket.gethostname()


def _started(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; "" where there is no such process."""
    try:
        # After the name, which may hold spaces: state, …, and 19 fields on the start time.
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _running(pid)
    return "" if state in "ZX" else fields[18]  # a zombie has ended


def _running(pid: int) -> str:
    """Return "running" or "", for a POSIX system without /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "running"


class Owner:
    """This worker among the others of a job; a thread renews its heartbeat.

    The heartbeat is the modification time of the worker's file. Ages are differences between
    two such times in one folder, so that on a network filesystem its server's clock counts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = uuid.uuid4().hex[:12]
        self.file = folder / f"{self.name}.json"
        self.text = json.dumps({"name": self.name, "process": asdict(Process.this())})
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._known: dict[str, tuple[float, bool]] = {}

    def __enter__(self) -> Self:
        self._write()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.file.unlink(missing_ok=True)

    def is_dead(self, other: str) -> bool:
        """Return whether a worker, given by name, has ended or missed its heartbeats.

        The answer is asked for again after half a second.
        """
        asked, dead = self._known.get(other, (-1.0, False))
        if asked < 0 or (not dead and time.monotonic() - asked > 0.5):
            dead = other != self.name and self._ended(self.folder / f"{other}.json")
            self._known[other] = time.monotonic(), dead
        return dead

    def others(self) -> list[str]:
        """Return the names of the other workers that have a file here."""
        return [file.stem for file in self.folder.glob("*.json") if file.stem != self.name]

    def is_over(self, written: float) -> bool:
        """Return whether a file written at this time is older than the lease."""
        self._renew()
        try:
            return self.file.stat().st_mtime - written > LEASE
        except FileNotFoundError:
            return False

    def _ended(self, file: Path) -> bool:
        try:
            with file.open() as opened:  # opening asks a network filesystem for fresh times
                beat = os.fstat(opened.fileno()).st_mtime
                process = Process(**json.load(opened)["process"])
        except FileNotFoundError:
            return True  # it has left in good order
        return process.is_gone() or self.is_over(beat)

    def _renew(self) -> None:
        try:
            os.utime(self.file)
        except FileNotFoundError:  # we slept for so long that another took us for dead
            with suppress(FileNotFoundError):  # nor is there a record any more
                self._write()

    def _write(self) -> None:
        temporary = self.folder / f".{self.name}.{threading.get_ident()}.part"
        temporary.write_text(self.text)
        temporary.replace(self.file)

    def _beat(self) -> None:
        while not self._over.wait(LEASE / BEATS):
            self._renew()
