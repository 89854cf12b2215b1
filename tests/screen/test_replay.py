"""A recorded run in the dashboard as a person sees it: opened, walked, played, followed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from tests.screen.test_timeline import Clock
from tests.support.screen_reading import (
    ALARM,
    END,
    NOTICE,
    RUN,
    SIZES,
    WARNING,
    measurement,
    opened,
    read_until,
    screen_text,
    settle,
    trained_runs,
)
from tests.support.waiting import join, until
from tuimove.diagnosis.matrix_measurement import Histogram
from tuimove.recording.checkpoint import Weights
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.record import Record, RunRecord, to_json
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.one_run.replay import Replay
from tuimove.screen.one_run.timeline import Timeline
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.settings.preset_reading import load_preset

SOME = [measurement(epoch) for epoch in range(0, 1001, 10)]


def weights_of(epoch: int) -> Weights:
    """Return weights whose movement can be read off the map's scale."""
    shapes = {"W1": (3, 30), "b1": (3,), "W2": (4, 3), "b2": (4,)}
    return {name: np.full(shape, epoch / 1000, np.float32) for name, shape in shapes.items()}


def beginning(idx_folder: Path) -> RunRecord:
    preset = load_preset("same-network", [])
    changed = {**preset.as_dict(), "network": {"hidden": 3}, "data": {"name": str(idx_folder)}}
    sizes = {"train": 200, "test": 50, "inputs": 30, "live_inputs": 30, "classes": 4}
    return replace(RUN, preset={"name": "same-network", **changed}, data={"name": str(idx_folder), **sizes})


@pytest.fixture
def folder(tmp_path: Path, idx_folder: Path) -> Path:
    """Return the folder of a finished run."""
    sink = RunFolder(tmp_path / "run", load_preset("same-network"))
    found = {record.epoch: record for record in (ALARM, WARNING, NOTICE)}
    sink.write(beginning(idx_folder))
    for record in SOME:
        sink.write(record)
        if record.epoch in found:
            sink.write(found[record.epoch])
    sink.write(END)
    for name, epoch in (("first", 0), ("epoch-000400", 400), ("last", 1000)):
        sink.keep_weights(name, epoch, weights_of(epoch))
    sink.close()
    return tmp_path / "run"


class Replaying:
    """A replay that a test works with the keyboard."""

    def __init__(self, app: TuimoveApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def read_until(self, words: str) -> str:
        """Return what the screen shows once it shows some words."""
        return await read_until(self.app, words)

    async def turn(self, clock: Clock, seconds: float) -> str:
        """Let some seconds of a played run pass, and return what the screen shows then."""
        clock.now += seconds
        assert isinstance(self.app.screen, Replay)
        self.app.screen.poll()
        await settle(self.pilot)
        return screen_text(self.app)


def replay(
    body: Callable[[Replaying], Awaitable[None]],
    place: Path,
    data: Path | None = None,
    speed: float | None = None,
    clock: Clock | None = None,
    size: tuple[int, int] = (120, 40),
) -> None:
    """Run a body beside the replay of a run that has been read; a clock is for the test to turn."""

    async def run() -> None:
        source = RecordedRun(place, data=data)
        screen = Replay(source, speed, "braille", 20)
        if clock is not None:
            screen._timeline = Timeline(speed, clock)
        app = TuimoveApp(screen, RunOptions(), ScreenOptions(fps=20))
        async with opened(app, size) as pilot:
            await until(lambda: source.is_read and not source.mailbox.waiting, "a record that is read")
            await body(Replaying(app, pilot))
        join(source)

    asyncio.run(run())


@pytest.mark.parametrize("size", SIZES)
def test_everything_is_there_at_once_with_the_newest_shown(folder: Path, size: tuple[int, int]) -> None:
    async def body(replaying: Replaying) -> None:
        text = await replaying.read_until("✔ finished")
        assert "1000/1000" in text
        assert "13.818" in text

    replay(body, folder, size=size)


def test_header_cards_histogram_findings_and_cursor_follow_the_moment(folder: Path) -> None:
    async def body(replaying: Replaying) -> None:
        await replaying.read_until("✔ finished")
        await replaying.press("less_than_sign", "less_than_sign", "less_than_sign", "less_than_sign", "comma")
        text = await replaying.read_until("epoch 590  W1 12")
        assert "590/1000" in text
        assert "‖ paused" in text
        assert "12.764" in text  # 2 log(1 + 590)
        assert "distance_falling" in text
        assert "distribution_lost" not in text
        assert "distribution_lost" in (await press_and_read(replaying, "full_stop", "epoch  600/1000"))
        text = await press_and_read(replaying, "G", "1000/1000")
        assert "✔ finished" in text
        assert "epoch 600  W1 12" not in text
        assert "epoch 0  W1 0" in await press_and_read(replaying, "g", "epoch    0/1000")

    replay(body, folder)


async def press_and_read(replaying: Replaying, key: str, words: str) -> str:
    await replaying.press(key)
    return await replaying.read_until(words)


def test_the_histogram_of_a_past_measurement_is_read_back(folder: Path) -> None:
    lines = (folder / "records.jsonl").read_text().splitlines(keepends=True)
    marked = replace(SOME[50].matrices["W1"].histogram, below=12345)
    past = replace(SOME[50], matrices={"W1": replace(SOME[50].matrices["W1"], histogram=marked)})
    place = next(i for i, line in enumerate(lines) if '"epoch":500,"seconds"' in line)
    lines[place] = to_json(past, histograms=True) + "\n"
    (folder / "records.jsonl").write_text("".join(lines))

    async def body(replaying: Replaying) -> None:
        assert "12345 beyond" not in await replaying.read_until("✔ finished")
        for _ in range(5):
            await replaying.press("less_than_sign")
        await replaying.read_until("12345 beyond")

    replay(body, folder)


def test_the_map_shows_the_kept_weights_nearest_to_the_moment(folder: Path, idx_folder: Path) -> None:
    async def body(replaying: Replaying) -> None:
        assert "1.0000 weight" in await replaying.read_until("moved more, epoch 1000")
        for _ in range(4):
            await replaying.press("less_than_sign")
        assert "0.4000 weight" in await replaying.read_until("moved more, epoch 400")
        await replaying.press("g")
        await replaying.read_until("moved more, epoch 0")

    replay(body, folder, idx_folder)


def test_images_of_its_own_are_shown_only_where_the_user_names_them(folder: Path) -> None:
    async def body(replaying: Replaying) -> None:
        await replaying.read_until("trained on images of its own")

    replay(body, folder)


def test_images_that_do_not_fit_the_network_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)  # a long path would break the words that are looked for

    async def body(replaying: Replaying) -> None:
        await replaying.read_until("neither 'mnist' nor a")

    replay(body, folder, Path("missing"))


