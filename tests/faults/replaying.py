"""A very long run, replayed: the first screen is there at once, and memory stays bounded."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.support.processes import ROOT, run
from tests.support.waiting import PATIENCE

FIRST_SCREEN_SECONDS = 2.0
MOST_MEGABYTES = 500.0


def replay_long(ground: Ground, folder: Path, seeds: range) -> str:
    """Have `tests.figures.long_replay` write and replay as many measurements as there are seeds."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.figures.long_replay", "--count", str(len(seeds)), "--folder", str(folder)]
    done = run(command, cwd=ROOT, env=ground.environment, timeout=PATIENCE + len(seeds) / 500)
    require(done.returncode == 0, done.stderr)
    first, most = _number("first frame: after", done.stdout), _number("most memory:", done.stdout)
    require(first < FIRST_SCREEN_SECONDS, f"first screen after {first:g} s")
    require(most < MOST_MEGABYTES, f"{most:g} MB of memory")
    return f"first screen after {first:g} s, {most:g} MB at most"


def _number(words: str, said: str) -> float:
    found = re.search(rf"{words} ([\d.]+)", said)
    require(found, f"{words!r} isn't said: {said}")
    assert found
    return float(found[1])


REPLAYING = Family(
    name="replaying",
    fault="24 hours' worth of records replayed",
    holds=f"first screen within {FIRST_SCREEN_SECONDS:g} s, memory bounded",
    quick=20_000,
    full=1_000_000,
    attempt=replay_long,
    batch=1_000_000,
)
