"""Two processes on one run folder: one goes on, the other is refused by the number of the first, in one line."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import time
from pathlib import Path

from tests.faults.damaging import copy_killed
from tests.faults.family import Family
from tests.faults.ground import TUIMOVE, Ground, require, require_one_line, wait_until
from tuimove.run_lock import living_holder


def contend(ground: Ground, folder: Path, seeds: range) -> str:
    """Have two processes want the same folder, in one of three ways."""
    assert ground.whole
    ways = (resume_at_once, begin_at_once, begin_beside)
    return ways[seeds.start % len(ways)](ground, folder, random.Random(f"contending {seeds.start}"))


def resume_at_once(ground: Ground, folder: Path, how: random.Random) -> str:
    """Two processes resume a killed run at the same moment."""
    run = copy_killed(ground, folder)
    return _start_two(ground, run, [ground.resume_arguments(run)] * 2, how)


def begin_at_once(ground: Ground, folder: Path, how: random.Random) -> str:
    """Two processes begin a run in the same new folder at the same moment."""
    folder.mkdir(parents=True)
    return _start_two(ground, folder / "run", [ground.run_arguments(folder / "run", "--no-ui")] * 2, how)


def begin_beside(ground: Ground, folder: Path, how: random.Random) -> str:
    """Another process begins or resumes a run where one is being trained."""
    folder.mkdir(parents=True)
    run = folder / "run"
    first = ground.start(ground.run_arguments(run, "--no-ui", epochs=10**9), folder / "words.log")
    try:
        wait_until(lambda: living_holder(run) is not None, "a run begins", pause=how.uniform(0.001, 0.1))
        for arguments in (ground.run_arguments(run, "--no-ui"), ground.resume_arguments(run)):
            require_one_line(ground.call(arguments), code=2, words=f"process {first.pid} is writing there")
        require(first.poll() is None, "the first process has gone")
    finally:
        first.send_signal(signal.SIGTERM)
        first.wait(60)
    require(first.returncode == 130, f"the first ends with {first.returncode}")
    return ""


def _start_two(ground: Ground, run: Path, commands: list[list[str]], how: random.Random) -> str:
    """Start two processes at the same moment: the run must be the uninterrupted one, made by one of them."""
    processes = []
    for arguments in commands:
        processes.append(
            subprocess.Popen([*TUIMOVE, *arguments], cwd=ground.folder, env=ground.environment, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        )  # fmt: skip
        time.sleep(how.uniform(0, 0.05))
    said = [process.communicate(timeout=120)[1] for process in processes]
    codes = [process.returncode for process in processes]
    require(sorted(codes) == [0, 2], f"exit codes {codes}: {said}")
    loser = codes.index(2)
    require(said[loser].count("\n") <= 1 + said[loser].startswith("compiling"), f"more than a line: {said[loser]}")
    if re.search("already there|has finished", said[loser]):
        ground.require_whole(run)
        return "one came after the other's end"
    named = re.search(r"process (\d+) is writing there", said[loser])
    require(named and int(named[1]) == processes[1 - loser].pid, f"the winner isn't named: {said[loser]}")
    ground.require_whole(run)
    return ""


CONTENDING = Family(
    name="contending",
    fault="two processes on one run folder",
    holds="one goes on, the other is refused with the number of the first in one line",
    quick=3,
    full=20,
    attempt=contend,
)