def test_a_file_of_records_has_no_weights_and_says_so(folder: Path) -> None:
    async def body(replaying: Replaying) -> None:
        await replaying.read_until("the weights are in a run's folder")

    replay(body, folder / "records.jsonl")


def test_it_happens_again_and_space_holds_it(folder: Path) -> None:
    clock = Clock()

    async def body(replaying: Replaying) -> None:
        text = await replaying.turn(clock, 0.5)
        assert "▶ playing" in text
        assert header_epoch(text) == 250
        assert "distance_falling" not in text
        assert "distance_falling" in await replaying.turn(clock, 0.625)
        await replaying.press("space")
        assert header_epoch(await replaying.read_until("‖ paused")) == 560
        assert header_epoch(await replaying.turn(clock, 100)) == 560
        await replaying.press("space")
        assert header_epoch(await replaying.turn(clock, 0.25)) == 680
        assert "✔ finished" in await replaying.turn(clock, 100)

    replay(body, folder, speed=5.0, clock=clock)


def header_epoch(text: str) -> int:
    return int(text.splitlines()[1].split("/")[0].split()[-1])


def test_the_chart_grows_as_it_happened(folder: Path) -> None:
    clock = Clock()

    def reached(text: str) -> int:
        """Return the last column of the plot that a line reaches; the axis is as long as the run."""
        assert any(line.split()[:2] == ["epoch", "0"] and " 1000 " in line for line in text.splitlines())
        rows = [line[:70] for line in text.splitlines()[7:]]
        return max(place for row in rows for place, sign in enumerate(row) if "\u2800" < sign <= "\u28ff")

    async def body(replaying: Replaying) -> None:
        before = reached(await replaying.turn(clock, 4))
        assert before < reached(await replaying.turn(clock, 10)) < 70

    replay(body, folder, speed=0.5, clock=clock)


def test_a_run_that_still_goes_on_is_followed(folder: Path) -> None:
    path = folder / "records.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:20]))

    async def body(replaying: Replaying) -> None:
        await replaying.read_until("● training")
        with path.open("a") as stream:
            stream.writelines(lines[20:])
        assert "1000/1000" in await replaying.read_until("✔ finished")

    replay(body, folder)


