"""The dashboard over a run that another process trains, and over one that is resumed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import random_digits, write_idx_folder
from tests.support import waiting
from tests.support.screen_reading import ALARM, END, RUN, Watching, measurement, opened, screen_text
from tuimove.errors import DataError
from tuimove.recording.folder.array_files import NetworkShape, packed_arrays
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.run_options import RunOptions
from tuimove.runs.steering import remote_controls
from tuimove.runs.steering.control_server import ControlServer
from tuimove.runs.steering.controls import Controls
from tuimove.runs.steering.remote_controls import RemoteControls
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.one_run.attached import Attached
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.sources import attached_run, recorded_run
from tuimove.screen.sources.attached_run import AttachedRun
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import DataKeys, NetworkKeys, Preset, TrainingKeys

PRESET = Preset("mine", "My run", NetworkKeys(hidden=5), TrainingKeys(epochs=1000))


class Elsewhere:
    """Another process that trains a run, played by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.controls = folder, Controls()
        self.lock = RunLock(folder)
        self.server = ControlServer(folder, self.controls, is_steered_here=False)
        data = {"name": "mnist", "train": 10, "test": 10, "inputs": 784, "live_inputs": 700, "classes": 10}
        record = replace(RUN, preset={"name": "mine", **PRESET.as_dict()}, data=data)
        (folder / "records.jsonl").write_text(to_json(record, histograms=True) + "\n")

    def measure(self, *epochs: int) -> None:
        with (self.folder / "records.jsonl").open("a") as records:
            records.writelines(to_json(measurement(epoch), histograms=True) + "\n" for epoch in epochs)
        self.server.advance(epochs[-1])

    def tell(self, record: Record) -> None:
        with (self.folder / "records.jsonl").open("a") as records:
            records.write(to_json(record, histograms=True) + "\n")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


def attach(elsewhere: Elsewhere, body: Callable[[Watching], Awaitable[None]]) -> None:
    async def run() -> None:
        screen = Attached(AttachedRun(elsewhere.folder), "braille", None)
        app = TuimoveApp(screen, RunOptions(), ScreenOptions())
        async with opened(app, (120, 40)) as pilot:
            await body(Watching(app, pilot))

    asyncio.run(run())


async def until(holds: Callable[[], bool], watching: Watching) -> str:
    def holds_now() -> bool:
        watching.dashboard.poll()
        return holds()

    await waiting.until(holds_now, "something of another process", seen=lambda: screen_text(watching.app))
    watching.dashboard.poll()
    return await watching.read()


def test_what_was_recorded_before_and_what_comes_is_shown(elsewhere: Elsewhere) -> None:
    elsewhere.measure(*range(0, 100, 10))

    async def body(watching: Watching) -> None:
        state = watching.dashboard.state
        text = await until(lambda: len(state.history) == 10, watching)
        assert "My run" in text
        assert "● training" in text
        elsewhere.measure(100, 110)
        text = await until(lambda: len(state.history) == 12, watching)
        assert "epoch  110/1000" in text

    attach(elsewhere, body)


def test_keys_reach_the_run_and_leaving_does_not(elsewhere: Elsewhere) -> None:
    elsewhere.measure(0, 10)

    async def body(watching: Watching) -> None:
        await until(lambda: len(watching.dashboard.state.history) == 2, watching)
        await watching.press("space")
        text = await until(lambda: elsewhere.controls.is_paused, watching)
        assert "‖ paused" in text
        await watching.press("left_square_bracket")
        await until(lambda: elsewhere.controls.take_rate_factor() == 0.5, watching)
        before = watching.app.screen
        text = await watching.press("r")
        assert watching.app.screen is before
        assert "only the screen that trains a run can restart it" in text.splitlines()[-1]
        await watching.press("q")

    attach(elsewhere, body)
    assert elsewhere.controls.stop_reason is None


