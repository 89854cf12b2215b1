"""Leaving a run that trains: confirmed, or stopped by Ctrl-Z and brought back; and what its data are said to be.

From reports of comparable programs, tried on this one: W14 (Ctrl-Z), "seen" 11 (a shell line typed into the dashboard's
pane left the run and started another preset), and W7 and W8 as they show in a dashboard.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from textual import events

from tests.conftest import random_digits, write_idx_folder
from tests.support import waiting
from tests.support.key_bursts import type_at_once
from tests.support.screen_reading import RUN, SIZES, Watching, measurement, screen_text, trained_runs, watch
from tests.support.terminal import TUIMOVE, Terminal
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.store import runs_folder
from tuimove.runs.run_options import RunOptions
from tuimove.screen import app as application
from tuimove.screen import leaving
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.header_lines import format_left
from tuimove.screen.drawing.symbols import ASCII_STATE_SYMBOLS, STATE_SYMBOLS
from tuimove.screen.job_control import has_job_control
from tuimove.screen.leave_question import LeaveQuestion
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.picker import Picker
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import DataKeys, Preset, TrainingKeys
from tuimove.settings.preset_reading import load_preset


def notes(watching: Watching) -> list[str]:
    return [note.message for note in watching.app._notifications]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_idx_folder(tmp_path / "data", random_digits(40, (4, 3), 3))


@pytest.fixture
def _training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every run train, as far as anybody can tell, until it is stopped, and be old enough to be asked about."""
    monkeypatch.setattr(TrainingThread, "is_alive", lambda self: self.controls.stop_reason is None)
    monkeypatch.setattr(leaving, "YOUNG_SECONDS", 0.0)


async def until(watching: Watching, holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        await watching.read()
    raise AssertionError(screen_text(watching.app))


def keep(watching: Watching, folder: Path) -> None:
    """Have the run be kept in a folder, as far as anybody can tell."""
    watching.worker.out = folder


@pytest.mark.usefixtures("_training")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["q", "p", "r", "f", "ctrl+c"])
def test_every_key_that_ends_a_run_asks_and_another_key_stays(key: str, size: tuple[int, int], tmp_path: Path) -> None:
    async def body(watching: Watching) -> None:
        keep(watching, tmp_path)
        text = await watching.press(key)
        for words in ("This run trains here:", "S      stop it", "go on in the background", "stay"):
            assert words in text, text
        for other in ("s", "enter", "space", "escape"):
            text = await watching.press(other)
            assert "This run trains here" not in text
            assert isinstance(watching.app.screen, Dashboard)
            assert watching.worker.controls.stop_reason is None
            await watching.press(key)

    watch(body, size)


@pytest.mark.usefixtures("_training")
@pytest.mark.parametrize(("key", "screen"), [("p", Picker), ("r", Dashboard), ("f", Dashboard)])
def test_a_capital_s_stops_the_run(key: str, screen: type) -> None:
    async def body(watching: Watching) -> None:
        worker = watching.worker
        await watching.press(key, "S")
        assert isinstance(watching.app.screen, screen)
        assert worker.controls.stop_reason == "stopped"
        assert len(watching.app.begun) == (2 if key == "r" else 1)

    watch(body)


@pytest.mark.usefixtures("_training")
@pytest.mark.parametrize("keys", [("q", "q"), ("ctrl+c", "ctrl+c"), ("q", "b")])
def test_a_second_q_leaves_the_run_to_the_background(keys: tuple[str, ...], tmp_path: Path) -> None:
    async def run() -> None:
        app = TuimoveApp(load_preset("same-network"), RunOptions(), ScreenOptions())
        async with app.run_test():
            (worker,) = trained_runs(app)
            worker.out = tmp_path
            type_at_once(app, *keys[:1])
            await waiting.until(lambda: isinstance(app.screen, LeaveQuestion), "the question")
            type_at_once(app, *keys[1:])
            await waiting.until(lambda: app._exit, "the end")
        assert worker.controls.stop_reason == "detached"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingThread, "start", lambda _: None)
        asyncio.run(run())


@pytest.mark.usefixtures("_training")
def test_a_terminal_that_goes_once_q_has_stopped_a_run_leaves_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str | None] = []
    monkeypatch.setattr(leaving, "YOUNG_SECONDS", 60.0)

    async def body(watching: Watching) -> None:
        monkeypatch.setattr(watching.app, "exit", lambda: stopped.append(watching.worker.controls.stop_reason))
        await watching.press("q")
        watching.worker.stop("detached")  # as the end of the terminal does
        assert stopped == [watching.worker.controls.stop_reason] == ["stopped"]

    watch(body)


