"""`kill -9` at any moment, once or several times, and resuming: nothing is lost, and the run ends as if undisturbed."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require, require_one_line, whole_lines
from tests.support.processes import wait
from tests.support.waiting import pause
from tuimove.recording.folder.checkpoint_files import checkpoint_files

Moment = Callable[[], bool]
MOST_KILLS = 3


def draw_moment(ground: Ground, folder: Path, how: random.Random) -> Moment:
    """Return whether the moment has come at which a process is killed: any, or one that is rarely hit by chance."""
    began, seconds = time.monotonic(), how.uniform(0, 1.05 * ground.seconds)
    size = how.uniform(0, 1) ** 3 * (ground.whole / "records.jsonl").stat().st_size
    name = how.choice(("lock", "preset.toml", "records.jsonl", "first.npz", "last.npz", "last.npz.part"))
    checkpoints = how.randint(1, 2)
    moments: list[Moment] = [
        lambda: time.monotonic() >= began + seconds,
        lambda: _size_of(folder / "records.jsonl") >= max(1.0, size),
        lambda: (folder / name).exists(),
        lambda: len(_checkpoints(folder)) >= checkpoints,
        lambda: any(folder.glob("checkpoint-*.part")),
    ]
    return how.choices(moments, (4, 4, 1, 2, 3))[0]


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _checkpoints(folder: Path) -> list[Path]:
    with suppress(OSError):
        return checkpoint_files(folder)
    return []


def kill_at(ground: Ground, arguments: list[str], moment: Moment, log: Path) -> bool:
    """Start the program and kill it once the moment has come; return whether it still ran then."""
    process = ground.start(arguments, log)
    while process.poll() is None and not moment():
        pause(0.0003)
    process.send_signal(signal.SIGKILL)
    return wait(process) == -signal.SIGKILL


def kill_and_resume(ground: Ground, folder: Path, seeds: range) -> str:
    """Kill a run, and some of those that resume it, and resume it to its end."""
    how = random.Random(f"killing {seeds.start}")
    ground.seconds  # noqa: B018 - measured before this folder is there
    folder.mkdir(parents=True)
    run, log = folder / "run", folder / "words.log"
    was_cut = kill_at(ground, ground.run_arguments(run, "--no-ui"), draw_moment(ground, run, how), log)
    if not (run / "records.jsonl").exists():
        return _require_nothing_begun(ground, run)
    recorded = whole_lines(run)
    for _ in range(how.randrange(MOST_KILLS)):
        was_cut = was_cut and kill_at(ground, ground.resume_arguments(run), draw_moment(ground, run, how), log)
        recorded = _require_kept(recorded, run)
    require("Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace"))
    if b'"status":"finished"' in recorded:
        require_one_line(ground.call(ground.resume_arguments(run)), code=2, words="has finished")
        ground.require_whole(run)
        return "killed after the end"
    ground.finish(run)
    _require_kept(recorded, run)
    return ""


def _require_kept(before: bytes, run: Path) -> bytes:
    """Raise a NotHeldError unless what was recorded still is, byte for byte; return what is recorded now."""
    now = whole_lines(run)
    require(now.startswith(before), f"of {len(before)} bytes of records some are lost")
    return now


def _require_nothing_begun(ground: Ground, run: Path) -> str:
    """Raise a NotHeldError unless one line says that there is no run: it was killed before it had a folder."""
    require_one_line(ground.call(ground.resume_arguments(run)), code=2, words=str(run))
    return "killed before it had a folder: nothing to resume"


KILLING = Family(
    name="killing",
    fault="kill -9 at a random moment, then resume",
    holds="weights and records as those of an uninterrupted run; no record lost",
    quick=4,
    full=100,
    attempt=kill_and_resume,
)
