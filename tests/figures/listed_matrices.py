"""How the list of matrices bears a large model: `python -m tests.figures.listed_matrices [--layers N] [--looks N]`.

Writes a made-up run of a training loop (25 layers are 302 matrices), opens it in a terminal of its own, and prints the
seconds until its first frame and until all of it is on the screen, and from a key to the drawn frame while the list is
walked. The dashboard's page quotes these figures.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psutil

from tests.support.loop_runs import parameters, steps, write_loop
from tests.support.terminal import TUIMOVE, Terminal

KEYS, PAGES = 100, 12
FIRST, DOWN, PAGE_DOWN = "\x1b[H", "\x1b[B", "\x1b[6~"


def key_seconds(terminal: Terminal, key: str, keys: int) -> list[float]:
    """Return how long each key takes until what it has drawn is complete."""
    taken = []
    for _ in range(keys):
        terminal.read_for(random.uniform(0.1, 0.3))
        began = time.perf_counter()
        terminal.press(key)
        terminal.read_some(5.0)
        last = time.perf_counter()
        while terminal.read_some(0.03):
            last = time.perf_counter()
        taken.append(last - began)
    return taken


def told(words: str, seconds: Sequence[float]) -> str:
    """Return latencies in words."""
    ordered = sorted(seconds)
    return (
        f"{words}, {len(ordered)} keys: median {statistics.median(ordered) * 1e3:.0f} ms, 95th percentile "
        f"{ordered[-(-95 * len(ordered) // 100) - 1] * 1e3:.0f} ms, worst {ordered[-1] * 1e3:.0f} ms"
    )


def main() -> None:
    """Write, open, walk, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.listed_matrices", description=__doc__)
    parser.add_argument("--layers", type=int, default=25, help="twelve matrices each, and two more (default: 25)")
    parser.add_argument("--looks", type=int, default=150, help="measurements (default: 150)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = write_loop(Path(place) / "run", asked.layers, asked.looks)
        size = (folder / "records.jsonl").stat().st_size
        print(f"{len(parameters(asked.layers))} matrices, {asked.looks} looks, {size / 1e6:.0f} MB")
        began = time.perf_counter()
        with closing(Terminal([*TUIMOVE, "replay", str(folder)], Path(place))) as terminal:
            terminal.read_words("3 matrices")
            print(f"first frame: {time.perf_counter() - began:.2f} s")
            terminal.read_words("entries")
            print(f"first measurement: {time.perf_counter() - began:.2f} s")
            terminal.read_words(f"step {steps(asked.looks)[-1]}")
            print(f"all of it: {time.perf_counter() - began:.2f} s")
            terminal.press("3")
            terminal.read_for(1.0)
            terminal.press(FIRST)
            terminal.read_for(1.0)
            print(told("down", key_seconds(terminal, DOWN, KEYS)), flush=True)
            print(told("page down", key_seconds(terminal, PAGE_DOWN, PAGES)), flush=True)
            print(f"memory: {psutil.Process(terminal.process.pid).memory_info().rss / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