@pytest.mark.usefixtures("_training")
def test_picking_another_preset_can_leave_the_run_to_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[TrainingThread] = []
    monkeypatch.setattr(TrainingThread, "hand_over", lambda self, _: handed.append(self))
    monkeypatch.setattr(TrainingThread, "join", lambda *_: None)

    async def body(watching: Watching) -> None:
        keep(watching, tmp_path)
        worker = watching.worker
        await watching.press("p", "b")
        assert isinstance(watching.app.screen, Picker)
        await until(watching, lambda: handed == [worker])
        assert worker.controls.stop_reason == "detached"

    watch(body)


@pytest.mark.usefixtures("_training")
def test_what_is_not_kept_is_stopped_or_stayed_with() -> None:
    async def body(watching: Watching) -> None:
        text = await watching.press("q")
        assert "It isn't kept, so it can't go on in the background." in text
        assert "go on in the background\n" not in text
        assert "b q" not in text
        for key in ("q", "b"):
            assert "This run trains here" not in await watching.press(key)
            assert isinstance(watching.app.screen, Dashboard)
            assert watching.worker.controls.stop_reason is None
            await watching.press("q")

    watch(body, worker=RunOptions(is_kept=False))


@pytest.mark.usefixtures("_training")
def test_text_pasted_into_the_question_is_no_answer() -> None:
    async def body(watching: Watching) -> None:
        await watching.press("q")
        watching.app.post_message(events.Paste("Sbq"))
        assert "This run trains here" in await watching.read()
        assert watching.worker.controls.stop_reason is None

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_run_of_a_few_seconds_is_left_without_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "YOUNG_SECONDS", waiting.PATIENCE)

    async def body(watching: Watching) -> None:
        await watching.press("p")
        assert isinstance(watching.app.screen, Picker)

    watch(body)


@pytest.mark.usefixtures("_training")
def test_ctrl_q_does_nothing() -> None:
    async def body(watching: Watching) -> None:
        await watching.press("ctrl+q")
        assert isinstance(watching.app.screen, Dashboard)
        assert watching.worker.controls.stop_reason is None

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_shell_line_typed_into_the_dashboard_starts_nothing() -> None:
    async def body(watching: Watching) -> None:
        for line in ("pip install x", "ls -p", "tmux split", "grep -r x .", "python x.py", "g++ x.cpp", "cat error",
                     "qstat", "fg", "squeue -u me"):  # fmt: skip
            keys = [{" ": "space", "-": "minus", ".": "full_stop", "+": "plus"}.get(sign, sign) for sign in line]
            await watching.press(*keys, "enter")
            assert len(watching.app.begun) == 1, line
            assert isinstance(watching.app.screen, Dashboard), line

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_run_is_trained_with_another_seed_only_when_that_is_meant() -> None:
    async def body(watching: Watching) -> None:
        await watching.press("r")
        assert len(watching.app.begun) == 1
        await watching.press("S")
        assert len(watching.app.begun) == 2

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_run_that_has_ended_is_left_at_once() -> None:
    async def body(watching: Watching) -> None:
        watching.app.stop_runs()
        await watching.press("p")
        assert isinstance(watching.app.screen, Picker)

    watch(body)


def test_without_a_shell_ctrl_z_says_what_leaves_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "has_job_control", lambda: False)

    async def body(watching: Watching) -> None:
        await watching.press("ctrl+z")
        words = "no shell here could bring it back; d leaves the run to the background"
        await until(watching, lambda: notes(watching) == [words])

    watch(body)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs a shell with job control")
@pytest.mark.parametrize("around", ["{}", "sh -c '{}; echo after'"])
def test_ctrl_z_stops_the_program_and_fg_brings_the_screen_back(tmp_path: Path, data: Path, around: str) -> None:
    shell = Terminal(["bash", "--norc", "-i"], tmp_path, PS1="ready> ")
    command = [*TUIMOVE, "run", "quick-look", "--no-store", "--data", str(data), "--set",
               f"training.epochs={10**9}"]  # fmt: skip
    try:
        shell.press(around.format(" ".join(command)) + "\r")
        shell.read_words("W1 distance")
        (job,) = psutil.Process(shell.process.pid).children()
        before = len(shell.output)
        shell.press("\x1a")
        shell.read_words("Stopped", before)
        assert b"\x1b[?1049l" in shell.output[before : shell.output.index(b"Stopped", before)]  # the usual screen
        assert {one.status() for one in (job, *job.children(recursive=True))} == {psutil.STATUS_STOPPED}
        before = len(shell.output)
        shell.press("fg\r")
        shell.read_words("\x1b[?1049h", before)
        shell.read_words("W1 distance", before)
        before = len(shell.output)
        shell.stop_run(b"ready> ")
        shell.read_words("ready> ", before)
        shell.press("exit\r")
        shell.wait()
    finally:
        shell.close()


