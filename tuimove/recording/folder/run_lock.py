"""The lock of a run folder: a file that names the process which writes there, created so that only one can.

It relies only on creating a file that must not exist yet, which works on network file systems too. The lock of an ended
process is replaced; one of another machine can't be checked from here and is respected.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tuimove.errors import DataError, OutputError, TuimoveError
from tuimove.recording.folder.store import run_name
from tuimove.recording.reading.json_table import json_table
from tuimove.settings.files import open_regular, reason_of, shown_path

LOCK = "lock"
MOST_BYTES = 4096
GRACE_SECONDS = 5.0
"""Seconds for which an empty lock counts as one that is being written."""
WAIT_SECONDS = 0.05
"""Seconds between two attempts while another process is creating or releasing the lock."""
FORBIDDING = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Numbers of the errors that say that a user may not write somewhere."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Holder:
    """The process that a lock names."""

    pid: int
    host: str
    birth: str
    """Start of the process, which distinguishes it from a later one with the same number; see `process_birth`."""
    token: str
    """Random text that distinguishes this lock from any other."""

    @property
    def is_here(self) -> bool:
        """Whether the process belongs to this machine."""
        return self.host == socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs; True for one of another machine, which can't be checked."""
        return not self.is_here or process_birth(self.pid) == self.birth

    def __str__(self) -> str:
        return f"process {self.pid}" if self.is_here else f"process {self.pid} on {self.host}"


def process_birth(pid: int) -> str:
    """Return when a process started, independent of clock changes where the system allows; empty for no process.

    On Linux that is the boot's id and the ticks since then.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        if BOOT_ID.exists():
            ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
            return f"{BOOT_ID.read_text().strip()}+{ticks}"
        return f"{process.create_time():.0f}"
    except (psutil.Error, OSError, ValueError, IndexError, OverflowError):
        return ""


def read_holder(path: Path) -> Holder | None:
    """Return the process that a lock file names; None where the file is missing or invalid."""
    try:
        with open_regular(path) as stream:
            table = json_table(stream.read(MOST_BYTES)) or {}
        holder = Holder(int(table["pid"]), str(table["host"]), str(table["birth"]), str(table["token"]))
    except (DataError, OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return holder if holder.pid > 0 and holder.host.isprintable() and holder.birth else None


def living_holder(folder: Path) -> Holder | None:
    """Return the process that holds a folder's lock and runs, None where there is none."""
    holder = read_holder(folder / LOCK)
    return holder if holder is not None and holder.is_alive else None


def is_trained_here(folder: Path) -> bool:
    """Return whether a process of this machine holds a folder's lock."""
    holder = living_holder(folder)
    return holder is not None and holder.is_here


def require_ended(folder: Path) -> None:
    """Raise a TuimoveError, with what to do instead, where a process of this machine holds a folder's lock."""
    holder = living_holder(folder)
    if holder is not None and holder.is_here:
        raise TuimoveError(
            f"{shown_path(folder)}: {holder} is writing there; tuimove attach {run_name(folder)} shows it"
        )


class RunLock:
    """A folder's lock, held from its creation until it is released."""

    def __init__(self, folder: Path) -> None:
        """Acquire the lock of an existing folder.

        Raises
        ------
        TuimoveError
            When another process holds the lock; the message names it.
        OSError
            When the folder can't be written.
        """
        self._path = folder / LOCK
        self._holder = Holder(os.getpid(), socket.gethostname(), process_birth(os.getpid()), secrets.token_hex(8))
        while not self._try_acquire(self._path):
            pass

    def _try_acquire(self, path: Path) -> bool:
        """Create the lock, or replace a stale one; False: try again."""
        if self._create(path):
            return True
        holder = read_holder(path)
        if holder is not None and holder.is_alive and path == self._path:
            raise TuimoveError(f"{shown_path(path.parent)}: {holder} is writing there{_advice(holder, path)}")
        if _is_fresh(path) if holder is None else holder.is_alive:
            time.sleep(WAIT_SECONDS)
            return False
        return self._replace_stale(path, holder)

    def _replace_stale(self, path: Path, stale: Holder | None) -> bool:
        """Replace a stale lock.

        First create a claim file that is named after the stale lock's token: only one process can. Then read the lock
        again, and only if it is still the stale one, rename the claim over it, which is atomic.
        """
        claim = path.with_name(f"{path.name}-after-{_digest(stale)}")
        if not self._try_acquire(claim):
            return False
        if not os.path.lexists(path) or read_holder(path) != stale:
            claim.unlink()
            return False
        claim.rename(path)
        return True

    def _create(self, path: Path) -> bool:
        """Create the file with its content in one atomic step; return False where it exists already."""
        prepared = self._path.with_name(f"{LOCK}-{self._holder.token}")
        content = json.dumps(asdict(self._holder))
        try:
            prepared.write_text(content, encoding="utf-8")
            os.link(prepared, path)
        except FileExistsError:
            return False
        except PermissionError:  # a file system without links: the name first, its content a moment later
            return self._create_plainly(path, content)
        finally:
            prepared.unlink(missing_ok=True)
        return True

    def _create_plainly(self, path: Path, content: str) -> bool:
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(content)
        except FileExistsError:
            return False
        return True

    @property
    def is_held(self) -> bool:
        """Whether this process still holds the lock: it was neither released nor replaced."""
        holder = read_holder(self._path)
        return holder is not None and holder.token == self._holder.token

    def release(self) -> None:
        """Remove the lock, unless another process has replaced it."""
        if self.is_held:
            with suppress(OSError):
                self._path.unlink()


def locked(folder: Path) -> RunLock:
    """Return the lock of an existing folder.

    Raises
    ------
    TuimoveError
        When another process holds it, or it can't be written there: a DataError where that isn't allowed, an
        OutputError where there is no room or the disk fails.
    """
    try:
        return RunLock(folder)
    except OSError as error:
        kind = DataError if error.errno in FORBIDDING else OutputError
        raise kind(f"{shown_path(folder)}: its lock can't be written there: {reason_of(error)}") from None


def release_own(folder: Path) -> None:
    """Release a folder's lock where another thread of this process holds it, which must then write nothing there."""
    holder = living_holder(folder)
    if holder is not None and holder.is_here and holder.pid == os.getpid():
        with suppress(OSError):
            (folder / LOCK).unlink()


def _digest(holder: Holder | None) -> str:
    return hashlib.sha256(holder.token.encode(errors="replace") if holder else b"").hexdigest()[:8]


def _is_fresh(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime < GRACE_SECONDS
    except OSError:
        return False


def _advice(holder: Holder, path: Path) -> str:
    return "" if holder.is_here else f"; if that machine no longer does, remove {shown_path(path)}"