def test_playing_back_a_run_that_still_trains_says_that_training_goes_on(folder: Path) -> None:
    path = folder / "records.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:20]))

    async def body(replaying: Replaying) -> None:
        await replaying.read_until("● training")
        await replaying.press("space")
        await replaying.read_until("▶ playing back, training goes on")
        await replaying.read_until("plays its records from the start; G goes back to what is new")
        await replaying.press("space", "g")
        await replaying.read_until("‖ paused here, training goes on")
        await replaying.pilot.resize_terminal(40, 12)
        assert "training goes on" not in await replaying.read_until("‖ paused here")
        await replaying.press("G")
        await replaying.read_until("● training")

    replay(body, folder)


def test_keys_that_steer_a_run_say_that_there_is_none_to_steer(folder: Path) -> None:
    async def body(replaying: Replaying) -> None:
        await replaying.read_until("✔ finished")
        for key in ("e", "f", "r", "w", "right_square_bracket"):
            await replaying.press(key)
        await replaying.read_until("can only be watched")
        assert not trained_runs(replaying.app)

    replay(body, folder)


def test_the_keys_of_a_replay_are_listed_only_there(folder: Path) -> None:
    async def body(replaying: Replaying) -> None:
        assert "space play back  , . step" in await replaying.read_until("✔ finished")
        await replaying.press("question_mark")
        text = await replaying.read_until("Steer")
        assert "back or forward by a tenth of the run" in text
        assert "one epoch" not in text

    replay(body, folder)


def test_what_was_passed_over_is_told_once(folder: Path) -> None:
    path = folder / "records.jsonl"
    path.write_text(path.read_text() + "rubbish\n")

    async def body(replaying: Replaying) -> None:
        await replaying.read_until("1 line passed over")

    replay(body, folder)


def test_a_hostile_folder_is_shown_harmlessly_and_nothing_beside_it_is_touched(tmp_path: Path) -> None:
    """Escape sequences everywhere, giant numbers, links that lead out, and images that the record names."""
    secret = tmp_path / "secret.npz"
    np.savez(secret, allow_pickle=False, epoch=np.array(3), **dict(weights_of(3)))
    place = tmp_path / "run"
    place.mkdir()
    for name in ("first.npz", "last.npz"):
        (place / name).symlink_to(secret)
    escape = "\x1b[2J\x1b]0;owned\x07\u202e\u009b31m"
    huge = replace(SOME[1].matrices["W1"], distance=1e308, norm=-1e308, p_value=1e-320,
                   histogram=Histogram(-1e308, 1e308, 2**52, [2**52] * 64, 2**52),
                   movement_histogram=Histogram(-5e-324, 5e-324, 0, [1] * 4096, 0))  # fmt: skip
    preset = {"name": escape, "title": escape, "network": {"hidden": 10**300}, "training": {"epochs": 10**400},
              "data": {"name": f"../../{escape}"}}  # fmt: skip
    records: list[Record] = [
        RunRecord(escape, preset, {"name": escape, "inputs": 30, "classes": 4}, escape, 1, escape, {escape: escape}),
        replace(SOME[0], run=escape, matrices={"W1": huge, "b1": huge}),
        replace(SOME[1], run=escape, epoch=2**52, seconds=1e308, loss=1e308, learning_rate=1e308,
                matrices={"W1": huge, "b1": huge}),
        replace(ALARM, run=escape, epoch=2**52, message=escape * 10_000, advice=escape, rule=escape, value=1e308),
        replace(END, run=escape, status="failed", epochs=2**52, seconds=5e-324, reason=escape * 1000),
    ]  # fmt: skip
    (place / "records.jsonl").write_text("".join(to_json(record, histograms=True) + "\n" for record in records))
    before = secret.stat().st_atime_ns

    async def body(replaying: Replaying) -> None:
        text = await replaying.read_until("failed")
        for key in ("2", "o", "3", "4", "5", "1", "a", "v", "y", "x", "m", "comma", "space", "g", "G", "plus"):
            await replaying.press(key)
            await settle(replaying.pilot)
            text += screen_text(replaying.app)
        assert not any(sign in text for sign in "\x1b\x07\x9b\u202e")

    replay(body, place)
    assert secret.stat().st_atime_ns == before


def test_links_in_a_folder_are_told_and_not_followed(
    folder: Path, idx_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    (folder / "first.npz").rename(tmp_path / "first.npz")
    (folder / "first.npz").symlink_to(tmp_path / "first.npz")

    async def body(replaying: Replaying) -> None:
        await replaying.read_until("a link, and none is followed")

    replay(body, Path(folder.name), idx_folder)
