"""A file in a run's folder by which another process asks a training loop to stop.

A program that is only watched gets no thread and no socket from us: it looks for the file now and then.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tuimove.errors import OutputError
from tuimove.settings.files import open_descriptor, refusal

STOP = "stop"
"""Name of the file."""
LOOK_SECONDS = 1.0


def ask_to_stop(folder: Path) -> None:
    """Leave the request; raises an OutputError where the folder can't be written."""
    path = folder / STOP
    try:
        os.close(open_descriptor(path, os.O_WRONLY | os.O_CREAT, 0o644))
    except OSError as error:
        raise OutputError(refusal(path, error)) from None


class StopRequest:
    """Tells a loop whether the request is there; looks for it once a second at most."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Remove an old request."""
        self._path, self._clock = folder / STOP, clock
        self._is_made, self._looked_at = False, -math.inf
        with suppress(OSError):
            self._path.unlink()

    @property
    def is_made(self) -> bool:
        """Whether the request has been made; once True, always."""
        if not self._is_made and self._clock() >= self._looked_at + LOOK_SECONDS:
            self._looked_at, self._is_made = self._clock(), os.path.lexists(self._path)
        return self._is_made