def test_a_process_without_a_shell_around_has_no_job_control(tmp_path: Path) -> None:
    script = "from tuimove.screen.job_control import has_job_control; print(has_job_control())"
    alone = Terminal([TUIMOVE[0], "-c", script], tmp_path)
    try:
        alone.read_words("False")
        alone.wait()
    finally:
        alone.close()
    assert isinstance(has_job_control(), bool)


@pytest.mark.usefixtures("unhurried")
def test_what_is_odd_about_the_data_is_said_in_the_dashboard(tmp_path: Path) -> None:
    digits = random_digits(40, (4, 3), 3)
    object.__setattr__(digits, "train_labels", (digits.train_labels + 1).astype(np.uint8))
    object.__setattr__(digits, "train_images", (digits.train_images > 0).astype(np.uint8))
    folder = write_idx_folder(tmp_path / "data", digits)
    preset = Preset("odd", training=TrainingKeys(epochs=10**9), data=DataKeys(str(folder)))

    async def body(watching: Watching) -> None:
        watching.worker.controls.pause()
        await until(watching, lambda: "(2 more: M)" in " ".join(notes(watching)))
        said = " ".join(message.words for message in watching.app.messages)
        for words in ("no training image has class 0", "pixels reach 1 of 255", "scaled differently"):
            assert words in said
        watching.app.stop_runs()
        watching.worker.join(20)

    watch(body, preset=preset, worker=RunOptions(is_kept=False), trains=True)


def test_what_the_command_line_has_to_say_is_said_of_the_first_run_only() -> None:
    async def body(watching: Watching) -> None:
        assert watching.app._options_of_run().notices == ()

    watch(body, worker=RunOptions(notices=("notice: x",)))


@pytest.mark.usefixtures("_training")
def test_a_restarted_run_is_seen_as_the_one_before() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *(measurement(epoch) for epoch in range(0, 101, 10)))
        await watching.press("m", "v", "a", "x")
        await watching.press("r", "S")
        text = await watching.tell(RUN, *(measurement(epoch) for epoch in range(0, 101, 10)))
        assert "b1 norm" in text
        assert watching.dashboard._quantity.column == "norm"
        assert watching.dashboard.query_one(Chart)._view.log_x

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_run_that_is_being_left_is_not_listed_among_those_that_go_on() -> None:
    async def body(watching: Watching) -> None:
        folder = runs_folder() / "mine"
        folder.mkdir(parents=True)
        keep(watching, folder)
        lock = RunLock(folder)
        assert "● mine" not in await watching.press("p", "S")
        lock.release()

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_key_that_does_not_belong_to_the_help_closes_it_and_acts() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *(measurement(epoch) for epoch in range(0, 101, 10)))
        await watching.press("question_mark", "v")
        text = await watching.read()
        assert isinstance(watching.app.screen, Dashboard)
        assert "W1 norm" in text
        assert watching.dashboard._quantity.column == "norm"

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_quantity_of_the_whole_network_has_no_lines_for_matrices_and_that_is_said() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *(measurement(epoch) for epoch in range(0, 101, 10)))
        await watching.press("v", "v", "a")
        assert notes(watching) == ["this quantity is of the whole network, not of each matrix"]
        assert "Distance of W1" not in await watching.press("V", "V")

    watch(body)


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s left"), (119, "119 s left"), (1889, "31 min left"),
                                                (9000, "2 h left"), (400_000, "5 d left")])  # fmt: skip
def test_what_is_left_is_said_in_one_unit(seconds: float, words: str) -> None:
    assert format_left(seconds) == words


def test_every_state_has_a_sign_of_its_own() -> None:
    for signs in (STATE_SYMBOLS, ASCII_STATE_SYMBOLS):
        shown = [signs[state] for state in ("training", "playing", "paused", "finished", "failed", "stopped",
                                            "interrupted", "unfinished", "waiting", "loading", "gone",
                                            "silent")]  # fmt: skip
        assert len({*shown}) == len(shown)
    assert all(sign.isascii() for sign in ASCII_STATE_SYMBOLS.values())
