"""The first screen: what can be trained, and a form that takes what the command line takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.screen_reading import RUN as RUN_RECORD
from tests.support.screen_reading import SIZES, opened, screen_text, settle
from tuimove.experiments.plan import open_experiment_folder
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.store import runs_folder
from tuimove.recording.record import to_json
from tuimove.runs.run_options import RunOptions
from tuimove.runs.steering.control_server import ControlServer
from tuimove.runs.steering.controls import Controls
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.form import PresetForm
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.one_run.attached import Attached
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import load_experiment


def pick(body: Callable[[TuimoveApp, Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> None:
    async def run() -> None:
        app = TuimoveApp(None, RunOptions(), ScreenOptions())
        async with opened(app, size) as pilot:
            await body(app, pilot)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingThread, "start", lambda _: None)
        patch.setattr(ExperimentThread, "start", lambda _: None)
        asyncio.run(run())


@pytest.mark.parametrize("size", SIZES)
def test_presets_are_listed_with_what_one_should_see(size: tuple[int, int]) -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        if size[1] > 12:
            assert all(name in text for name in shipped_presets())
            assert "four-networks  4 runs" in text
        assert "A quick look" in text or size[0] < 80
        await pilot.press("j")
        await settle(pilot)
        if size[0] >= 80:
            assert "A quick look" not in screen_text(app)

    pick(body, size)


@pytest.fixture
def going_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a run that this process trains, beside one that nobody does."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    data = {"name": "mnist", "train": 10, "test": 10, "inputs": 784, "live_inputs": 700, "classes": 10}
    for name in ("mine-20260101T000000-abcdef", "ended-20260101T000000-abcdef"):
        folder = runs_folder() / name
        folder.mkdir(parents=True)
        run = replace(RUN_RECORD, preset={"name": "mine", **load_preset("quick-look").as_dict()}, data=data)
        (folder / "records.jsonl").write_text(f"{to_json(run, histograms=True)}\n")
    lock = RunLock(runs_folder() / "mine-20260101T000000-abcdef")
    server = ControlServer(runs_folder() / "mine-20260101T000000-abcdef", Controls(), is_steered_here=False)
    yield runs_folder() / "mine-20260101T000000-abcdef"
    server.close()
    lock.release()


def test_runs_that_go_on_come_first_and_enter_attaches_to_them(going_on: Path) -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        assert "● mine abcdef" in text
        assert "ended" not in text
        assert going_on.name in text
        assert "enter attaches to it" in text
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, Attached)
        assert app.screen.source.out == going_on

    pick(body, (100, 30))


def test_experiments_that_go_on_are_listed_and_watched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        assert "● repeatability" in text
        assert "ended     0/9 runs" in text
        assert "enter watches them" in text
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, RunGrid)
        assert "0 of 9 runs" in screen_text(app)
        assert app.screen.feed.out == folder

    with open_experiment_folder(load_experiment("repeatability"), None, print, is_kept=True) as folder:
        pick(body, (100, 30))


def test_enter_trains_the_highlighted_preset() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, Dashboard)
        assert "A quick look" in screen_text(app)
        await pilot.press("p")
        await settle(pilot)
        assert "choose what to train" in screen_text(app)

    pick(body)


def test_enter_opens_an_experiment_on_the_screen_of_many_runs() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("end", "e")
        await settle(pilot)
        assert "repeatability  9 runs" in screen_text(app), "an experiment has no form"
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, RunGrid)
        await settle(pilot)
        assert "0 of 9 runs" in screen_text(app)
        assert "seed=9" in screen_text(app)

    pick(body, (120, 40))


def test_the_form_changes_the_preset_before_it_is_trained() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("e")
        await settle(pilot)
        assert "network.hidden" in screen_text(app)
        await pilot.press(*["backspace"] * 2, *"25", "down", *["backspace"] * 4, *"tanh", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Dashboard)
        assert app.screen.state.preset.network.hidden == 25
        assert app.screen.state.preset.network.activation == "tanh"

    pick(body)


def test_the_form_says_what_is_wrong_as_the_command_line_does() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("down", *["backspace"] * 4, *"tan", "enter")
        await settle(pilot)
        text = screen_text(app)
        assert isinstance(app.screen, PresetForm)
        assert "network.activation = 'tan': must be one of relu," in text
        assert "did you mean 'tanh'?" in text
        await pilot.press("escape")
        await settle(pilot)
        assert "choose what to train" in screen_text(app)

    pick(body, (120, 40))


def test_q_leaves() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("q")
        await settle(pilot)
        assert not app.is_running or app._exit

    pick(body)
