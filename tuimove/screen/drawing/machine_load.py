"""How busy the machine is, in words for a header: read seldom, since every change is written to the terminal."""

from __future__ import annotations

import os
import time

REST_SECONDS = 5.0
"""Seconds between two readings."""


class MachineLoad:
    """The load average of the last minute beside the number of processors."""

    def __init__(self) -> None:
        self._read_at = -REST_SECONDS
        self._words = ""

    def words(self, *, is_busy: bool) -> str:
        """Return such as `load 1.9/2`; the last words while nothing is trained, empty where the system has no load."""
        now = time.monotonic()
        if is_busy and now - self._read_at >= REST_SECONDS:
            self._read_at = now
            self._words = _load_words()
        return self._words


def _load_words() -> str:
    try:
        return f"load {os.getloadavg()[0]:.1f}/{os.cpu_count() or 1}"
    except (OSError, AttributeError):
        return ""