def test_the_map_shows_the_weights_that_the_other_process_has_now_and_none_before(elsewhere: Elsewhere) -> None:
    """The weights of the start, which the folder has, aren't those of now."""
    shapes = NetworkShape(inputs=784, hidden=5, classes=10).expected()
    weights = {name: np.ones(shape, np.float32) for name, (shape, _) in shapes.items()}
    first = packed_arrays({"epoch": np.array(0), **{name: 0 * array for name, array in weights.items()}})
    (elsewhere.folder / "first.npz").write_bytes(first)
    elsewhere.measure(0, 10)

    async def body(watching: Watching) -> None:
        box = watching.dashboard.source.mailbox
        await until(lambda: box.first_weights is not None, watching)
        text = await until(lambda: watching.dashboard.source.digits is not None, watching)
        assert "waits for the newest weights" in text
        assert "moved more" not in text
        elsewhere.server.show_weights(7, weights)
        text = await until(lambda: box.latest_weights is not None and box.latest_weights[0] == 7, watching)
        await until(lambda: watching.dashboard.source.digits is not None, watching)
        text = await watching.read()
        assert "moved more, epoch 7" in text
        assert "1.0000 weight (RMS)" in text

    attach(elsewhere, body)


def test_when_the_process_has_gone_that_is_seen_and_nobody_is_asked(elsewhere: Elsewhere) -> None:
    elsewhere.measure(0, 10)

    async def body(watching: Watching) -> None:
        await until(lambda: len(watching.dashboard.state.history) == 2, watching)
        elsewhere.server.close()
        await until(lambda: not watching.dashboard.source.can_be_steered, watching)
        assert "can only be watched from here" in await watching.press("space")

    attach(elsewhere, body)


def test_a_run_that_nobody_trains_or_that_does_not_listen_is_refused(tmp_path: Path, elsewhere: Elsewhere) -> None:
    elsewhere.server.close()
    with pytest.raises(DataError, match="doesn't listen"):
        AttachedRun(tmp_path)
    elsewhere.lock.release()
    with pytest.raises(DataError, match="nobody trains this run now; tuimove replay shows it, tuimove resume goes on"):
        AttachedRun(tmp_path)


def test_a_resumed_run_has_its_past_on_the_screen(tmp_path: Path) -> None:
    data = write_idx_folder(tmp_path / "data", random_digits(200, (6, 5), 4))
    preset = replace(PRESET, training=TrainingKeys(epochs=40), data=DataKeys(str(data)))
    options = RunOptions(out=tmp_path / "run", threads=1)
    first = TrainingThread(preset, options)
    first.run()
    assert first.end, first.error
    records = tmp_path / "run" / "records.jsonl"
    records.write_text("".join(records.read_text().splitlines(keepends=True)[:4]))

    async def run() -> None:
        resumed = TrainingThread(preset, options, tmp_path / "run")
        app = TuimoveApp(Dashboard(resumed, "braille", None), options, ScreenOptions())
        async with opened(app, (120, 40)) as pilot:
            watching = Watching(app, pilot)
            await until(lambda: resumed.end is not None or resumed.error is not None, watching)
            assert resumed.end, resumed.error
            assert watching.dashboard.state.history.column("epoch").tolist() == [0, 10, 20, 30, 40]
            assert "finished" in await watching.read()

    asyncio.run(run())


def test_a_screen_says_who_trains_and_who_steers(elsewhere: Elsewhere) -> None:
    elsewhere.measure(0, 10)

    async def body(watching: Watching) -> None:
        text = await until(lambda: len(watching.dashboard.state.history) == 2, watching)
        assert "● training elsewhere, you can steer" in text
        await watching.press("left_square_bracket")
        text = await until(lambda: "steered by you" in watching.dashboard.source.role, watching)
        assert "● training elsewhere, steered by you" in text
        assert "● training, you steer" in await watching.resize(40, 12)

    attach(elsewhere, body)


def test_a_screen_says_that_another_one_steers(elsewhere: Elsewhere) -> None:
    elsewhere.measure(0, 10)
    other = RemoteControls(elsewhere.folder, Mailbox(), NetworkShape(inputs=784, hidden=5, classes=10).expected())
    other.scale_rate(0.5)

    async def body(watching: Watching) -> None:
        await until(lambda: len(watching.dashboard.state.history) == 2, watching)
        text = await until(lambda: not watching.dashboard.source.can_be_steered, watching)
        assert "● training elsewhere, another screen steers" in text
        assert "another screen steers this run" in await watching.press("space")
        assert "● training, watched" in await watching.resize(40, 12)
        other.close()
        text = await until(lambda: watching.dashboard.source.can_be_steered, watching)
        assert "● training elsewhere" in text

    attach(elsewhere, body)


