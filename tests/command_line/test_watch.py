"""Which run `tuimove watch` attaches to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.support.foreign_runs import write_lines
from tests.support.in_process import InProcess
from tests.support.loop_runs import write_loop
from tests.support.recordings import recorded
from tuimove.recording.folder.run_lock import LOCK, RunLock
from tuimove.recording.folder.store import make_runs_folder


def begun(lock: Callable[[Path], RunLock], folder: Path, at: int) -> RunLock:
    """Have a run's folder held since a time."""
    held = lock(folder)
    os.utime(folder / LOCK, (at, at))
    return held


def test_without_a_living_run_one_line_says_what_to_do(in_process: InProcess, opened: list[Path]) -> None:
    write_loop(make_runs_folder() / "ended-20260101T000000-abcdef", 1, 3)
    done = in_process("watch")
    assert done.returncode == 2
    assert done.stderr == (
        "tuimove: error: no run goes on here now: `tuimove runs` lists those that have ended, "
        "`tuimove run PRESET` begins one\n"
    )
    assert opened == []


def test_the_only_living_run_is_shown(in_process: InProcess, opened: list[Path]) -> None:
    folder = write_loop(make_runs_folder() / "loop-20260101T000000-abcdef", 1, 3)
    write_loop(make_runs_folder() / "ended-20260202T000000-abcdef", 1, 3)
    lock = RunLock(folder)
    assert in_process("watch").returncode == 0
    assert opened == [folder]
    lock.release()


def test_of_two_living_runs_the_one_that_began_last_is_shown(in_process: InProcess, opened: list[Path]) -> None:
    older = write_loop(make_runs_folder() / "z-20260101T000000-abcdef", 1, 3)
    newer = write_loop(make_runs_folder() / "a-20260102T000000-abcdef", 1, 3)
    locks = [begun(RunLock, older, 1000), begun(RunLock, newer, 2000)]
    assert in_process("watch").returncode == 0
    assert opened == [newer]
    for lock in locks:
        lock.release()


def test_a_run_of_ours_is_attached_to_as_attach_does(in_process: InProcess, opened: list[Path]) -> None:
    folder = write_lines(make_runs_folder() / "own-20260101T000000-abcdef", recorded("quick-look"))
    lock = RunLock(folder)
    done = in_process("watch")
    assert "its process doesn't listen" in done.stderr
    assert opened == []
    lock.release()
