"""What a front end may tell a training run; the only way back from the screen to the trainer."""

from __future__ import annotations

import threading
from typing import Literal

StopReason = Literal["stopped", "interrupted"]


class Controls:
    """A request to stop, set from any thread or signal handler and read by the session between epochs."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._reason: StopReason = "stopped"

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end after the current epoch; the first reason given stands."""
        if not self._stopping.is_set():
            self._reason = reason
            self._stopping.set()

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run should stop, or None while it may go on."""
        return self._reason if self._stopping.is_set() else None
