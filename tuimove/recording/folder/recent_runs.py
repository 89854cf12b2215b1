"""The newest runs in the default place, by their names alone, so that many hundreds cost next to nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuimove.recording.folder.store import PLAN, is_stored, runs_folder

STAMPED = re.compile(r"(?P<name>.+)-(?P<time>\d{8}T\d{6})-(?P<own>[0-9a-f]{6})")
"""The ids that `new_run_id` makes."""
UNDATED = "0"


@dataclass(frozen=True)
class StoredRun:
    """A run or an experiment in the default place, as far as its name tells."""

    folder: Path
    name: str
    """Name of its preset."""
    began: datetime | None
    is_experiment: bool


def recent_runs(most: int, without: Collection[str] = ()) -> tuple[list[StoredRun], int]:
    """Return the newest runs, the newest first, and how many folders there are besides.

    Parameters
    ----------
    most
        Most runs to return.
    without
        Names of folders that aren't counted.
    """
    try:
        names = [name for name in os.listdir(runs_folder()) if name not in without]
    except OSError:
        return [], 0
    names.sort(key=_newest_last, reverse=True)
    found: list[StoredRun] = []
    for place, name in enumerate(names):
        if len(found) == most:
            return found, len(names) - place
        if run := _stored_run(runs_folder() / name):
            found.append(run)
    return found, 0


def _newest_last(name: str) -> tuple[str, str]:
    stamped = STAMPED.fullmatch(name)
    return (stamped["time"] if stamped else UNDATED), name


def _stored_run(folder: Path) -> StoredRun | None:
    """Return what a folder's name tells; None where it holds no run, or is a link."""
    if not is_stored(folder):
        return None
    is_experiment = os.path.exists(folder / PLAN)
    stamped = STAMPED.fullmatch(folder.name)
    if stamped is None:
        return StoredRun(folder, folder.name, None, is_experiment)
    return StoredRun(folder, stamped["name"], _time_of(stamped["time"]), is_experiment)


def _time_of(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S")
    except ValueError:
        return None
