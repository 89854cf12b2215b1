"""Pictures of the screen as SVG files: how they are named, and where they are put."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from textual.screen import Screen

from tuimove.errors import DataError
from tuimove.recording.folder.store import UNUSUAL
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.settings.files import shown_path

FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""What would be fetched from elsewhere."""
LONGEST_NAME = 80


def picture_name(screens: Sequence[Screen[object]]) -> str:
    """Return the name of a picture, without its suffix: the run and its epoch, the experiment, or the screen."""
    for screen in reversed(screens):
        if isinstance(screen, Dashboard):
            return f"tuimove-{_plain(screen.state.preset.name)}-{screen.shown.epoch}"
        if isinstance(screen, RunGrid):
            return f"tuimove-{_plain(screen.feed.out.name if screen.feed.out else screen.feed.board.title)}"
    return f"tuimove-{type(screens[-1]).__name__.lower()}"


def picture_folders(screens: Sequence[Screen[object]]) -> list[Path]:
    """Return where a picture may be put: the working folder, and the folder of the run where it has one."""
    places = [screen.source.out for screen in screens if isinstance(screen, Dashboard)]
    places += [screen.feed.out for screen in screens if isinstance(screen, RunGrid)]
    return [Path(), *(place for place in places if place is not None)]


def write_picture(svg: str, name: str, folders: Iterable[Path]) -> Path:
    """Write a picture into the first folder that takes it, without overwriting any file.

    Raises
    ------
    DataError
        When no folder takes it.
    """
    tried = list(folders)
    for folder in tried:
        try:
            return _write_new(FONT_FACE.sub("", svg), name, folder)
        except OSError:
            continue
    places = " nor ".join(_called(folder) for folder in tried)
    raise DataError(f"the picture can't be written: {places} takes no file")


def _write_new(svg: str, name: str, folder: Path) -> Path:
    for number in itertools.count(1):
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}.svg"
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(svg)
        except FileExistsError:
            continue
        return path
    raise AssertionError


def _called(folder: Path) -> str:
    """Return a folder's name in a message; the working folder may be gone, and then has no path."""
    return "the working folder" if folder == Path() else shown_path(folder)


def _plain(name: str) -> str:
    return UNUSUAL.sub("-", name).strip("-.")[:LONGEST_NAME] or "run"
