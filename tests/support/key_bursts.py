"""Keys that arrive in one write, on every screen: all ordered pairs of them, and random ones with resizes between.

Textual gives the application one event for each key of a write, without anything done in between; so
does `type_at_once`.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.support.loop_runs import write_loop
from tests.support.screen_reading import ALARM, END, RUN, is_settled, measurement
from tuimove.experiments.experiment import ExperimentOptions
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.record import Record, to_json
from tuimove.runs.run_options import RunOptions
from tuimove.runs.steering.control_server import ControlServer
from tuimove.runs.steering.controls import Controls
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.attaching import attached_screen
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.one_run.replay import Replay
from tuimove.screen.picker import Picker
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.screen.sources.recorded_runs import ReadingThread
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import Experiment, Member

Screen = Any
SIZES = ((80, 24), (120, 40))
ODD_SIZES = (*SIZES, (40, 12), (200, 60), (10, 3), (1, 1), (60, 18), (110, 32))
UNBOUND = ("enter", "escape", "tab", "backspace", "ctrl+q", "ctrl+c", "z", "Y", "0")
"""Keys that are tried everywhere, bound there or not."""
MOST_LOOKS = 300
"""Looks at an application that isn't at rest, until keys are typed all the same."""
BURST = 100
"""Keys in one write where none of them leads elsewhere."""


@dataclass(frozen=True)
class Spot:
    """A screen, and how one gets there."""

    name: str
    open: Callable[[Path], Screen]
    """Returns the first screen, for a folder with recorded runs in it."""
    way: tuple[str, ...] = ()
    """Keys that lead from there to the screen."""
    is_old: bool = False
    """Whether its run trains for so long that leaving it asks first."""
    answers: tuple[str, ...] = ()
    """Keys that mean something there without a binding."""


def write_runs(folder: Path) -> None:
    """Write what the screens show: a run that has ended, one that goes on, and a training loop's."""
    preset = {"name": "same-network", **load_preset("same-network").as_dict()}
    preset["data"] = {**preset["data"], "name": "/nowhere"}  # no images are loaded
    data = {"name": "nowhere", "train": 10, "test": 10, "inputs": 784, "live_inputs": 700, "classes": 10}
    run = replace(RUN, preset=preset, data=data)
    past = [measurement(epoch) for epoch in range(0, 101, 10)]
    living: list[Record] = [run, *past, ALARM]
    for name, records in (("ended", [*living, END]), ("living", living)):
        (folder / name).mkdir()
        lines = (to_json(record, histograms=True) + "\n" for record in records)
        (folder / name / "records.jsonl").write_text("".join(lines))
    write_loop(folder / "loop", 1, 12)


def training(_folder: Path) -> Screen:
    worker = TrainingThread(load_preset("same-network"), RunOptions())
    worker.doing = "training"
    records: list[Record] = [RUN, *(measurement(epoch) for epoch in range(0, 101, 10)), ALARM]
    for record in records:
        worker.mailbox.write(record)
    return Dashboard(worker, "braille", None)


def ended(folder: Path) -> Screen:
    screen = training(folder)
    screen.source.controls.stop()
    screen.source.end = END
    return screen


def experiment(folder: Path) -> Screen:
    base = load_preset("same-network")
    members = [Member(replace(base, name=f"training.seed={seed}", training=replace(base.training, seed=seed)),
                      (("training.seed", seed),)) for seed in (1, 2, 3)]  # fmt: skip
    options = ExperimentOptions(out=folder / "none")
    return RunGrid(ExperimentThread(Experiment(base, tuple(members), ("training.seed",)), options, None), "braille", 30)


def comparison(folder: Path) -> Screen:
    return RunGrid(ReadingThread([str(folder / name) for name in ("ended", "living")]), "braille", None)


SPOTS = (
    Spot("a training run", training),
    Spot("a run that has ended", ended),
    Spot("a recorded run", lambda folder: Replay(RecordedRun(folder / "ended"), None, "braille", None)),
    Spot("a run of another process", lambda folder: attached_screen(folder / "living", "braille", None)),
    Spot("a training loop", lambda folder: attached_screen(folder / "loop", "braille", None)),
    Spot("an experiment", experiment),
    Spot("a comparison", comparison),
    Spot("a run out of many", comparison, ("enter",)),
    Spot("the picker", lambda _: Picker()),
    Spot("the form", lambda _: Picker(), ("e",)),
    Spot("the help", training, ("question_mark",)),
    Spot("the question before leaving", training, ("q",), is_old=True, answers=("q", "b", "S")),
    Spot("the list of pages", training, ("question_mark", "enter")),
    Spot("a page", training, ("question_mark", "enter", "enter")),
)


