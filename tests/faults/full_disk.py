"""A disk that runs full: said in one line, nothing damaged, and the run can be resumed once there is room.

A file system of some hundred kilobytes is mounted where nobody else sees it (`unshare`); every other attempt has one
system call fail instead, at a point that a small disk hardly ever hits: syncing and renaming above all.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sys
from functools import cache
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.support.processes import ROOT, TUIMOVE, run
from tuimove.recording.folder.checkpoint_files import NAME, checkpoint_files

PRIVATE = ["unshare", "--user", "--map-root-user", "--mount"]
LEAST_KB = 4
ROOMY_KB = 65536


def fill_disk(ground: Ground, folder: Path, seeds: range) -> str:
    """Have the disk run full while a run is kept, or a call fail as if it had."""
    assert ground.whole
    how = random.Random(f"full disk {seeds.start}")
    folder.mkdir(parents=True)
    if seeds.start % 2 == 0 and can_mount():
        most = 4 * sum(-(-path.stat().st_size // 4096) for path in ground.whole.iterdir()) + 60
        return _in_private(ground, folder, int(LEAST_KB * (most / LEAST_KB) ** how.random()))
    call = ("write", "fsync", "rename")[seeds.start // 2 % 3]
    number = how.randint(1, {"write": 120, "fsync": 12, "rename": 6}[call])
    module = [sys.executable, "-m", "tests.faults.failing_call", call, str(number)]
    return f"{call}: {try_filling(ground, folder / 'run', [*module, *ground.run_arguments(folder / 'run', '--no-ui')])}"


@cache
def can_mount() -> bool:
    """Return whether a file system can be mounted that nobody else sees."""
    command = [*PRIVATE, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]
    try:
        return run(command).returncode == 0
    except OSError:
        return False


def _in_private(ground: Ground, folder: Path, size: int) -> str:
    """Try with a disk of so many kilobytes, in a process that has it to itself."""
    module = [sys.executable, "-m", "tests.faults.full_disk", str(ground.folder), str(ground.epochs)]
    module += [str(folder), str(size)]
    done = run([*PRIVATE, *module], cwd=ROOT)
    require(done.returncode == 0, f"with a disk of {size} KB: {done.stderr}")
    return f"small disk: {done.stdout.strip()}"


def try_in_private(ground: Ground, folder: Path, size: int) -> str:
    """Mount a small disk, train onto it, and make it larger for going on."""
    disk = folder / "disk"
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk)
    command = [*TUIMOVE, *ground.run_arguments(disk / "run", "--no-ui")]
    try:
        return try_filling(ground, disk / "run", command, disk)
    finally:
        shutil.copytree(disk, folder / "seen")


def _mount(*arguments: object) -> None:
    done = run(["mount", *arguments])
    require(done.returncode == 0, f"mount {arguments}: {done.stderr}")


def try_filling(ground: Ground, folder: Path, command: list[str], disk: Path | None = None) -> str:
    """Train until something can't be written, make room, go on, and return what couldn't be written."""
    done = run(command, cwd=ROOT, env=ground.environment)
    require("Traceback" not in done.stderr, done.stderr)
    if done.returncode == 0:
        ground.require_whole(folder)
        return "the disk was large enough"
    full = [line for line in done.stderr.splitlines() if "No space left on device" in line]
    require(len(full) == 1 and str(folder) in full[0], f"not one line that names the place: {done.stderr}")
    for path in checkpoint_files(folder) if folder.exists() else ():
        match = NAME.fullmatch(path.name)
        require(match and hashlib.sha256(path.read_bytes()).hexdigest().startswith(match[2]), f"damaged: {path}")
    if disk:
        _mount("-o", f"remount,size={ROOMY_KB}k", disk)
    return _go_on(ground, folder, full[0])


def _go_on(ground: Ground, folder: Path, said: str) -> str:
    """Resume the run, or begin it again where nothing was left of it."""
    if not folder.exists() or not any(folder.iterdir()):
        done = ground.call(ground.run_arguments(folder, "--no-ui"))
        require(done.returncode == 0, f"beginning again ends with {done.returncode}: {done.stderr}")
        ground.require_whole(folder)
        return "the first record: begun again"
    ground.finish(folder)
    names = ("checkpoint", "records.jsonl", "first.npz", "last.npz")
    return next((name for name in names if name in said), said)


if __name__ == "__main__":
    print(try_in_private(Ground(Path(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3]), int(sys.argv[4])))


FILLING = Family(
    name="filling",
    fault="disk full during record, checkpoint and rename",
    holds="one line that names the file, checkpoints intact, ends as undisturbed once there is room",
    quick=4,
    full=60,
    attempt=fill_disk,
)
