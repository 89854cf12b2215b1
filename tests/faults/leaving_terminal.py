"""A terminal that goes in any state: read or not, answering or not, its client closed, killed, or frozen and killed.

Within seconds a run that isn't kept must have ended, and one that is kept must go on in another process.
"""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.support.processes import TUIMOVE, end, start
from tests.support.terminal import CONTROLLED
from tests.support.waiting import pause, wait_until
from tuimove.recording.folder.run_lock import living_holder

MOST_SECONDS = 6.0
"""Promised time until the process has ended."""
CLIENT = r"""
import os, sys, time
answers, reads_on, seen = sys.argv[1] == "answers", sys.argv[2] == "reads", b""
while True:
    data = os.read(0, 65536)
    seen = seen[-100:] + data
    if answers and b"\x1b[6n" in data:
        os.write(0, b"\x1b[1;1R")
    if b"training" in seen:
        print("training", flush=True)
        seen = b""
        while not reads_on:
            time.sleep(60)
"""
"""Stands for the terminal's program, or for the server at this end of a line: it holds the terminal's other side."""


@dataclass(frozen=True)
class Way:
    """How a terminal goes."""

    is_kept: bool
    answers: bool
    reads: bool
    """Whether it reads until it goes; it may have stopped long before."""
    freezes: bool
    is_told: bool
    """Whether the program gets SIGHUP, as from its controlling terminal."""

    @property
    def words(self) -> str:
        """The way in words."""
        return ", ".join((
            "kept" if self.is_kept else "not kept", "answering" if self.answers else "silent",
            "read" if self.reads else "not read", "frozen before" if self.freezes else "killed",
            "with SIGHUP" if self.is_told else "without a signal",
        ))  # fmt: skip


def way_of(seed: int) -> Way:
    """Return one of the 32 ways."""
    return Way(*(bool(seed >> place & 1) for place in range(5)))


def leave_terminal(ground: Ground, folder: Path, seeds: range, most: float = MOST_SECONDS) -> str:
    """Train in a terminal, let that go, and look at what becomes of the process and the run."""
    assert ground.data
    way, moment = way_of(seeds.start), random.Random(f"leaving terminal {seeds.start}").uniform(0.0, 1.5)
    folder.mkdir(parents=True)
    run = folder / "run"
    process, client = _open(ground, run, way)
    assert client.stdout
    require(client.stdout.readline() == b"training\n", "nothing trains")
    pause(moment)
    if way.freezes:
        client.send_signal(signal.SIGSTOP)
        pause(moment)
    client.kill()
    began = time.monotonic()
    wait_until(lambda: process.poll() is not None, f"the end of {way.words}")
    taken = time.monotonic() - began
    end(client)
    if way.is_kept:
        _require_background(run, process.pid)
    require(taken <= most, f"{way.words}: ended after {taken:.1f} s")
    return "goes on in the background" if way.is_kept else "ended"


def _open(ground: Ground, run: Path, way: Way) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """Start a program in a terminal, and the client that holds the terminal's other side."""
    master, inside = pty.openpty()
    program = [*TUIMOVE, *ground.run_arguments(run, "--fps", 30, epochs=10**9)]
    if not way.is_kept:
        program = [word for word in program if word not in ("--out", str(run))] + ["--no-store"]
    controlled = [sys.executable, "-ISc", CONTROLLED] if way.is_told else []
    settings = {"cwd": ground.folder, "env": ground.environment}
    process = start([*controlled, *program], stdin=inside, stdout=inside, stderr=inside, **settings)
    words = ["answers" if way.answers else "silent", "reads" if way.reads else "stops"]
    client = start([sys.executable, "-ISc", CLIENT, *words], stdin=master, stdout=subprocess.PIPE, **settings)
    os.close(master)
    os.close(inside)
    return process, client


def _require_background(run: Path, before: int) -> None:
    """Wait until another process trains the run, and end it."""

    def holder() -> int:
        now = living_holder(run)
        return now.pid if now and now.pid != before else 0

    os.kill(wait_until(holder, "another process trains it"), signal.SIGTERM)
    wait_until(lambda: living_holder(run) is None, "the run ends")


LEAVING_TERMINAL = Family(
    name="leaving-terminal",
    fault="terminal goes in any state",
    holds="within 6 s the process has ended, and a kept run goes on in another one",
    quick=8,
    full=200,
    attempt=leave_terminal,
)
