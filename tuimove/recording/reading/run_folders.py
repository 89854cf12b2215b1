"""Finds the folders with records: a run's own, those in an experiment's folder, and experiments in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tuimove.errors import DataError
from tuimove.settings.files import is_folder, names_in, open_regular, shown_path

STANDARD_INPUT = "-"
RECORDS = "records.jsonl"
"""Name of the records file in a run folder."""


class FoldersWithin(NamedTuple):
    """What a folder holds of folders with records, sorted."""

    runs: list[Path]
    closed: list[Path]
    """Those that may not be looked into, which may be runs."""


def folders_within(folder: Path) -> FoldersWithin:
    """Return the run folders right below a folder; raises a DataError when it can't be read."""
    within = FoldersWithin([], [])
    for path in (folder / name for name in names_in(folder) if not name.startswith(".")):
        try:
            os.stat(path / RECORDS)
            within.runs.append(path)
        except PermissionError:
            within.closed.append(path)
        except OSError:
            continue  # no run
    return within


def parts_of(place: str) -> list[str]:
    """Return the run folders of an experiment's folder, or the place itself.

    Among them are the folders that may not be looked into: reading them says so.

    Raises
    ------
    DataError
        When the folder is neither a run's nor an experiment's.
    """
    folder = Path(place)
    if place == STANDARD_INPUT or not is_folder(folder) or holds_records(folder):
        return [place]
    within = folders_within(folder)
    if not any(within):
        raise _no_run(folder)
    return sorted(map(str, (*within.runs, *within.closed)))


def readable_parts(place: str, say: Callable[[str], None]) -> Iterator[str]:
    """Yield the parts of a place as `parts_of` finds them; `say` is called about those that can't be opened.

    Raises
    ------
    DataError
        As `parts_of` does, and where none of several can be read.
    """
    parts, refused = parts_of(place), 0
    for part in parts:
        if part != place and (words := _refusal(Path(part))):
            refused += 1
            say(f"passed over: {words}")
        else:
            yield part
    if refused == len(parts):
        raise DataError(f"{shown_path(place)}: none of its runs can be read")


def _refusal(folder: Path) -> str:
    """Return why the records in a run's folder can't be opened; empty where they can."""
    try:
        open_regular(folder / RECORDS).close()
    except DataError as error:
        return str(error)
    return ""


def require_one_run(folder: Path) -> None:
    """Raise a DataError where a folder isn't one run's, with what it is instead."""
    if holds_records(folder):
        return
    runs, closed = folders_within(folder)
    if not (runs or closed):
        raise _no_run(folder)
    one = shown_path((runs or closed)[0])
    raise DataError(f"{shown_path(folder)}: an experiment's folder; name one of its runs, such as {one}, "
                    "or lay them over one another with `tuimove compare`")  # fmt: skip


def holds_records(folder: Path) -> bool:
    """Return whether a folder is a run's; raises a DataError when that can't be found out."""
    return os.path.lexists(folder / RECORDS) or RECORDS in names_in(folder)


def experiments_in(folder: Path) -> FoldersWithin:
    """Return the experiments' folders right below a folder, and those that may not be looked into."""
    _, closed = folders_within(folder)
    folders = [folder / name for name in names_in(folder) if (folder / name) not in closed]
    return FoldersWithin([path for path in folders if is_folder(path) and folders_within(path).runs], closed)


def _no_run(folder: Path) -> DataError:
    return DataError(f"{shown_path(folder)}: no run: it holds neither {RECORDS} nor folders with one")
