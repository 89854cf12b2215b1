"""Leaving a run that trains: confirmed, or stopped by Ctrl-Z and brought back; and what its data are said to be.

From reports of comparable programs, tried on this one: W14 (Ctrl-Z), "seen" 11 (a shell line typed into the dashboard's
pane left the run and started another preset), and W7 and W8 as they show in a dashboard.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.conftest import random_digits, write_idx_folder
from tests.support.screen_reading import Watching, screen_text, watch
from tests.support.terminal import TUIMOVE, Terminal
from tuimove.runs.run_options import RunOptions
from tuimove.screen import app as application
from tuimove.screen.job_control import has_job_control
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.picker import Picker
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import DataKeys, Preset, TrainingKeys

NOTED = "Y to leave the run and pick another preset"


def notes(watching: Watching) -> list[str]:
    return [note.message for note in watching.app._notifications]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_idx_folder(tmp_path / "data", random_digits(40, (4, 3), 3))


@pytest.fixture
def _training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every run train, as far as anybody can tell, until it is stopped."""
    monkeypatch.setattr(TrainingThread, "is_alive", lambda self: self.controls.stop_reason is None)


async def until(watching: Watching, holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        await watching.read()
    raise AssertionError(screen_text(watching.app))


@pytest.mark.usefixtures("_training")
def test_one_p_while_a_run_trains_asks_and_leaves_nothing() -> None:
    async def body(watching: Watching) -> None:
        await watching.press("p")
        assert isinstance(watching.app.screen, Dashboard)
        await until(watching, lambda: notes(watching) == [NOTED])
        assert watching.worker.controls.stop_reason is None
        await watching.press("Y")
        assert isinstance(watching.app.screen, Picker)
        assert watching.worker.controls.stop_reason == "stopped"

    watch(body)


@pytest.mark.usefixtures("_training")
def test_another_key_is_a_no() -> None:
    async def body(watching: Watching) -> None:
        for key in ("x", "p", "r", "space", "enter", "y"):
            await watching.press("p", key, "x", "Y")
            assert isinstance(watching.app.screen, Dashboard), key
            assert watching.worker.controls.stop_reason is None


@pytest.mark.usefixtures("_training")
def test_a_yes_without_a_question_or_long_after_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(watching: Watching) -> None:
        await watching.press("Y")
        monkeypatch.setattr(application, "QUESTION_SECONDS", 0.0)
        await watching.press("p", "Y")
        assert isinstance(watching.app.screen, Dashboard)
        assert watching.worker.controls.stop_reason is None

    watch(body)


@pytest.mark.usefixtures("_training")
def test_a_shell_line_typed_into_the_dashboard_starts_nothing() -> None:
    async def body(watching: Watching) -> None:
        for line in ("pip install x", "ls -p", "tmux split", "grep -r x .", "python x.py", "g++ x.cpp", "cat error"):
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
        await watching.press("Y")
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
        shell.press("q")
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
        await until(watching, lambda: len(notes(watching)) >= 3)
        said = " ".join(notes(watching))
        for words in ("no training image has class 0", "pixels reach 1 of 255", "scaled differently"):
            assert words in said
        watching.app.stop_runs()
        watching.worker.join(20)

    watch(body, preset=preset, worker=RunOptions(is_kept=False), trains=True)


def test_what_the_command_line_has_to_say_is_said_of_the_first_run_only() -> None:
    async def body(watching: Watching) -> None:
        assert watching.app._options_of_run().notices == ()

    watch(body, worker=RunOptions(notices=("notice: x",)))
