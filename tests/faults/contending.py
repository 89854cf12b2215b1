"""Two processes on one run folder: one goes on, the other is refused by the number of the first, in one line."""

from __future__ import annotations

import random
import re
import signal
import subprocess
from pathlib import Path

from tests.faults.damaging import copy_killed
from tests.faults.family import Family
from tests.faults.ground import Ground, require, require_one_line
from tests.support.processes import TUIMOVE, communicate, start, wait
from tests.support.waiting import pause, wait_until
from tuimove.recording.folder.run_lock import living_holder


def contend(ground: Ground, folder: Path, seeds: range) -> str:
    """Have two processes want the same folder, in one of three ways."""
    assert ground.whole
    ways = (resume_at_once, begin_at_once, begin_beside)
    return ways[seeds.start % len(ways)](ground, folder, random.Random(f"contending {seeds.start}"))


def resume_at_once(ground: Ground, folder: Path, how: random.Random) -> str:
    """Three processes resume a killed run at the same moment, and find the lock of one that is gone."""
    run = copy_killed(ground, folder)
    return _start_some(ground, run, [ground.resume_arguments(run)] * 3, how)


def begin_at_once(ground: Ground, folder: Path, how: random.Random) -> str:
    """Two processes begin a run in the same new folder at the same moment."""
    folder.mkdir(parents=True)
    return _start_some(ground, folder / "run", [ground.run_arguments(folder / "run", "--no-ui")] * 2, how)


def begin_beside(ground: Ground, folder: Path, how: random.Random) -> str:
    """Another process begins or resumes a run where one is being trained."""
    folder.mkdir(parents=True)
    run = folder / "run"
    first = ground.start(ground.run_arguments(run, "--no-ui", epochs=10**9), folder / "words.log")
    try:
        wait_until(lambda: living_holder(run) is not None, "a run begins", every=how.uniform(0.001, 0.1))
        for arguments in (ground.run_arguments(run, "--no-ui"), ground.resume_arguments(run)):
            require_one_line(ground.call(arguments), code=2, words=f"process {first.pid} is writing there")
        require(first.poll() is None, "the first process has gone")
    finally:
        first.send_signal(signal.SIGTERM)
    require(wait(first) == 130, f"the first ends with {first.returncode}")
    return ""


def _start_some(ground: Ground, run: Path, commands: list[list[str]], how: random.Random) -> str:
    """Start some processes at about the same moment: the run must be the uninterrupted one, made by one of them."""
    processes = []
    for arguments in commands:
        processes.append(
            start([*TUIMOVE, *arguments], cwd=ground.folder, env=ground.environment, text=True,
                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        )  # fmt: skip
        pause(how.uniform(0, 0.05))
    said = [communicate(process)[1] for process in processes]
    codes = [process.returncode for process in processes]
    require(sorted(codes) == [0, *[2] * (len(codes) - 1)], f"exit codes {codes}: {said}")
    ground.require_whole(run)
    winner = codes.index(0)
    remarks = {_require_refused(words, processes[winner].pid) for words in said[:winner] + said[winner + 1 :]}
    return max(remarks)


def _require_refused(words: str, winner: int) -> str:
    """Raise a NotHeldError unless one line names the winner, or says that its run is there already."""
    require(words.count("\n") == 1, f"not one line: {words}")
    if re.search("already there|has finished", words):
        return "one came after the other's end"
    require(f"process {winner} is writing there" in words, f"the winner, {winner}, isn't named: {words}")
    return ""


CONTENDING = Family(
    name="contending",
    fault="two processes on one run folder",
    holds="one goes on, the other is refused with the number of the first in one line",
    quick=3,
    full=20,
    attempt=contend,
)