class Typing:
    """An application on which keys are typed; nothing is trained."""

    def __init__(self, app: TuimoveApp, spot: Spot, folder: Path) -> None:
        self.app, self._spot, self._folder = app, spot, folder
        self._place: tuple[Screen, bool] | None = None

    @property
    def _where(self) -> tuple[Screen, bool]:
        """The screen, and whether text is typed there."""
        return self.app.screen, isinstance(self.app.focused, Input)

    async def go(self) -> None:
        """Go to the spot, unless that is where one is."""
        if self._where != self._place:
            if self._place:
                self.app._show_alone(self._spot.open(self._folder))
            await self.rest()
            if self._spot.is_old:
                self.app._begun_at = -math.inf
            for key in self._spot.way:
                await self.type(key)
            self._place = self._where

    async def rest(self) -> None:
        """Let the application do everything that it was asked for; `Pilot.pause` would wait for one that ends."""
        looks = 0
        for _ in range(MOST_LOOKS):  # a screen of a few cells may never lay itself out
            await asyncio.sleep(0.002)
            if looks == 2 or self.app._exit:
                return
            looks = looks + 1 if is_settled(self.app) else 0

    async def type(self, *keys: str) -> bool:
        """Type keys in one write, and return whether they have led elsewhere."""
        type_at_once(self.app, *keys)
        await self.rest()
        return self.app._exit or self._where != self._place

    def resize(self, width: int, height: int) -> None:
        """Have the terminal take another size."""
        driver = self.app._driver
        assert isinstance(driver, HeadlessDriver)
        driver._size = (width, height)
        self.app.post_message(events.Resize(Size(width, height), Size(width, height)))

    @property
    def keys(self) -> list[str]:
        """All keys of the screen, and some more; but for the one that would stop the tests."""
        return [
            key
            for key in dict.fromkeys([*self.app.screen.active_bindings, *UNBOUND, *self._spot.answers])
            if key != "ctrl+z"
        ]


SIGNS = {_character_to_key(sign): sign for sign in " ?/[]+-=,.<>:"}


def type_at_once(app: TuimoveApp, *keys: str) -> None:
    """Give an application keys as one write of a terminal does."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else SIGNS.get(key)))


@contextmanager
def nothing_trained(folder: Path) -> Iterator[None]:
    """Have runs train, as far as anybody can tell, until they are stopped; other processes' runs go on."""
    pictures = folder.resolve().parent / "pictures"
    pictures.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(pictures)  # `S` saves the screen there
        patch.setattr(TrainingThread, "start", lambda _: None)
        patch.setattr(ExperimentThread, "start", lambda _: None)
        patch.setattr(TrainingThread, "is_alive", lambda self: self.controls.stop_reason is None)
        patch.setattr(ExperimentThread, "is_alive", lambda self: not self._was_stopped)
        locks = [RunLock(folder / name) for name in ("living", "loop")]
        server = ControlServer(folder / "living", Controls(), is_steered_here=False)
        try:
            yield
        finally:
            server.close()
            for lock in locks:
                lock.release()


@asynccontextmanager
async def typing(spot: Spot, folder: Path, size: tuple[int, int]) -> AsyncIterator[Typing]:
    """Open an application at a spot; raises what has gone wrong in it."""
    app = TuimoveApp(spot.open(folder), RunOptions(is_kept=False), ScreenOptions())
    async with app.run_test(size=size, notifications=True):
        typing = Typing(app, spot, folder)
        await typing.go()
        yield typing
        app.stop_runs()


class Pairs:
    """Types every ordered pair of a screen's keys, each in one write."""

    def __init__(self, spot: Spot, folder: Path, size: tuple[int, int]) -> None:
        self._spot, self._folder, self._size = spot, folder, size
        self.tried: set[tuple[str, str]] = set()

    async def type(self, writes: Iterable[Sequence[str]]) -> set[tuple[str, ...]]:
        """Type each of these in one write, from the spot on; return those that have led elsewhere."""
        left = deque(map(tuple, writes))
        leading: set[tuple[str, ...]] = set()
        while left:
            async with typing(self._spot, self._folder, self._size) as app:
                while left and not app.app._exit:
                    write = left.popleft()
                    with telling(self._spot, self._size, write):
                        await app.go()
                        if await app.type(*write):
                            leading.add(write)
                    self.tried |= set(pairwise(write))
        return leading

    async def type_all(self) -> int:
        """Type all pairs, and return how many."""
        async with typing(self._spot, self._folder, self._size) as app:
            keys = app.keys
        leaving = {key for (key,) in await self.type([key] for key in keys)}
        staying = walk([key for key in keys if key not in leaving])
        await self.type(staying[at : at + BURST + 1] for at in range(0, len(staying), BURST))
        await self.type((key, last, key) for last in leaving for key in keys)
        return len(self.tried)


async def type_at_random(seed: int, folder: Path, count: int = 200) -> None:
    """Type keys at random in writes of a few, with resizes between them, from a spot of many."""
    chance = random.Random(seed)
    while count > 0:
        spot, size = chance.choice(SPOTS), chance.choice(ODD_SIZES)
        async with typing(spot, folder, size) as app:
            while count > 0 and not app.app._exit:
                keys = app.keys
                write = chance.choices(keys, k=chance.randint(1, 4))
                count -= len(write)
                with telling(spot, size, write):
                    if chance.random() < 0.2:
                        app.resize(*chance.choice(ODD_SIZES))
                    type_at_once(app.app, *write)
                    if chance.random() < 0.5:
                        await app.rest()


@contextmanager
def telling(spot: Spot, size: tuple[int, int], write: Sequence[str]) -> Iterator[None]:
    """Say with an error where it happened."""
    try:
        yield
    except Exception as error:
        error.add_note(f"{spot.name}, {size}: {' '.join(write)}")
        raise


def walk(keys: Sequence[str]) -> list[str]:
    """Return the shortest sequence in which every ordered pair of keys occurs, each with itself too."""
    left = {key: [*keys] for key in keys}
    path, found = [*keys[:1]], []
    while path:
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            found.append(path.pop())
    return found[::-1]
