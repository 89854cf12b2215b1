"""An experiment of another process on the board: followed as it grows, whatever its folder holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.recordings import recorded
from tests.support.screen_reading import opened, read_until
from tests.support.waiting import join, wait_until
from tuimove.errors import TuimoveError
from tuimove.experiments.plan import open_experiment_folder
from tuimove.recording.folder.run_lock import LOCK
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.sources import attached_experiment
from tuimove.screen.sources.attached_experiment import FollowingThread
from tuimove.settings.sweep import load_experiment

SEEDS = (1, 2, 3)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give the folder of an experiment that this process trains, so to say."""
    preset = tmp_path / "mine.toml"
    preset.write_text(f'title = "seeds"\n[sweep]\n"training.seed" = {[*SEEDS]}')
    with open_experiment_folder(load_experiment(str(preset)), tmp_path / "x", print, is_kept=True) as opened:
        assert opened
        yield opened


def write(folder: Path, place: int, records: list[dict[str, Any]], mode: str = "a") -> None:
    path = folder / f"{place:05}" / "records.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open(mode) as stream:
        stream.writelines(f"{json.dumps(record)}\n" for record in records)


@pytest.fixture
def feed(folder: Path) -> Iterator[FollowingThread]:
    thread = FollowingThread(folder)
    thread.start()
    yield thread
    thread.stop()
    join(thread)
    assert thread.conclude() == 0


def states(feed: FollowingThread) -> list[str]:
    return [run.state for run in feed.board.runs]


def test_runs_are_followed_from_nothing_to_their_end(folder: Path, feed: FollowingThread) -> None:
    records = recorded("same-network")
    wait_until(lambda: (states(feed), feed.phase) == (["waiting"] * 3, "training"), "a beginning that has been read")
    assert [run.label for run in feed.board.runs] == [f"seed={seed}" for seed in SEEDS]
    write(folder, 0, records[:4])
    wait_until(lambda: states(feed) == ["training", "waiting", "waiting"], "states", seen=lambda: states(feed))
    assert feed.board.runs[0].epoch == records[3]["epoch"]
    write(folder, 0, records[4:])
    write(folder, 1, records)
    write(folder, 2, [*records[:-1], {**records[-1], "status": "failed", "reason": "not finite"}])
    wait_until(lambda: states(feed) == ["finished", "finished", "failed"], "states", seen=lambda: states(feed))
    assert feed.board.runs[2].reason == "not finite"
    write(folder, 2, records[:3], mode="w")  # begun anew
    wait_until(lambda: states(feed)[2] == "training", "a state", seen=lambda: states(feed))
    write(folder, 2, records[3:])
    wait_until(lambda: states(feed) == ["finished"] * 3, "states", seen=lambda: states(feed))
    (folder / LOCK).unlink()
    wait_until(lambda: feed.phase == "finished", "the end")


def test_without_its_process_runs_are_unfinished_until_somebody_goes_on(folder: Path, feed: FollowingThread) -> None:
    write(folder, 0, recorded("same-network")[:4])
    wait_until(lambda: states(feed)[0] == "training", "a state", seen=lambda: states(feed))
    lock = (folder / LOCK).read_text()
    (folder / LOCK).unlink()
    wait_until(
        lambda: (states(feed)[0], feed.phase) == ("unfinished", "gone"),
        "a state and phase",
        seen=lambda: feed.phase,
    )
    (folder / LOCK).write_text(lock)
    wait_until(
        lambda: (states(feed)[0], feed.phase) == ("training", "training"), "a state and phase", seen=lambda: feed.phase
    )


def test_before_its_past_has_been_read_no_state_is_told(folder: Path) -> None:
    write(folder, 0, recorded("same-network"))
    thread = FollowingThread(folder)
    assert (states(thread), thread.phase, thread.board.states["finished"]) == (["reading"] * 3, "reading", 0)
    thread.start()
    wait_until(lambda: thread.phase == "training", "a past that has been read")
    assert states(thread) == ["finished", "waiting", "waiting"]
    thread.stop()
    join(thread)