def test_a_suspended_process_does_not_answer_and_comes_back_by_itself(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.measure(0, 10)
    goes_on, answer = threading.Event(), elsewhere.server._answer
    goes_on.set()

    def answer_later(*asked: Any) -> dict[str, Any]:
        goes_on.wait()
        return answer(*asked)

    monkeypatch.setattr(elsewhere.server, "_answer", answer_later)

    async def body(watching: Watching) -> None:
        await until(lambda: len(watching.dashboard.state.history) == 2, watching)
        goes_on.clear()
        monkeypatch.setattr(remote_controls, "SILENT_SECONDS", 0.0)
        monkeypatch.setattr(recorded_run, "GROWING_SECONDS", 0.0)
        text = await until(lambda: watching.dashboard.state.phase == "silent", watching)
        assert "◇ doesn't answer" in text.splitlines()[0]
        assert attached_run.SILENT_WORDS in text
        before = watching.app.messages.count
        await watching.press("space")
        assert [message.words for message in watching.app.messages][before:] == [attached_run.SILENT_WORDS]
        assert not elsewhere.controls.is_paused
        monkeypatch.setattr(remote_controls, "SILENT_SECONDS", waiting.PATIENCE)
        goes_on.set()
        text = await until(lambda: watching.dashboard.state.phase == "training", watching)
        assert "● training elsewhere, you can steer" in text.splitlines()[0]
        await watching.press("space")
        await until(lambda: elsewhere.controls.is_paused, watching)

    attach(elsewhere, body)


def test_until_the_past_is_read_the_screen_says_that_and_nothing_else(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a state, nor who steers, nor that there are no findings; afterwards, all of it at once."""
    elsewhere.measure(0, 10)
    elsewhere.tell(ALARM)
    reads = threading.Event()
    read_some = AttachedRun.read_some

    def read_later(self: AttachedRun) -> None:
        reads.wait()
        read_some(self)

    monkeypatch.setattr(AttachedRun, "read_some", read_later)

    async def body(watching: Watching) -> None:
        remote = watching.dashboard.source.remote  # type: ignore[attr-defined]
        await until(lambda: remote.has_answered, watching)
        text = await watching.read()
        assert text.splitlines()[0].rstrip().endswith("… reading")
        for wrong in ("training", "elsewhere", "watched", "no findings"):
            assert wrong not in text
        assert "reading ..." in text
        reads.set()
        text = await until(lambda: watching.dashboard.state.phase != "reading", watching)
        assert "● training elsewhere, you can steer" in text.splitlines()[0]
        assert "✖ 1 alarm" in text.splitlines()[0]
        assert "reading" not in text

    attach(elsewhere, body)


def test_an_ended_run_offers_no_steering_and_says_why(elsewhere: Elsewhere) -> None:
    elsewhere.measure(0, 10)
    elsewhere.tell(END)

    async def body(watching: Watching) -> None:
        text = await until(lambda: watching.dashboard.source.end is not None, watching)
        assert "pause" not in text.splitlines()[-1]
        assert "this run has ended" in await watching.press("space")

    attach(elsewhere, body)


def test_a_process_that_was_killed_has_gone_and_the_screen_says_what_goes_on(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within two looks at the lock, which are half a second apart, however long ago the last record was written."""
    assert attached_run.LOOK_SECONDS + remote_controls.ASK_SECONDS + recorded_run.POLL_SECONDS < 2
    monkeypatch.setattr(attached_run, "LOOK_SECONDS", 0.0)
    elsewhere.measure(0, 10)

    async def body(watching: Watching) -> None:
        await until(lambda: len(watching.dashboard.state.history) == 2, watching)
        elsewhere.server.close()
        elsewhere.lock.release()
        text = await until(lambda: watching.dashboard.source.phase == "gone", watching)
        assert "∅ its process has gone" in text.splitlines()[0]
        words = f"process gone; to go on: tuimove resume {elsewhere.folder}"
        assert words in [note.message for note in watching.app._notifications]
        before = watching.app.messages.count
        await watching.press("space")
        assert [message.words for message in watching.app.messages][before:] == [words]
        help_text = await watching.press("question_mark")
        for deed in ("pause", "halve", "end the run", "the run goes on", "write the weights"):
            assert deed not in help_text
        bottom = "".join((await watching.press("escape")).splitlines()[-3:])
        assert "q quit" in bottom or "tuimove resume" in bottom  # the message takes the footer's place for a while

    attach(elsewhere, body)
