"""The dashboard over a training loop of another process, whose lock this process holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.screen.test_attached_run import until
from tests.support.loop_runs import look, parameters, write_loop
from tests.support.screen_reading import Watching, opened
from tests.support.waiting import join
from tuimove.errors import DataError
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.stop_request import STOP
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.attaching import attached_screen
from tuimove.screen.one_run.attached import AttachedLoop
from tuimove.screen.sources import watched_loop


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a loop with 14 matrices; its last look is at step 11."""
    monkeypatch.setattr(watched_loop, "LOOK_SECONDS", 0.0)
    return write_loop(tmp_path / "run", 1, 12)


def attach(folder: Path, body: Callable[[Watching], Awaitable[None]], size: tuple[int, int] = (120, 40)) -> None:
    async def run() -> None:
        screen = attached_screen(folder, "braille", None)
        assert isinstance(screen, AttachedLoop)
        app = TuimoveApp(screen, RunOptions(), ScreenOptions())
        async with opened(app, size) as pilot:
            watching = Watching(app, pilot)
            await until(lambda: len(watching.dashboard.state.history) == 12, watching)
            await body(watching)
        join(screen.source)  # type: ignore[arg-type]

    asyncio.run(run())


def add(folder: Path, *records: dict[str, object]) -> None:
    with (folder / "records.jsonl").open("a") as stream:
        stream.writelines(f"{json.dumps(record)}\n" for record in records)


def test_a_loop_is_followed_and_trains_while_its_process_holds_the_folder(folder: Path) -> None:
    lock = RunLock(folder)

    async def body(watching: Watching) -> None:
        assert "● training" in (text := await watching.read())
        assert "ask it to stop" in text.splitlines()[-1]
        add(folder, look(parameters(1), 12))
        text = await until(lambda: len(watching.dashboard.state.history) == 13, watching)
        assert "step 12" in text
        assert "100.0 steps/s" in text
        lock.release()
        watching.dashboard.poll()
        assert "◌ unfinished" in (text := await watching.read())
        assert "ask it to stop" not in text.splitlines()[-1]

    attach(folder, body)


def test_a_key_asks_the_loop_to_stop_and_says_that_it_decides(folder: Path) -> None:
    lock = RunLock(folder)

    async def body(watching: Watching) -> None:
        assert not (folder / STOP).exists()
        assert "asked the loop to stop; it decides" in await watching.press("f")
        assert (folder / STOP).exists()
        add(folder, {"record": "end", "run": "nanoGPT", "status": "stopped", "epochs": 11, "seconds": 0.2})
        text = await until(lambda: watching.dashboard.source.end is not None, watching)
        assert "stopped" in text
        assert "nobody trains this run now" in await watching.press("f")

    attach(folder, body)
    lock.release()


def test_what_a_loop_can_t_be_asked_for_is_neither_a_key_nor_in_the_help(folder: Path) -> None:
    lock = RunLock(folder)

    async def body(watching: Watching) -> None:
        text = await watching.read()
        assert "f ask it to stop" in text.splitlines()[-1]
        assert "pause" not in text
        text = await watching.press("question_mark")
        assert "ask the loop to stop" in text
        for absent in (
            "pause",
            "one epoch",
            "halve",
            "write the weights",
            "another seed",
            "end the run now",
            "background",
        ):
            assert absent not in text

    attach(folder, body, (110, 90))
    lock.release()


def test_a_key_that_a_loop_doesn_t_heed_says_why(folder: Path) -> None:
    lock = RunLock(folder)

    async def body(watching: Watching) -> None:
        for key in ("space", "e", "left_square_bracket", "w"):
            assert "a training loop can only be asked to stop: f" in (await watching.press(key)).splitlines()[-1]
        assert "only the screen that trains a run can restart it" in (await watching.press("r")).splitlines()[-1]
        lock.release()
        await until(lambda: watching.dashboard.source.phase == "unfinished", watching)
        assert "nobody trains this run now" in await watching.press("space")

    attach(folder, body)


def test_a_loop_that_has_gone_is_told_without_the_advice_to_resume_it(folder: Path) -> None:
    with pytest.raises(DataError, match=r"nobody trains this run now; tuimove replay shows it$"):
        attached_screen(folder, "braille", None)
