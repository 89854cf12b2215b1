"""Whether this user's first run has been explained: an empty file beside the default folder of runs says so."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tuimove.errors import TuimoveError
from tuimove.recording.folder.store import make_runs_folder, runs_folder

MARKER = "first-run-explained"


def _marker() -> Path:
    return runs_folder().parent / MARKER


def is_first_run() -> bool:
    """Return whether nothing has been explained yet."""
    try:
        return not _marker().exists()
    except OSError:
        return False


def note_first_run() -> None:
    """Remember that the first run has been explained; where that can't be written, it is explained again."""
    with suppress(OSError, TuimoveError):
        make_runs_folder()
        _marker().touch(exist_ok=True)
