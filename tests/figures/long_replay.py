"""How a replay bears a very long run: `python -m tests.figures.long_replay [--count N] [--histograms] [--folder DIR]`.

Writes a made-up run of so many measurements, opens it in a terminal of its own, and prints the seconds until its first
frame and its first measurement are on the screen, those until everything has been read, and the most memory that took.
The run is deleted afterwards. A million measurements take about 2 GB, with histograms 5 GB.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from tests.support.screen_reading import END, RUN, measurement
from tests.support.terminal import TUIMOVE, Terminal
from tuimove.recording.record import Record, to_json
from tuimove.settings.preset_reading import load_preset

CLEAR = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


def main() -> None:
    """Write, replay, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.long_replay", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="measurements (default: 1,000,000)")
    parser.add_argument("--histograms", action="store_true", help="with histograms, as in a run folder")
    parser.add_argument("--folder", type=Path, help="where to write it (default: the folder for temporary files)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "long.jsonl"
        require_room(path.parent, asked.count * (5000 if asked.histograms else 2200))
        write_run(path, asked.count, histograms=asked.histograms)
        print(f"{asked.count:,} measurements, {path.stat().st_size / 1e9:.2f} GB")
        time_replay(path, histograms=asked.histograms)


def require_room(folder: Path, needed: int) -> None:
    """Leave where the disk would run full."""
    free = shutil.disk_usage(folder).free
    if free < 2 * needed:
        raise SystemExit(f"{folder}: about {needed / 1e9:.1f} GB are needed, and twice that should be free")


def write_run(path: Path, count: int, *, histograms: bool) -> None:
    """Write a run of an epoch a measurement, whose numbers come in turns."""
    preset = load_preset("same-network")
    table = {"name": preset.name, **preset.as_dict(), "training": {"epochs": max(1, count - 1)}}
    with path.open("w", encoding="utf-8") as stream:

        def write(record: Record) -> None:
            stream.write(to_json(record, histograms=histograms) + "\n")

        write(replace(RUN, preset=table))
        made = [to_json(measurement(epoch), histograms=histograms) for epoch in (1, 10, 100, 1000)]
        rests = [line.partition(',"learning_rate"')[2] for line in made]
        for epoch in range(count):
            head = f'{{"record":"measurement","run":"r","epoch":{epoch},"seconds":{epoch / 100},"learning_rate"'
            stream.write(f"{head}{rests[epoch % len(rests)]}\n")
        write(replace(END, epochs=count - 1, seconds=count / 100))


def time_replay(path: Path, *, histograms: bool) -> None:
    """Open the run, and print what it cost to read it."""
    began = time.monotonic()
    terminal = Terminal([*TUIMOVE, "replay", str(path)], path.parent)
    process, most = psutil.Process(terminal.process.pid), 0
    try:
        first = "W1 entries" if histograms else "histograms were not"
        for words, meaning in (("epoch", "first frame"), (first, "first measurements"), ("finished", "all")):
            while words not in CLEAR.sub(b"", terminal.output).decode(errors="replace"):
                terminal.output = terminal.output[-100_000:]
                terminal.read_for(0.05)
                most = max(most, process.memory_info().rss)
            print(f"{meaning}: after {time.monotonic() - began:.2f} s", flush=True)
        print(f"most memory: {most / 1e6:.0f} MB", flush=True)
    finally:
        terminal.close()


if __name__ == "__main__":
    main()
