"""Which run `tuimove attach` shows where several have a name that begins alike."""

from __future__ import annotations

from pathlib import Path

from tests.support.in_process import InProcess
from tests.support.loop_runs import write_loop
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.store import make_runs_folder


def kept_run(name: str) -> Path:
    return write_loop(make_runs_folder() / name, 1, 3)


def test_of_several_runs_the_one_that_is_alive_is_attached_to(in_process: InProcess, opened: list[Path]) -> None:
    kept_run("loop-20260101T000000-aaaaaa")
    living = kept_run("loop-20260102T000000-bbbbbb")
    kept_run("loop-20260103T000000-cccccc")
    lock = RunLock(living)
    assert in_process("attach", "loop").returncode == 0
    assert opened == [living]
    lock.release()


def test_only_runs_that_are_alive_are_to_choose_from(in_process: InProcess, opened: list[Path]) -> None:
    kept_run("loop-20260101T000000-aaaaaa")
    locks = [RunLock(kept_run(f"loop-2026010{day}T000000-bbbbbb")) for day in (2, 3)]
    done = in_process("attach", "loop")
    assert done.returncode == 2
    ids = "loop-20260102T000000-bbbbbb, loop-20260103T000000-bbbbbb"
    assert f"'loop': stands for 2 runs, the newest last: {ids}" in done.stderr
    assert opened == []
    for lock in locks:
        lock.release()


def test_where_none_is_alive_that_is_said_in_place_of_a_question(in_process: InProcess, opened: list[Path]) -> None:
    for day in (1, 2):
        kept_run(f"loop-2026010{day}T000000-aaaaaa")
    done = in_process("attach", "loop")
    assert done.returncode == 2
    assert "'loop': stands for 2 runs, and none of them goes on now; tuimove runs lists them" in done.stderr
    assert opened == []


def test_a_whole_id_means_that_run_alive_or_not(in_process: InProcess, opened: list[Path]) -> None:
    kept_run("loop")
    lock = RunLock(kept_run("loop-20260102T000000-bbbbbb"))
    done = in_process("attach", "loop")
    assert "nobody trains this run now" in done.stderr
    assert opened == []
    lock.release()
