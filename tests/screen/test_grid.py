"""The screen of many runs as a person sees it: records are told, keys are pressed, and the screen is read."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.screen_reading import (
    ALARM,
    END,
    NOTICE,
    RUN,
    SIZES,
    measurement,
    opened,
    read_until,
    screen_text,
    settle,
)
from tests.support.waiting import join
from tuimove.experiments.experiment import ExperimentOptions, Outcome
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.recording.record import EndRecord, RunRecord, to_json
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.many_runs.grid import OverlayChart, RunGrid
from tuimove.screen.many_runs.run_list import RunList
from tuimove.screen.one_run.opened_run import OpenedRun
from tuimove.screen.picker import Picker
from tuimove.screen.sources.recorded_runs import ReadingThread
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import Experiment, Member


def seeds(count: int) -> Experiment:
    """Return an experiment of so many seeds."""
    base = load_preset("same-network")
    members = []
    for seed in range(1, count + 1):
        varied = replace(base, name=f"training.seed={seed}", training=replace(base.training, seed=seed))
        members.append(Member(varied, (("training.seed", seed),)))
    return Experiment(base, tuple(members), ("training.seed",))


class Seeing:
    """A screen of an experiment that is played by the test."""

    def __init__(self, app: TuimoveApp, pilot: Pilot[None], feed: ExperimentThread) -> None:
        self.app, self.pilot, self.feed = app, pilot, feed
        self.outcomes = [Outcome(place, member) for place, member in enumerate(feed._experiment.members)]

    @property
    def grid(self) -> RunGrid:
        assert isinstance(self.app.screen, RunGrid)
        return self.app.screen

    async def tell(self, place: int, *records: Any) -> str:
        """Have a run send records, and return what the screen shows then."""
        self.feed._doing = "training"
        for record in records:
            line = to_json(record, histograms=False)
            self.feed.board.receive(self.outcomes[place], WrittenRecord(line, json.loads(line)))
        return await self.read()

    async def press(self, *keys: str) -> str:
        await self.pilot.press(*keys)
        return await self.read()

    async def read(self) -> str:
        if isinstance(self.app.screen, RunGrid):
            self.app.screen.poll()
        await settle(self.pilot)
        return screen_text(self.app)


def see(
    body: Callable[[Seeing], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    runs: int = 9,
    out: Path | None = None,
    options: ScreenOptions | None = None,
) -> None:
    """Run a body beside the screen of an experiment that trains nothing."""

    async def run() -> None:
        options_of_screen = options or ScreenOptions()
        feed = ExperimentThread(seeds(runs), ExperimentOptions(out=out), None)
        grid = RunGrid(feed, options_of_screen.glyphs, None)
        app = TuimoveApp(grid, RunOptions(), options_of_screen)
        async with opened(app, size) as pilot:
            await body(Seeing(app, pilot, feed))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExperimentThread, "start", lambda _: None)
        asyncio.run(run())


def course(epochs: int, factor: float = 1.0) -> list[Any]:
    """Return the records of a run that goes so far, with a test accuracy of its own."""
    records = [measurement(epoch) for epoch in range(0, epochs + 1, 10)]
    return [RUN, *(replace(record, test_accuracy=record.test_accuracy * factor) for record in records)]


def line_of(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if f" {name} " in line)


@pytest.mark.parametrize("size", SIZES)
def test_every_run_has_a_line_with_its_state_numbers_and_worst_finding(size: tuple[int, int]) -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(500), NOTICE, ALARM)
        text = await seeing.tell(1, *course(1000), END)
        first, second, third = (line_of(text, f"seed={seed}") for seed in (1, 2, 3))
        assert "●" in first
        assert "✖" in first
        assert "12.433" in first
        assert "█" in first
        assert "✔" in second
        if size[0] >= 80:
            assert "training" in first
            assert "alarm" in first
            assert " 500 " in first
            assert "0.6921" in first
            assert "finished" in second
            assert "waiting" in third

    see(body, size)


@pytest.mark.parametrize("size", SIZES)
def test_the_header_counts_runs_and_says_what_goes_on(size: tuple[int, int]) -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(500))
        seeing.outcomes[2].status, seeing.outcomes[2].reason = "failed", "its process was killed by SIGKILL"
        seeing.feed.board.note_failure(seeing.outcomes[2])
        text = await seeing.tell(1, *course(1000), END)
        first, second, *_ = text.splitlines()
        assert "One network" in first
        assert "● training" in first
        assert "1 of 9 runs" in second
        assert "1 training" in second
        assert "1 failed" in second
        if size[0] >= 80:
            assert "its process was k" in line_of(text, "seed=3")

    see(body, size)


def test_the_highlighted_run_and_the_first_others_are_charted_and_marks_choose_others() -> None:
    async def body(seeing: Seeing) -> None:
        for place in range(9):
            text = await seeing.tell(place, *course(100 * (place + 1)))
        assert [line_of(text, f"seed={seed}")[1] for seed in range(1, 6)] == ["A", "B", "C", "D", " "]
        assert "W1: distance from its start [weight]" in text
        text = await seeing.press("end", "space", "k", "space")
        letters = {seed: line_of(text, f"seed={seed}")[1:3] for seed in range(1, 10)}
        assert letters == {**dict.fromkeys(range(1, 8), "  "), 8: "A+", 9: "D+"}, "each as long as it is charted"
        text = await seeing.press("escape", "home")
        assert line_of(text, "seed=1")[1:3] == "A "

    see(body)


def letters_in(text: str) -> dict[int, str]:
    """Return the letter beside each listed run that has one."""
    lines = [line for line in text.splitlines() if " seed=" in line and line[1] != " "]
    return {int(line.partition("seed=")[2].split()[0]): line[1] for line in lines}


def test_a_run_keeps_its_letter_and_its_colour_while_it_is_charted() -> None:
    """Wherever the cursor goes: beyond the runs with letters, the one that it is on takes the last letter."""

    async def body(seeing: Seeing) -> None:
        for place in range(8):
            text = await seeing.tell(place, *course(1000, 1 - place / 20))
        first = {1: "A", 2: "B", 3: "C", 4: "D"}
        chart = seeing.grid.query_one(OverlayChart)
        for front, key in enumerate(["home", "j", "j", "j"]):
            assert letters_in(await seeing.press(key)) == first
            assert [one.color for one in chart._view.series] == [0, 1, 2, 3]
            assert chart._view.front == front, "the chosen run is drawn over the others"
        ends = [line[-8:] for line in text.splitlines()[2:20]]
        for run in range(5, 9):
            text = await seeing.press("j")
            assert letters_in(text) == {1: "A", 2: "B", 3: "C", run: "D"}
            assert chart._view.front == 3
        text = await seeing.press("home")
        assert letters_in(text) == first
        assert [line[-8:] for line in text.splitlines()[2:20]] == ends, "letters stand where they stood"

    see(body, runs=8)


def test_keys_choose_quantity_matrix_and_axis() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(500))
        text = await seeing.press("m")
        assert "b1 distance" in text
        assert "b1: distance from its start [weight]" in text
        assert "b1: norm, its own length" in await seeing.press("v")
        assert "Test accuracy [share of images]" in await seeing.press("v")
        assert "b1: norm, its own length" in await seeing.press("V")
        assert "log x" in await seeing.press("x")
        text = await seeing.press("x")
        assert "log x" not in text
        assert "seconds" in text
        assert "seconds" not in await seeing.press("x")
        assert "seconds" in await seeing.press("2", "x", "x")

    see(body)


def test_runs_are_sorted_by_value_and_by_worst_finding_those_without_a_number_last() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(2, *course(1000))
        await seeing.tell(0, *course(500))
        await seeing.tell(1, *course(100), ALARM)

        def listed(text: str) -> list[int]:
            lines = [line for line in text.splitlines() if " seed=" in line]
            return [int(line.partition("seed=")[2].split()[0]) for line in lines]

        assert listed(await seeing.read())[:4] == [1, 2, 3, 4]
        assert listed(await seeing.press("s"))[:4] == [3, 1, 2, 4]
        assert listed(await seeing.press("s"))[:4] == [2, 1, 3, 4]
        assert listed(await seeing.press("s"))[:3] == [2, 1, 3]

    see(body)


def test_a_filter_leaves_the_runs_that_hold_every_word() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(3, *course(100), ALARM)
        text = await seeing.press("slash", *"alarm", "space", *"train")
        assert "1 of 9 with 'alarm train'" in text
        assert "seed=4" in text
        assert "seed=5" not in text
        text = await seeing.press(*"xyz")
        assert "0 of 9" in text
        await seeing.press("enter")
        assert "seed=5" in await seeing.press("escape")

    see(body)


@pytest.mark.parametrize("size", SIZES)
def test_the_filter_keeps_its_label_and_an_empty_list_says_why(size: tuple[int, int]) -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(3, *course(100))
        text = await seeing.press("slash")
        assert " filter: a name, state, severity" in text
        last = text.splitlines()[-1]
        assert "esc no filter" in last
        text = await seeing.press(*"xyz")
        assert " filter: xyz" in text
        assert "no run matches 'xyz': esc clears the" in text
        text = await seeing.press("enter")
        assert " filter: xyz" in text, "it stays while it holds"
        text = await seeing.press("slash", "escape")
        assert "filter:" not in text
        assert "seed=1" in text

    see(body, size)


def test_leaving_the_filter_keeps_the_marks() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(3, *course(100))
        await seeing.press("end", "space")
        text = await seeing.press("slash", *"xyz", "escape")
        assert line_of(text, "seed=9")[2] == "+"

    see(body)


def test_a_run_without_a_folder_or_without_a_beginning_is_not_opened(tmp_path: Path) -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.press("enter")
        assert isinstance(seeing.app.screen, RunGrid)
        (note,) = seeing.app._notifications
        assert "--out DIR" in note.message or "hasn't begun" in note.message

    see(body)
    see(body, out=tmp_path)


def write_records(folder: Path, *records: Any) -> None:
    folder.mkdir(parents=True)
    (folder / "records.jsonl").write_text("".join(to_json(record, histograms=True) + "\n" for record in records))


def test_enter_opens_a_run_in_the_dashboard_and_esc_comes_back(tmp_path: Path) -> None:
    preset = {"name": "training.seed=2", **load_preset("same-network").as_dict()}
    write_records(tmp_path / "00001", replace(RUN, preset=preset), *course(500)[1:], ALARM)

    async def body(seeing: Seeing) -> None:
        said: list[str] = []
        seeing.app.notify = lambda message, **_: said.append(message)  # type: ignore[method-assign]
        await seeing.tell(0, *course(500))
        text = await seeing.press("j", "enter")
        assert isinstance(seeing.app.screen, OpenedRun)
        assert said == ["esc goes back to all runs"]
        await read_until(seeing.app, "12.433")
        await read_until(seeing.app, "alarm")
        await seeing.press("left", "escape")
        assert isinstance(seeing.app.screen, OpenedRun), "the first esc hides the cursor"
        await seeing.press("slash", "x", "escape")
        assert isinstance(seeing.app.screen, OpenedRun), "esc ends the filter of findings"
        reader = seeing.app.screen._recorded
        await seeing.tell(0, *course(1000), END)
        await seeing.press("1")
        text = await seeing.press("escape")
        assert isinstance(seeing.app.screen, RunGrid)
        assert "finished" in line_of(text, "seed=1")
        join(reader)

    see(body, out=tmp_path)


def test_records_that_are_rubbish_are_told_of_not_opened(tmp_path: Path) -> None:
    (tmp_path / "00000").mkdir()

    async def body(seeing: Seeing) -> None:
        await seeing.press("enter")
        assert isinstance(seeing.app.screen, RunGrid)
        assert len(seeing.app._notifications) == 1

    see(body, out=tmp_path)


def test_resizing_and_walking_lose_nothing_however_small_the_window() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(500), ALARM)
        for size in ((40, 12), (1, 1), (10, 3), (200, 60), (5, 50), (80, 24), (120, 40)):
            await seeing.pilot.resize_terminal(*size)
            await seeing.press("tab", "j", "pagedown", "tab", "k", "home")
        text = await seeing.read()
        assert "✖ alarm" in line_of(text, "seed=1")

    see(body)


def test_a_tiny_window_shows_list_or_chart() -> None:
    async def body(seeing: Seeing) -> None:
        text = await seeing.tell(0, *course(500))
        assert "1 runs" in text
        assert "2 chart" not in text
        text = await seeing.press("2")
        assert "2 chart" in text
        assert "1 runs" not in text
        assert "enter open" in text

    see(body, (40, 12))


def test_without_unicode_everything_is_ascii() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(1, *course(300), NOTICE)
        text = await seeing.tell(0, *course(500), ALARM)
        for size in ((80, 24), (40, 12), (120, 40)):
            await seeing.pilot.resize_terminal(*size)
            text += await seeing.press("question_mark")
            text += await seeing.press("escape", "slash", "x", "escape")
        assert "X alarm" in text
        assert not {character for character in text if ord(character) > 127}

    see(body, options=ScreenOptions(glyphs="ascii"))


def test_help_lists_the_keys_of_list_and_chart() -> None:
    async def body(seeing: Seeing) -> None:
        text = await seeing.press("question_mark")
        assert all(words in text for words in ("clear marks and filter", "next or previous line", "y axis", "end all"))
        assert "turn the x axis" not in text

    see(body, (120, 70))


def test_nothing_is_drawn_twice_when_nothing_changes() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(500), END)
        drawn: list[Any] = []
        for panel in ("#chart", "#runs"):
            seeing.grid.query_one(panel).refresh = lambda *regions, **_: drawn.append(regions)  # type: ignore[method-assign,assignment]
        seeing.grid.show_everything()
        assert not drawn

    see(body)


def test_of_ten_thousand_runs_only_those_in_sight_are_drawn() -> None:
    async def body(seeing: Seeing) -> None:
        for place in range(0, 10_000, 100):
            for record in course(50):
                line = to_json(record, histograms=False)
                seeing.feed.board.receive(seeing.outcomes[place], WrittenRecord(line, json.loads(line)))
        seeing.grid.show_everything()
        text = await seeing.press("s", "end")
        assert "0 of 10000 runs" in text
        runs = seeing.grid.query_one(RunList)
        assert runs.highlighted is not None
        assert len(runs._strips) < 40

    see(body, runs=10_000)


def test_quitting_picking_and_f_stop_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(ExperimentThread, "stop", lambda _, reason="stopped": stopped.append(reason))

    async def body(seeing: Seeing) -> None:
        await seeing.press("f")
        assert stopped == ["stopped"]
        await seeing.press("p")
        assert isinstance(seeing.app.screen, Picker)
        assert len(stopped) == 2
        await seeing.press("q")

    see(body)


def test_a_failure_of_the_whole_is_shown_with_its_reason() -> None:
    async def body(seeing: Seeing) -> None:
        seeing.feed.error = ValueError("something went wrong")
        await seeing.read()
        assert "✖ failed" in screen_text(seeing.app)
        assert "ValueError: something went wrong" in [note.message for note in seeing.app._notifications]

    see(body)


@pytest.mark.parametrize("size", SIZES)
def test_the_header_of_a_stopped_experiment_says_how_much_was_done(size: tuple[int, int]) -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(1000), END)
        await seeing.tell(1, *course(500), EndRecord("r", "interrupted", 500, 1.0))
        _, second, *_ = (await seeing.tell(2, *course(0), EndRecord("r", "failed", 0, 1.0, "odd"))).splitlines()
        assert "1 of 3 runs" in second
        assert "50%" in second or size[0] < 80

    see(body, size, runs=3)


def test_nothing_is_called_done_before_every_run_has_finished() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(1000), END)
        assert " 99%" in (await seeing.tell(1, *course(990))).splitlines()[1]
        await seeing.tell(1, measurement(1000), END)
        assert "100%" in (await seeing.read()).splitlines()[1]

    see(body, runs=2)


@pytest.mark.parametrize("doing", ["finished", "interrupted"])
def test_an_experiment_that_is_over_offers_neither_stop_nor_background(doing: Any) -> None:
    async def body(seeing: Seeing) -> None:
        text = await seeing.tell(0, *course(10))
        assert "d background" in text.splitlines()[-1]
        assert not seeing.grid.missing
        seeing.feed._doing = doing
        assert "background" not in (await seeing.read()).splitlines()[-1]
        assert seeing.grid.missing == {"detach", "finish_now"}

    see(body)


def test_an_experiment_that_is_not_kept_offers_no_background() -> None:
    async def body(seeing: Seeing) -> None:
        seeing.feed._options = replace(seeing.feed._options, is_kept=False)
        assert "background" not in (await seeing.tell(0, *course(10))).splitlines()[-1]
        assert seeing.grid.missing == {"detach"}

    see(body)


def test_a_run_that_is_trained_again_begins_anew() -> None:
    async def body(seeing: Seeing) -> None:
        await seeing.tell(0, *course(500), ALARM, EndRecord("r", "interrupted", 500, 1.0))
        text = await seeing.tell(0, RunRecord("r", {}, {}, "", 1, "sparse", {}), measurement(0))
        assert "alarm" not in line_of(text, "seed=1")
        assert seeing.feed.board.epochs_done == 0

    see(body)


def test_the_threads_behind_the_screen_hide_nothing_that_a_thread_has() -> None:
    """Python's own threads have private names that are easily taken, and then can't be waited for."""
    taken = set(vars(threading.Thread()))
    for kind in (ExperimentThread, ReadingThread):
        written = set(re.findall(r"self\.(\w+)\b.* = ", inspect.getsource(kind)))
        assert not taken & written
