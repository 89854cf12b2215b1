"""Keys at the end of a slow line: how long until each shows its effect, and how much is written meanwhile."""

from __future__ import annotations

import importlib.util
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.faults.relay import FarTerminal, LineKind
from tests.support.processes import TUIMOVE
from tuimove.screen.one_run.quantities import QUANTITIES

MOST_SECONDS = 10.0
"""Seconds after which a key counts as without effect."""
PROMISED_SECONDS = 1.5
ROUNDS = 5
FRAME_BYTES = 16_000
"""Bytes of a whole screen of 120 by 40, at most."""
HELP = "╭"
"""Corner of the help's frame."""
TITLE_ROW = 6
"""Row of the chart's title, with the values at the cursor."""


@dataclass(frozen=True)
class Key:
    """A key, and what the screen shows once it has had its effect."""

    name: str
    keys: str
    shows: Callable[[str], bool]
    seconds: list[float] = field(default_factory=list)

    def is_still_to_act(self, text: str) -> bool:
        """Whether the screen doesn't show the effect yet."""
        return not self.shows(text)

    @property
    def row(self) -> str:
        """The key's line of the table."""
        ordered = sorted(self.seconds)
        cells = (statistics.median(ordered), share_95(ordered), ordered[-1])
        return f"{self.name:<16}{len(ordered):>4}" + "".join(f"{1e3 * cell:>9.0f}" for cell in cells)


def keys() -> list[Key]:
    """Return the keys in the order in which they are pressed, again and again."""
    return [
        Key("pause", " ", lambda text: "paused" in text.split("\n")[0]),
        Key("train on", " ", lambda text: "training" in text.split("\n")[0]),
        Key("help", "?", lambda text: HELP in text),
        Key("help closed", "\x1b", lambda text: HELP not in text),
        Key("images", "4", lambda text: "images" in text),
        Key("map", "3", lambda text: "movement map" in text),
        Key("next quantity", "v", lambda text: QUANTITIES[1].title in text),
        Key("last quantity", "V", lambda text: QUANTITIES[0].title in text),
        Key("cursor", "1h", lambda text: "epoch " in text.split("\n")[TITLE_ROW]),
        Key("no cursor", "\x1b", lambda text: "epoch " not in text.split("\n")[TITLE_ROW]),
    ]


def measure(terminal: FarTerminal, rounds: int) -> list[Key]:
    """Press every key so many times, with pauses of no fixed length between them."""
    pressed = keys()
    for _ in range(rounds):
        for key in pressed:
            time.sleep(random.uniform(0.3, 1.5))
            terminal.seconds_until(key.is_still_to_act, MOST_SECONDS)
            terminal.press(key.keys)
            key.seconds.append(terminal.seconds_until(key.shows, MOST_SECONDS))
    return pressed


def share_95(seconds: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return sorted(seconds)[-(-95 * len(seconds) // 100) - 1]


def press_keys(_ground: Ground, folder: Path, _seeds: range) -> str:
    """Press every key five times over a slow line while a run trains."""
    folder.mkdir(parents=True)
    command = [*TUIMOVE, "run", "same-network", "--no-store", "--set", "training.epochs=1000000"]
    with closing(FarTerminal(command, folder, LineKind(), 120, 40)) as terminal:
        require(terminal.seconds_until(lambda text: "training" in text, 120.0) < math.inf, "nothing trains")
        taken = [one for key in measure(terminal, ROUNDS) for one in key.seconds]
        slowest = share_95(taken)
        require(slowest <= PROMISED_SECONDS, f"95 % within {slowest:.2f} s: {sorted(taken)}")
        require(terminal.most_queued <= FRAME_BYTES, f"{terminal.most_queued} bytes queued")
    return f"95 % within {slowest:.1f} s"


SLOW_LINE = Family(
    name="slow-line",
    fault="keys over 64 kbit/s and 200 ms",
    holds="95 % show their effect within 1.5 s, and never is more than one frame queued",
    quick=1,
    full=10,
    attempt=press_keys,
    missing=lambda: "" if importlib.util.find_spec("pyte") else "pyte is missing",
)
