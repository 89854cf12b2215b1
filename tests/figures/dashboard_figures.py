"""Measures the dashboard in a terminal: `python -m tests.figures.dashboard_figures` (5 minutes, on a quiet machine).

Prints how soon the first frame is there, how fast keys answer while every core trains, what share of the headless
speed training keeps, and how many bytes a second are written. The dashboard's page quotes these figures.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.conftest import parse_records
from tests.support.terminal import TUIMOVE, Terminal
from tuimove.screen.one_run.quantities import QUANTITIES

PRESET = "same-network"
HIDDEN = (100, 10)
SIZES = (120, 40), (200, 60)
PAIRS = 5
SECONDS = 12.0
"""Of training in each run that is timed."""
WARM_UP = 2.0
"""Seconds of a run that are left out: the first epochs and the first frames."""
KEYS = 150
FRAMES = 7


def preset_arguments(hidden: int) -> list[str]:
    """Return an endless run of a network of that width on all of MNIST."""
    return ["run", PRESET, "--set", f"network.hidden={hidden}", "--set", "training.epochs=1000000000"]


def open_dashboard(folder: Path, *arguments: object, size: tuple[int, int] = (120, 40)) -> Terminal:
    """Return a terminal with the dashboard in it."""
    return Terminal([*TUIMOVE, *map(str, arguments)], folder, *size)


def first_frame_seconds(folder: Path) -> float:
    """Return how long it takes from the command to the header, its inputs not yet counted, and all panels."""
    began = time.perf_counter()
    with closing(open_dashboard(folder, *preset_arguments(100))) as terminal:
        terminal.read_words("...-100-...")
        terminal.read_words("findings")
        taken = time.perf_counter() - began
        terminal.stop_run()
        terminal.wait()
    return taken


def key_seconds(folder: Path, keys: int) -> list[float]:
    """Return how long each key takes to show its effect while all cores train a wide network."""
    taken = []
    with closing(open_dashboard(folder, *preset_arguments(100))) as terminal:
        wait_for_training(terminal)
        for place in range(1, keys + 1):
            terminal.read_for(random.uniform(0.1, 0.4))
            seen = len(terminal.output)
            title = QUANTITIES[place % len(QUANTITIES)].title[1:].encode()
            began = time.perf_counter()
            terminal.press("v")
            while title not in terminal.output[seen:]:
                terminal.read_some(5.0)
            taken.append(time.perf_counter() - began)
        terminal.stop_run()
        terminal.wait()
    return taken


def written_bytes(folder: Path, size: tuple[int, int]) -> tuple[float, float]:
    """Return the bytes a second while the charts move, and the bytes in 5 seconds of a paused run."""
    with closing(open_dashboard(folder, *preset_arguments(10), size=size)) as terminal:
        wait_for_training(terminal)
        moving = len(terminal.read_for(30.0)) / 30.0
        terminal.press(" ")
        terminal.read_words("paused")
        terminal.read_for(1.5)
        idle = len(terminal.read_for(5.0))
        terminal.stop_run()
        terminal.wait()
    return moving, float(idle)


def wait_for_training(terminal: Terminal) -> None:
    """Read until a chart moves."""
    terminal.read_words("training")
    terminal.read_for(3.0)


def dashboard_speed(folder: Path, hidden: int) -> float:
    """Return epochs a second with the dashboard open."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        out = Path(place) / "run"
        with closing(open_dashboard(folder, *preset_arguments(hidden), "--out", out)) as terminal:
            wait_for_training(terminal)
            terminal.read_for(SECONDS)
            terminal.stop_run()
            terminal.wait()
        return epochs_per_second(out)


def headless_speed(folder: Path, hidden: int) -> float:
    """Return epochs a second without a screen."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        out = Path(place) / "run"
        command = [*TUIMOVE, *preset_arguments(hidden), "--no-ui", "--out", str(out)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(SECONDS + WARM_UP)
            process.terminate()
        return epochs_per_second(out)


def epochs_per_second(out: Path) -> float:
    """Return a recorded run's speed after its first seconds."""
    measured = [record for record in parse_records((out / "records.jsonl").read_text()) if "loss" in record]
    timed = [record for record in measured if record["seconds"] > WARM_UP]
    first, last = timed[0], timed[-1]
    speed: float = (last["epoch"] - first["epoch"]) / (last["seconds"] - first["seconds"])
    return speed


def share_line(folder: Path, hidden: int) -> str:
    """Return the share of the headless speed that is left with the dashboard open, from alternating runs."""
    speeds = [(dashboard_speed(folder, hidden), headless_speed(folder, hidden)) for _ in range(PAIRS)]
    ratios = sorted(ours / theirs for ours, theirs in speeds)
    ours, theirs = (statistics.median(column) for column in zip(*speeds, strict=True))
    return (
        f"training share, H = {hidden}: {statistics.median(ratios):.1%} of headless "
        f"({ratios[0]:.1%} to {ratios[-1]:.1%} in {PAIRS} pairs; {ours:.1f} and {theirs:.1f} epochs/s)"
    )


def key_line(seconds: Sequence[float]) -> str:
    """Return the key latencies in words."""
    ordered = sorted(seconds)
    rank = -(-95 * len(ordered) // 100) - 1
    return (
        f"key latency, H = 100, {len(ordered)} keys: median {statistics.median(ordered) * 1e3:.0f} ms, "
        f"95th percentile {ordered[rank] * 1e3:.0f} ms, worst {ordered[-1] * 1e3:.0f} ms"
    )


def main() -> int:
    """Measure everything, one after the other."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first_frame_seconds(folder)  # reads everything into the file cache
        frames = sorted(first_frame_seconds(folder) for _ in range(FRAMES))
        print(f"first frame: median {statistics.median(frames):.2f} s, worst {frames[-1]:.2f} s", flush=True)
        for size in SIZES:
            moving, idle = written_bytes(folder, size)
            words = f"{moving / 1e3:.1f} KB/s while training, {idle:.0f} bytes in 5 s paused"
            print(f"written at {size[0]}x{size[1]}, H = 10: {words}", flush=True)
        print(key_line(key_seconds(folder, KEYS)), flush=True)
        for hidden in HIDDEN:
            print(share_line(folder, hidden), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
