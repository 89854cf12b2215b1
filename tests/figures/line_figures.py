"""Measures the dashboard at the end of a line: `python -m tests.figures.line_figures [--fast] [--size 120x40] [-n 20]`.

The line has 64 kbit/s and 100 ms each way, and 16 KB of buffer; with `--fast` it has no limits. Prints how long each
key takes until its effect is on the screen while a run trains, the bytes a second, and the most bytes that waited.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.faults.relay import UNLIMITED, FarTerminal, LineKind
from tests.faults.slow_line import Key, measure
from tests.support.processes import ending_with
from tests.support.terminal import TUIMOVE


def main() -> int:
    """Measure and print the table."""
    asked = parse_options()
    columns, rows = map(int, asked.size.split("x"))
    command = [*TUIMOVE, "run", "same-network", "--set", f"network.hidden={asked.hidden}", "--no-store",
               "--set", f"training.epochs={asked.epochs}"]  # fmt: skip
    kind = UNLIMITED if asked.fast else LineKind()
    with ending_with("line"), tempfile.TemporaryDirectory() as folder:
        terminal = FarTerminal(command, Path(folder), kind, columns, rows)
        with closing(terminal):
            terminal.seconds_until(lambda text: "training" in text, 60.0)
            time.sleep(3.0)
            before, began = terminal.received, time.monotonic()
            time.sleep(asked.watch)
            rate = (terminal.received - before) / (time.monotonic() - began)
            pressed = measure(terminal, asked.rounds)
            print(f"{asked.size}, H = {asked.hidden}, {'no limits' if asked.fast else '64 kbit/s, 100 ms each way'}")
            print(f"{'key':<16}{'n':>4}{'median':>9}{'95 %':>9}{'worst':>9}  (ms)")
            print("\n".join(key.row for key in pressed))
            every = Key("all", "", bool, [one for key in pressed for one in key.seconds])
            print(every.row)
            print(f"{rate / 1e3:.1f} KB/s without keys, {terminal.most_queued:,} bytes queued at most")
    return 0


def parse_options() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.line_figures", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="a line without limits")
    parser.add_argument("--size", default="120x40", help="of the terminal (default: 120x40)")
    parser.add_argument("--hidden", type=int, default=10, help="neurons (default: 10)")
    parser.add_argument("--epochs", type=int, default=20_000, help="of the run (default: 20000)")
    parser.add_argument("--watch", type=float, default=15.0, help="seconds over which bytes are counted (default: 15)")
    parser.add_argument("-n", "--rounds", type=int, default=20, help="how often each key is pressed (default: 20)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
