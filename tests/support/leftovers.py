"""Finds and ends processes that tests have left: `python tests/leftovers.py MARK [--at-end-of-input]`.

Every process that a test starts inherits a mark in its environment, and so does whatever that process starts, in
whichever session and with whichever parent. Run as a program, it lists what is left of a mark, ends it, and exits with
1 if there was anything; `--at-end-of-input` first waits until standard input ends, that is, until the process that
holds the other end of the pipe is gone, however it went.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import suppress

import psutil

MARK = "TUIMOVE_TESTS"
"""The variable; its value is a path of names, such as of the suite, of a test process and of a test."""
GRACE_SECONDS = 60.0
"""For processes that are about to end by themselves when the suite is over."""


def marked_processes(mark: str) -> list[psutil.Process]:
    """Return all other processes that bear a mark, or one below it."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _bears(process, mark)]


def _bears(process: psutil.Process, mark: str) -> bool:
    try:
        found = process.environ().get(MARK, "")
    except (psutil.Error, OSError):  # gone, or another user's
        return False
    return bool(found == mark or found.startswith(f"{mark}/"))


def end_marked(mark: str) -> None:
    """Kill every process that bears a mark, those included that are started meanwhile; reap none."""
    while found := marked_processes(mark):
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(0.01)


def left_behind(mark: str) -> list[str]:
    """Return a line for each process that is left of a mark and doesn't end by itself, and end it."""
    deadline = time.monotonic() + GRACE_SECONDS
    while (found := marked_processes(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = [_described(process) for process in found]
    end_marked(mark)
    return lines


def _described(process: psutil.Process) -> str:
    try:
        age = time.time() - process.create_time()
        test = process.environ().get(MARK, "")
        return f"{process.pid}, {age:.0f} s old, of {test}: {' '.join(process.cmdline())}"
    except psutil.Error:
        return f"{process.pid}, gone by now"


def main() -> int:
    """Do what the command line asks, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mark", metavar="MARK")
    parser.add_argument(
        "--at-end-of-input", action="store_true", help="wait for the end of standard input, then end all"
    )
    asked = parser.parse_args()
    if asked.at_end_of_input:
        sys.stdin.buffer.read()
        end_marked(asked.mark)
        return 0
    lines = left_behind(asked.mark)
    print("\n".join(["left running, and ended now:", *lines] if lines else ["nothing is left running"]))
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
