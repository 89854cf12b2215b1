"""Finds the folder of a data set by its name, and one that has moved since a run was recorded."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from tuimove.errors import DataError, Input, nearest_of
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.file_kinds import BEGINNING, kind_of
from tuimove.settings.files import absolute_path, is_folder, kind_at, open_regular, shown_path
from tuimove.training.idx_folder import FILES


def data_folder(name: str) -> Path:
    """Return the folder of a data set; raises a DataError, with the path that was tried, when there is none."""
    if name == BUNDLED:
        return Path(str(resources.files("tuimove.training") / "mnist"))
    folder = absolute_path(name)
    if is_folder(folder):
        return folder
    shown = shown_path(folder.name)
    if folder.exists():
        raise DataError(
            f"data.name = {shown!r}: {_kind_of_place(folder)}; name a folder with the four IDX files "
            f"{', '.join(FILES.values())}{_looked_for(folder)}"
        )
    raise DataError(
        f"data.name = {shown!r}: neither 'mnist' nor a folder{nearest_of(folder.name, [BUNDLED])}{_looked_for(folder)}"
    )


def _kind_of_place(path: Path) -> str:
    """Return what exists at the path of a folder, with the contents of a file."""
    try:
        with open_regular(path, follows_link=True) as stream:
            kind = kind_of(stream.read(BEGINNING))
    except (DataError, OSError):
        kind = None
    return f"{kind_at(path)}{f' ({kind.name})' if kind else ''}"


def _looked_for(folder: Path) -> str:
    """Return the absolute path of a missing folder, and whether the working folder has one of that name."""
    words = f"looked for {shown_path(folder)!r}"
    if folder.name and folder.parent != Path.cwd() and is_folder(Path(folder.name)):
        words += f"; the working folder has one: {shown_path(folder.name)!r}"
    return f" ({words})"


def refound_data(name: str, run: Path, moved: str | None, say: Callable[[str], None]) -> str:
    """Return the absolute path of the data that a run was recorded with.

    Parameters
    ----------
    name
        Recorded name; a relative one is tried from the working folder, then from the run's.
    run
        The run's folder, or its experiment's.
    moved
        Folder given at the last resume, if any; tried first.
    say
        Called with the path, where it differs from the recorded one.

    Raises
    ------
    DataError
        When there is no such folder.
    """
    if name == BUNDLED:
        return name
    tried = [absolute_path(name), absolute_path(name, run)]
    if moved and Path(moved).is_absolute():
        tried.insert(0, Path(moved))
    found = next((folder for folder in tried if _is_there(folder)), None)
    if found is None:
        words = f"{shown_path(run)}: its data were in {shown_path(name)!r}, which isn't there now"
        raise DataError(words, remedy=Input.DATA)
    if str(found) != name:
        say(f"data: {shown_path(found)} (recorded as {shown_path(name)!r})")
    return str(found)


def _is_there(folder: Path) -> bool:
    try:
        return is_folder(folder)
    except DataError:
        return False
