"""The default place of run folders, the ids of runs, and how a run is found by its id."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import platformdirs

from tuimove.errors import DataError, TuimoveError, nearest_of
from tuimove.recording.reading.run_folders import RECORDS, STANDARD_INPUT
from tuimove.settings.files import absolute_path, refusal, typed_path
from tuimove.settings.preset import Preset
from tuimove.settings.preset_file import read_preset_in
from tuimove.settings.preset_reading import read_preset

PLAN = "experiment.json"
"""An experiment's plan; a folder with this file is an experiment's folder."""
PRESET = "preset.toml"
"""In a run's folder: the preset, by which the run can be trained again."""
MOST_NAMED = 4
"""Most runs that a refusal names."""
LEAST_PREFIX = 4
"""Least characters of a run's id that identify it."""
UNUSUAL = re.compile(r"[^\w.-]+", re.ASCII)


def runs_folder() -> Path:
    """Return the default folder of runs, which only the user can read."""
    return absolute_path(str(platformdirs.user_data_path("tuimove"))) / "runs"


def new_run_id(name: str) -> str:
    """Return a unique id for a run of a preset; it is valid as a file name."""
    plain = UNUSUAL.sub("-", name).strip("-.")[:80] or "run"
    return f"{plain}-{datetime.now().astimezone():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def make_runs_folder() -> Path:
    """Create the default folder of runs; raises a TuimoveError when that fails."""
    folder = runs_folder()
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    except OSError as error:
        raise TuimoveError(refusal(folder, error)) from None
    return folder


def kept_preset(folder: Path) -> Preset:
    """Return the preset stored in a run's folder; raises a TuimoveError when it can't be read."""
    return read_preset(read_preset_in(folder, PRESET))


def find_run(text: str, is_meant: Callable[[Path], bool] | None = None, otherwise: str = "") -> Path:
    """Return the folder or file of a run, given its path, its id, or the beginning of its id.

    Parameters
    ----------
    is_meant
        Tells which are meant where several begin like that; None for all of them.
    otherwise
        What is said where none of several is meant, such as `none of them goes on now`.

    Raises
    ------
    DataError
        When there is no such run, or several begin like that, or none of several is meant.
    """
    path = typed_path(text)
    try:
        path.stat()
        return path
    except (FileNotFoundError, NotADirectoryError) as error:
        is_path = "/" in text or path.suffix in (".jsonl", ".gz") or os.path.lexists(path)
        if is_path:
            raise DataError(f"{refusal(path, error)}{nearest_of(path.name, _names_beside(path))}") from None
    except (OSError, ValueError) as error:
        raise DataError(refusal(path, error)) from None
    names = sorted(folder.name for folder in stored_folders())
    found = [name for name in names if name == text or (len(text) >= LEAST_PREFIX and name.startswith(text))]
    if len(found) > 1 and text not in found and is_meant is not None:
        found, among = [name for name in found if is_meant(runs_folder() / name)], len(found)
        if not found:
            raise DataError(f"{text!r}: stands for {among} runs, and {otherwise}; tuimove runs lists them")
    if len(found) > 1 and text not in found:
        newest = ", ".join(sorted(found, key=_time_in)[-MOST_NAMED:])
        more = "... " * (len(found) > MOST_NAMED)
        raise DataError(f"{text!r}: stands for {len(found)} runs, the newest last: {more}{newest}")
    if not found:
        raise DataError(f"{text!r}: neither a file nor a run{nearest_of(text, names)}; tuimove runs lists them")
    return runs_folder() / (text if text in found else found[0])


def _time_in(name: str) -> str:
    """Return when a run began, of its id: the part before the last."""
    return name.rpartition("-")[0].rpartition("-")[2]


def run_name(folder: Path) -> str:
    """Return the name of a run for a shell command: its id in the default place, its path elsewhere."""
    return shlex.quote(folder.name if folder.parent == runs_folder() else str(folder))


def _names_beside(path: Path) -> list[str]:
    try:
        return os.listdir(path.parent)
    except OSError:
        return []


def named_place(text: str) -> str:
    """Return the path of a run's records, or `-` for standard input; raises a DataError as `find_run` does."""
    return text if text == STANDARD_INPUT else str(find_run(text))


def stored_folders() -> Iterator[Path]:
    """Yield the folders of runs and experiments in the default place; links are skipped."""
    try:
        folders = sorted(runs_folder().iterdir())
    except OSError:
        return
    for folder in folders:
        if is_stored(folder):
            yield folder


def is_stored(folder: Path) -> bool:
    """Return whether a folder is that of a run or an experiment, and no link."""
    return not folder.is_symlink() and any(os.path.exists(folder / name) for name in (RECORDS, PLAN))
