"""The lock of a run folder: one holder, named to the others; taken over from a process that is gone."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.processes import run
from tuimove.errors import TuimoveError
from tuimove.recording.folder.run_lock import LOCK, RunLock, living_holder, process_birth, read_holder


def test_a_second_process_is_refused_by_the_name_of_the_first(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    script = (
        "import sys, pathlib; from tuimove.recording.folder.run_lock import RunLock; RunLock(pathlib.Path(sys.argv[1]))"
    )
    second = run([sys.executable, "-c", script, tmp_path])
    assert f"process {os.getpid()} is writing there" in second.stderr
    lock.release()
    assert not (tmp_path / LOCK).exists()
    assert run([sys.executable, "-c", script, tmp_path]).returncode == 0


def test_the_lock_of_a_process_that_is_gone_is_taken_over(tmp_path: Path) -> None:
    gone = run([sys.executable, "-c", "import os; print(os.getpid())"])
    holder = {"pid": int(gone.stdout), "host": os.uname().nodename, "birth": "x", "token": "t"}
    (tmp_path / LOCK).write_text(json.dumps(holder))
    assert living_holder(tmp_path) is None
    lock = RunLock(tmp_path)
    assert (found := read_holder(tmp_path / LOCK))
    assert found.pid == os.getpid()
    lock.release()


def test_a_number_given_to_another_process_later_is_told_apart(tmp_path: Path) -> None:
    holder = {"pid": os.getpid(), "host": os.uname().nodename, "birth": "another boot+1", "token": "t"}
    (tmp_path / LOCK).write_text(json.dumps(holder))
    assert living_holder(tmp_path) is None
    assert process_birth(os.getpid()) == process_birth(os.getpid()) != ""
    assert process_birth(2**30) == ""


def test_the_lock_of_another_machine_is_respected_and_how_to_lift_it_said(tmp_path: Path) -> None:
    holder = {"pid": 1, "host": "elsewhere", "birth": "x", "token": "t"}
    (tmp_path / LOCK).write_text(json.dumps(holder))
    with pytest.raises(
        TuimoveError, match=r"process 1 on elsewhere is writing there; if that machine .* remove .*lock"
    ):
        RunLock(tmp_path)


def test_a_lock_that_says_nothing_sensible_is_taken_over_once_it_is_old(tmp_path: Path) -> None:
    for content in (b"", b"\xff", b"[]", b'{"pid": "a"}', b'{"pid": -1, "host": "a", "birth": "b", "token": "c"}'):
        (tmp_path / LOCK).write_bytes(content)
        os.utime(tmp_path / LOCK, (time.time() - 60,) * 2)
        RunLock(tmp_path).release()


def try_lock(folder: Path) -> RunLock | None:
    try:
        return RunLock(folder)
    except TuimoveError:
        return None


def test_of_many_that_find_a_stale_lock_one_gets_it(tmp_path: Path) -> None:
    holder = {"pid": 2**22 + 1, "host": os.uname().nodename, "birth": "x", "token": "t"}
    for _ in range(20):
        (tmp_path / LOCK).write_text(json.dumps(holder))
        with ThreadPoolExecutor(4) as pool:
            taken = [lock for lock in pool.map(lambda _: try_lock(tmp_path), range(4)) if lock]
        assert len(taken) == 1
        taken[0].release()
    assert list(tmp_path.iterdir()) == []


def test_one_that_died_while_taking_over_is_taken_over_too(tmp_path: Path) -> None:
    """Two that are gone: one had the lock, the other the right to replace it; whatever their tokens say."""
    gone = {"pid": 2**22 + 1, "host": os.uname().nodename, "birth": "x"}
    (tmp_path / LOCK).write_text(json.dumps({**gone, "token": "../../first"}))
    claim = f"{LOCK}-after-{hashlib.sha256(b'../../first').hexdigest()[:8]}"
    (tmp_path / claim).write_text(json.dumps({**gone, "token": "second"}))
    with ThreadPoolExecutor(4) as pool:
        taken = [lock for lock in pool.map(lambda _: try_lock(tmp_path), range(8)) if lock]
    assert len(taken) == 1
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]
    taken[0].release()
