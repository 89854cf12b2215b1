"""Checkpoints and records cut short, with a bit flipped or garbage in them: made again, or refused in words.

Most attempts are made in this process, every fortieth on the command line.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.conftest import random_digits
from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.faults.killing import kill_at
from tests.support.cut_runs import contents, damage_and_resume, damaged, train
from tuimove.recording.folder.checkpoint_files import checkpoint_files
from tuimove.runs.steering.control_socket import SOCKET

BATCH = 40


def damage_some(ground: Ground, folder: Path, seeds: range) -> str:
    """Damage runs of this process, and one of the command line."""
    digits = random_digits(200, (6, 5), 4)
    whole = ground.folder / "whole-here"
    if not whole.exists():
        train(whole, digits)
    for seed in seeds[:-1]:
        damage_and_resume(folder / str(seed), digits, whole, random.Random(seed))
    return damage_command(ground, folder / str(seeds[-1]), random.Random(seeds[-1]))


def damage_command(ground: Ground, folder: Path, how: random.Random) -> str:
    """Damage a killed run, and resume it as a user would."""
    run = copy_killed(ground, folder)
    paths = [run / "records.jsonl", *checkpoint_files(run)]
    for path in how.sample(paths, how.randint(1, len(paths))):
        path.write_bytes(damaged(path.read_bytes(), how))
    done = ground.call(ground.resume_arguments(run))
    require("Traceback" not in done.stderr, done.stderr)
    if done.returncode != 0:
        require(done.returncode == 2 and done.stderr.count("\n") == 1, f"{done.returncode}: {done.stderr}")
        return "refused on the command line"
    if contents(run)[0][0] == contents(ground.whole)[0][0]:
        ground.require_whole(run)
    return "resumed on the command line"


def copy_killed(ground: Ground, folder: Path) -> Path:
    """Return a copy of a run that was killed once it had two checkpoints."""
    killed = ground.folder / "killed"
    if not killed.exists():
        assert ground.whole
        kill_at(
            ground, ground.run_arguments(killed, "--no-ui"), lambda: _has_checkpoints(killed), ground.folder / "log"
        )
        require(_has_checkpoints(killed), "no two checkpoints in the time of a run")
    shutil.copytree(killed, folder / "run", ignore=shutil.ignore_patterns(SOCKET))
    return folder / "run"


def _has_checkpoints(run: Path) -> bool:
    return run.is_dir() and len(checkpoint_files(run)) > 1


DAMAGING = Family(
    name="damaging",
    fault="checkpoints and records cut short, bits flipped, garbage in them",
    holds="no traceback, no wrong weights, the checkpoint before is taken and it is said",
    quick=BATCH,
    full=1000,
    attempt=damage_some,
    batch=BATCH,
)
