"""The first screen: what can be trained, and a form that takes what the command line takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.support.screen_reading import END, SIZES, measurement, opened, read_until, screen_text, settle
from tests.support.screen_reading import RUN as RUN_RECORD
from tuimove.experiments.plan import open_experiment_folder
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.store import runs_folder
from tuimove.recording.record import Record, to_json
from tuimove.runs.run_options import RunOptions
from tuimove.runs.steering.control_server import ControlServer
from tuimove.runs.steering.controls import Controls
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.one_run.attached import Attached
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.one_run.opened_run import OpenedRun
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
        text = await read_until(app, "enter attaches to it")
        assert "● mine abcdef" in text
        assert text.index("● mine") < text.index("Start here")
        assert "ended  1 Jan 00:00" in text, "the other one, among the recorded"
        assert going_on.name in text
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, Attached)
        assert app.screen.source.out == going_on

    pick(body, (100, 30))


def test_experiments_that_go_on_are_listed_and_watched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        text = await read_until(app, "enter watches them")
        assert "● repeatability" in text
        assert "ended     0/9 runs" in text
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
        app.screen.query_one(OptionList).highlighted = app.screen.query_one(OptionList).get_option_index(
            "repeatability"
        )
        await pilot.press("e")
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
        await pilot.press(*["backspace"] * 2, *"25", "down", "right", "right", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Dashboard)
        assert app.screen.state.preset.network.hidden == 25
        assert app.screen.state.preset.network.activation == "tanh"

    pick(body)


def test_q_leaves() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("q")
        await settle(pilot)
        assert not app.is_running or app._exit

    pick(body)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
def test_the_description_is_read_beside_the_list_or_below_it(size: tuple[int, int]) -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("j")
        await settle(pilot)
        text = screen_text(app)
        assert "Start here" in text
        assert "784-10-10 relu, uniform start ±0.5" in text
        assert size[0] < 80 or "1000 epochs" in text
        assert ("distance of W1 grows" in text) == (size[0] >= 80)
        assert "enter open" in text.splitlines()[-1]

    pick(body, size)


def keep_run(name: str, status: Any = "finished") -> Path:
    """Keep a short run of quick-look in the default place."""
    folder = runs_folder() / name
    folder.mkdir(parents=True)
    data = {"name": "mnist", "train": 10_000, "test": 10, "inputs": 784, "live_inputs": 700, "classes": 10}
    run = replace(RUN_RECORD, preset={"name": "quick-look", **load_preset("quick-look").as_dict()}, data=data)
    records: list[Record] = [
        run,
        *map(measurement, range(0, 210, 10)),
        replace(END, status=status, epochs=200, seconds=4.0),
    ]
    (folder / "records.jsonl").write_text("".join(f"{to_json(record, histograms=True)}\n" for record in records))
    return folder


def test_recorded_runs_are_listed_newest_first_and_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    keep_run("quick-look-20260101T120000-abcdef")
    newest = keep_run("quick-look-20260301T120000-abcdef", "stopped")

    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        assert text.index("Experiments") < text.index("Recorded runs")
        assert text.index("quick-look  1 Mar 12:00") < text.index("quick-look  1 Jan 12:00")
        await pilot.press("G", "k")
        text = await read_until(app, "enter opens it")
        assert "stopped" in text
        assert "200/200" in text
        assert f"tuimove resume {newest.name}" in " ".join(text.split())
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, OpenedRun)
        await read_until(app, "epoch 200/200")
        await pilot.press("escape")
        await settle(pilot)
        assert "Recorded runs" in screen_text(app)

    pick(body, (120, 40))


def test_recorded_runs_of_one_minute_are_told_apart_by_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for at in ("120001", "120059", "130001"):
        keep_run(f"quick-look-20260101T{at}-abcdef")

    async def body(app: TuimoveApp, _pilot: Pilot[None]) -> None:
        text = screen_text(app)
        for began in ("12:00:01", "12:00:59", "13:00 "):
            assert f"quick-look  1 Jan {began}" in text

    pick(body, (80, 30))


def test_runs_offer_no_settings_and_say_that_only_presets_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    keep_run("quick-look-20260101T120000-abcdef")

    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        assert "e edit" in screen_text(app).splitlines()[-1]
        await pilot.press("G")
        await settle(pilot)
        assert "e edit" not in screen_text(app).splitlines()[-1]
        await pilot.press("e")
        await settle(pilot)
        assert "only presets have settings to change" in screen_text(app)

    pick(body)


def test_a_recorded_run_tells_how_long_the_same_takes_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    async def unmeasured(app: TuimoveApp, pilot: Pilot[None]) -> None:
        assert "A few seconds on 10,000 images" in screen_text(app), "as the preset says"
        await pilot.press("j")
        await read_until(app, "how long it takes here isn't measured yet")

    async def measured(app: TuimoveApp, pilot: Pilot[None]) -> None:
        assert "A few seconds" not in await read_until(app, "about 4 s")
        await pilot.press("j")
        await read_until(app, "about 2 min")

    pick(unmeasured, (120, 40))
    keep_run("quick-look-20260101T120000-abcdef")
    pick(measured, (120, 40))


def test_a_recorded_experiment_opens_on_the_screen_of_many_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with open_experiment_folder(load_experiment("repeatability"), None, print, is_kept=True):
        pass

    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("end")
        assert "≡ repeatability" in await read_until(app, "enter shows its runs")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, RunGrid)

    pick(body, (120, 40))


def test_hundreds_of_recorded_runs_are_not_all_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for number in range(300):
        folder = runs_folder() / f"run-20260101T{number:06}-abcdef"
        folder.mkdir(parents=True)
        (folder / "records.jsonl").touch()

    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        assert "newest 50; all: tuimove runs" in screen_text(app)
        await pilot.press("end")
        await settle(pilot)
        assert app.screen.query_one(OptionList).option_count < 80

    pick(body, (80, 24))


def test_the_help_of_the_first_screen_lists_the_keys_of_its_list() -> None:
    async def body(app: TuimoveApp, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await settle(pilot)
        text = screen_text(app)
        assert all(words in text for words in ("train it, or open it", "↓ ↑ j k", "change settings first"))

    pick(body, (80, 24))