def test_a_process_that_died_has_gone_and_what_goes_on_with_the_runs_is_said(
    folder: Path, feed: FollowingThread
) -> None:
    """Its workers notice that nobody reads any more, and end their runs: only the lock tells that nobody wanted it."""
    assert attached_experiment.POLL_SECONDS < 1
    records = recorded("same-network")
    write(folder, 0, [*records[:4], {**records[-1], "status": "stopped"}])
    wait_until(lambda: states(feed)[0] == "stopped", "a state", seen=lambda: states(feed))
    (folder / LOCK).write_text(json.dumps({**json.loads((folder / LOCK).read_text()), "birth": "long ago"}))
    wait_until(lambda: feed.phase == "gone", "a process that has gone", seen=lambda: feed.phase)
    assert feed.remark == f"process gone; to go on: tuimove resume {folder}"


def test_an_experiment_that_was_ended_says_what_its_runs_say(folder: Path, feed: FollowingThread) -> None:
    records = recorded("same-network")
    write(folder, 0, [*records[:4], {**records[-1], "status": "interrupted"}])
    (folder / LOCK).unlink()
    wait_until(lambda: feed.phase == "interrupted", "an end", seen=lambda: feed.phase)
    assert states(feed) == ["interrupted", "waiting", "waiting"]
    assert not feed.remark


def test_the_header_says_that_the_process_has_gone(folder: Path) -> None:
    async def look() -> str:
        app = TuimoveApp(RunGrid(FollowingThread(folder), "braille", None), RunOptions(), ScreenOptions())
        async with opened(app, (80, 24)):
            write(folder, 0, recorded("same-network")[:4])
            await read_until(app, "● training elsewhere, watched")
            (folder / LOCK).unlink()
            text = await read_until(app, "∅ its process has gone")
            assert f"process gone; to go on: tuimove resume {folder}" in [note.message for note in app._notifications]
            return text

    text = asyncio.run(look())
    assert "1 unfinished" in text.splitlines()[1]


def test_what_is_no_record_and_where_nothing_is_to_be_read_does_no_harm(
    folder: Path, feed: FollowingThread, tmp_path: Path
) -> None:
    records = recorded("same-network")
    write(tmp_path, 7, records)
    (folder / "00000").symlink_to(tmp_path / "00007")
    (folder / "00001").mkdir()
    (folder / "00001" / "records.jsonl").symlink_to(tmp_path / "00007" / "records.jsonl")
    (folder / "00002").mkdir()
    (folder / "00002" / "records.jsonl").write_text("garbage\n[1]\n" + "[" * 100_000 + "\n" + '{"record":3}\n')
    write(folder, 2, records)
    wait_until(lambda: states(feed)[2] == "finished", "a state", seen=lambda: states(feed))
    assert states(feed)[1] == "waiting"
    assert not feed.trouble


@pytest.mark.parametrize("plan", ["", "[]", "{", '{"name": "x", "preset": {}, "keys": [], "runs": 3}'])
def test_what_is_no_plan_is_refused(folder: Path, plan: str) -> None:
    (folder / "experiment.json").write_text(plan)
    with pytest.raises(TuimoveError, match=r"experiment\.json: "):
        FollowingThread(folder)


def test_where_nobody_trains_it_says_what_shows_the_runs(folder: Path) -> None:
    (folder / LOCK).unlink()
    with pytest.raises(TuimoveError, match="nobody trains these runs now; `tuimove compare` shows them"):
        FollowingThread(folder)


def test_no_name_of_a_plan_steers_the_terminal(folder: Path) -> None:
    plan = json.loads((folder / "experiment.json").read_text())
    plan["runs"][0]["name"] = "\x1b[2Jseed"
    (folder / "experiment.json").write_text(json.dumps(plan))
    assert all(run.label.isprintable() for run in FollowingThread(folder).board.runs)
