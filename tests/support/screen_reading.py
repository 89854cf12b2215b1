"""What a person reads on the screen, records to show there, and an application that trains nothing."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from tuimove.kernels.compilation import compile_kernels

from tests.support.waiting import PATIENCE, join, until
from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.diagnosis.measurement import HISTOGRAM_BINS, MOVEMENT_BINS
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, RunRecord
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import load_preset

compile_kernels()  # those that have been imported, before any application starts

SIZES = [(80, 24), (120, 40), (40, 12)]


def screen_text(app: App[Any]) -> str:
    """Return the characters on the screen, a line for each row."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@asynccontextmanager
async def opened(app: TuimoveApp, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    """Open an application without a terminal; its notifications stay, however slow the machine is."""
    notify = app.notify
    vars(app)["notify"] = lambda message, **settings: notify(message, **{**settings, "timeout": 3600})
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[None]) -> None:
    """Wait until an application has done everything that it was asked for, on two looks in a row.

    Textual's own `Pilot.pause` takes an application for idle that is only kept waiting by other programs.
    """
    deadline, looks = time.monotonic() + PATIENCE, 0
    while looks < 2 and not pilot.app._exit and pilot.app._exception is None:  # a failure is raised at the end
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: a screen at rest"
        await pilot.pause()
        looks = looks + 1 if is_settled(pilot.app) else 0


def trained_runs(app: App[Any]) -> list[TrainingThread]:
    """Return the threads of every run that an application has begun, the newest last."""
    return [thread for thread in app.begun if isinstance(thread, TrainingThread)]  # type: ignore[attr-defined]


def is_settled(app: App[Any]) -> bool:
    """Return whether no key, message, callback, layout or repaint is on its way."""
    if getattr(app, "is_acting", False):
        return False
    screen = app.screen
    pumps = [app, *screen.walk_children(with_self=True)]
    is_drawn = not (screen._layout_required or screen._scroll_required or screen._repaint_required)
    is_drawn = is_drawn and not (screen._recompose_required or screen._dirty_widgets or screen._callbacks)
    return is_drawn and not any(pump.message_queue_size or pump._next_callbacks for pump in pumps)


async def read_until(app: App[Any], words: str) -> str:
    """Return what the screen shows once it shows some words."""
    await until(lambda: words in screen_text(app), f"{words!r} on the screen", seen=lambda: screen_text(app))
    return screen_text(app)


def matrix_measurement(distance: float = 1.0) -> MatrixMeasurement:
    return MatrixMeasurement(
        distance=distance, norm=25 + distance / 100, weighted_norm=0.003, rms=0.3, step=0.1, cosine=0.1, mean=0.0,
        sd=0.29, kurtosis=-1.2, test="chi2", statistic=60.0, p_value=0.5, effect=0.01, escaped=0.0, frozen=0.085,
        entries=7840, live_entries=7170, non_finite=0,
        histogram=Histogram(-1.0, 1.0, 0, [0] * 16 + [245] * 32 + [0] * 16, 0),
        movement_histogram=Histogram(-0.25, 0.25, 1, [7] * (MOVEMENT_BINS // 2) + [5] * (MOVEMENT_BINS // 2), 2),
    )  # fmt: skip


def measurement(epoch: int, **numbers: float) -> MeasurementRecord:
    """Return a measurement whose distance grows like a logarithm."""
    assert HISTOGRAM_BINS == 64
    distance = 2 * math.log1p(epoch)
    matrices = {name: matrix_measurement(distance / place) for place, name in enumerate(("W1", "b1", "W2", "b2"), 1)}
    record = MeasurementRecord(
        "r", epoch, epoch / 100, 0.5, 2.3 - distance / 10, 0.1 + distance / 20, 0.1 + distance / 21, matrices
    )
    return replace(record, **numbers)  # type: ignore[arg-type]


RUN = RunRecord("r", {}, {"inputs": 784, "classes": 10}, "2026-01-01T00:00:00+00:00", 2, "sparse", {})
END = EndRecord("r", "finished", 1000, 8.0)
ALARM = FindingRecord(
    "r", 500, "distance_falling", "alarm", "W1", 3.25, 2.0, "The distance fell by 3.25.", "Lower the learning rate."
)
NOTICE = FindingRecord("r", 700, "norm_growing", "notice", "W2", 1.5, 1.25, "The norm grew.", "Watch it.")
WARNING = FindingRecord("r", 600, "distribution_lost", "warning", "W1", 0.2, 0.1, "W1 is bell-like.", "Stop earlier.")


class Watching:
    """A dashboard whose run is played by the test."""

    def __init__(self, app: TuimoveApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def dashboard(self) -> Dashboard:
        assert isinstance(self.app.screen, Dashboard)
        return self.app.screen

    @property
    def worker(self) -> TrainingThread:
        return trained_runs(self.app)[-1]

    async def tell(self, *records: Any) -> str:
        """Have the run send records, and return what the screen shows then."""
        self.worker.doing = "training"
        for record in records:
            self.worker.mailbox.write(record)
            if isinstance(record, MeasurementRecord):
                self.worker.mailbox.advance(record.epoch)
            if isinstance(record, EndRecord):
                self.worker.end = record
        self.dashboard.poll()
        return await self.read()

    async def press(self, *keys: str) -> str:
        await self.pilot.press(*keys)
        return await self.read()

    async def resize(self, width: int, height: int) -> str:
        await self.pilot.resize_terminal(width, height)
        return await self.read()

    async def read(self) -> str:
        await settle(self.pilot)
        return screen_text(self.app)


def watch(
    body: Callable[[Watching], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    preset: Preset | None = None,
    options: ScreenOptions | None = None,
    worker: RunOptions | None = None,
    *,
    trains: bool = False,
) -> None:
    """Run a body beside the dashboard of a preset; nothing is trained unless asked for."""

    async def run() -> None:
        app = TuimoveApp(preset or load_preset("same-network"), worker or RunOptions(), options or ScreenOptions())
        async with opened(app, size) as pilot:
            await body(Watching(app, pilot))
            app.stop_runs()
        for thread in trained_runs(app) if trains else ():
            join(thread)

    with pytest.MonkeyPatch.context() as patch:
        if not trains:
            patch.setattr(TrainingThread, "start", lambda _: None)
        asyncio.run(run())
