"""Presets and records that hypothesis thinks of, in a process with little memory and little time for each of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.family import Family
from tests.faults.full_disk import ROOT
from tests.faults.ground import Ground, require

SECONDS_EACH = 1.0
START_SECONDS = 120.0


def fuzz(ground: Ground, folder: Path, seeds: range) -> str:
    """Try as many presets and records as there are seeds."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.faults.fuzzed", str(folder), str(seeds.start), str(len(seeds))]
    done = subprocess.run(command, cwd=ROOT, env=ground.environment, capture_output=True, text=True, check=False,
                          timeout=START_SECONDS + SECONDS_EACH * len(seeds))  # fmt: skip
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
