"""Presets and records that hypothesis thinks of, in a process with little memory and little time for each of them."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.support.processes import ROOT, run
from tests.support.waiting import PATIENCE

SECONDS_EACH = 10.0
"""For which a made-up preset or record is waited for on average; a last resort."""


def fuzz(ground: Ground, folder: Path, seeds: range) -> str:
    """Try as many presets and records as there are seeds."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.faults.fuzzed", str(folder), str(seeds.start), str(len(seeds))]
    done = run(command, cwd=ROOT, env=ground.environment, timeout=PATIENCE + SECONDS_EACH * len(seeds))
    (folder / "words.log").write_text(done.stdout + done.stderr)
    require(done.returncode == 0, f"exit code {done.returncode}: {done.stderr[-4000:]}")
    return done.stdout.strip()


FUZZING = Family(
    name="fuzzing",
    fault="presets and records that hypothesis made",
    holds="success or words; no traceback, no hang, no memory",
    quick=200,
    full=10_000,
    attempt=fuzz,
    batch=1000,
)
