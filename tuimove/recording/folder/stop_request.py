"""A file in a run's folder by which another process asks a training loop to stop.

A program that is only watched gets no thread and no socket from us: it looks for the file now and then.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tuimove.errors import OutputError
from tuimove.settings.files import open_descriptor, refusal

STOP = "stop"


def ask_to_stop(folder: Path) -> None:
    """Leave the request; raises an OutputError where the folder can't be written."""
    path = folder / STOP
    try:
        os.close(open_descriptor(path, os.O_WRONLY | os.O_CREAT, 0o644))
    except OSError as error:
        raise OutputError(refusal(path, error)) from None


def is_asked_to_stop(folder: Path) -> bool:
    """Return whether the request is there."""
    return os.path.lexists(folder / STOP)


def forget_stop_request(folder: Path) -> None:
    """Remove the request, where there is one."""
    with suppress(OSError):
        (folder / STOP).unlink()
