"""Run folders that mean harm: refused or shown harmlessly by every command, and nothing outside them is touched."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from pathlib import Path

from tests.faults.damaging import copy_killed
from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.faults.hostile_folders import FOLDERS, MARKS
from tests.support.processes import TUIMOVE
from tests.support.terminal import Terminal
from tests.support.waiting import PAUSE_SCALE

WORDS = (
    ["check"], ["compare"], ["resume", "--no-ui", "--threads", "1"], ["runs"], ["runs", "--json"],
    ["runs", "--prune", "--older-than", "0", "--yes"],
)  # fmt: skip
"""Commands that say what they have to say and end; `runs` is told no run."""
SCREENS = (["replay"], ["attach"])
SCREEN = b"\x1b[?1049h"
"""What the program writes when it begins to draw."""


def try_folder(ground: Ground, folder: Path, seeds: range) -> str:
    """Give a hostile folder to every command in turn."""
    name, make = FOLDERS[seeds.start % len(FOLDERS)]
    around = folder / "around"
    around.mkdir(parents=True)
    for path in (around / "secret.txt", around / "dear.npz"):
        path.write_text("secret words\n")
    run = folder / "share" / "tuimove" / "runs" / make.__name__
    run.parent.mkdir(parents=True)
    copy_killed(ground, folder).rename(run)
    run = make(run, around)
    before = tree_sum(folder, run)
    for command in (*WORDS[:2], *SCREENS, *WORDS[2:]):
        place = [] if command[0] == "runs" else [str(run)]
        said = (show if command in SCREENS else say)(folder, [command[0], *place, *command[1:]])
        require(b"Traceback" not in said, f"{command}: {said[-3000:].decode(errors='replace')}")
        require(b"secret words" not in said, f"{command} tells what is in another file")
        require(not any(mark in said for mark in MARKS), f"{command} writes what steers a terminal: {said[-500:]!r}")
        require(tree_sum(folder, run) == before, f"{command} has touched what is outside of the folder")
    return name


def say(folder: Path, arguments: list[str]) -> bytes:
    """Run a command in a terminal of its own until it ends, and return all that it writes."""
    with closing(Terminal([*TUIMOVE, *arguments], folder, XDG_DATA_HOME=str(folder / "share"))) as terminal:
        code = terminal.wait()
    require(code in (0, 1, 2, 3), f"{arguments} ends with {code}: {terminal.output[-500:]!r}")
    return terminal.output


def show(folder: Path, arguments: list[str]) -> bytes:
    """Open a dashboard, look at every panel, leave it, and return all that it writes."""
    with closing(Terminal([*TUIMOVE, *arguments], folder, XDG_DATA_HOME=str(folder / "share"))) as terminal:
        terminal.read_until(lambda: SCREEN in terminal.output or terminal.has_ended, "a screen, or a refusal")
        for key in ["", "2", "3", "4", "5", "j", "?", "\x1b"]:
            if not terminal.has_ended:
                terminal.press(key)
                terminal.read_for(PAUSE_SCALE * (0.15 if key.isalnum() else 1.0))
        while not terminal.has_ended:
            terminal.press("qS")
            terminal.read_for(1.0)
        code = terminal.wait()
    require(code in (0, 1, 2, 3), f"{arguments} ends with {code}: {terminal.output[-500:]!r}")
    return terminal.output


def tree_sum(folder: Path, without: Path) -> str:
    """Return a sum over names, kinds and contents of a folder's files, those of one folder in it left out."""
    total = hashlib.sha256()
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if Path(place, name) != without)
        for name in [*folders, *sorted(names)]:
            path = Path(place, name)
            content = b"" if path.is_symlink() or not path.is_file() else path.read_bytes()
            total.update(f"{path}\0{path.lstat().st_mode}\0".encode(errors="replace") + content)
    return total.hexdigest()


HOSTILE = Family(
    name="hostile",
    fault="run folders that mean harm, in every command",
    holds="refused or shown harmlessly; nothing outside is read, run or touched",
    quick=4,
    full=len(FOLDERS),
    attempt=try_folder,
)
