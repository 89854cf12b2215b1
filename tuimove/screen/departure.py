"""What becomes of the runs when the screen is left: they end, or another process goes on with them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence

from tuimove.errors import ExitCode
from tuimove.runs.background import HandOverError
from tuimove.screen.sources.runs_source import STOP_SECONDS, Background


class Departure:
    """Done once: by the application's own thread, or by the one that a signal starts, whichever comes first."""

    def __init__(self, threads: Sequence[Background]) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._is_done = False
        self.failure: HandOverError | None = None
        """Why a run isn't trained by any process now, though it was to go on in the background."""

    def leave(self, say: Callable[[str], None]) -> None:
        """Wait a moment for the runs to end, and have other processes go on with those that were detached."""
        with self._lock:
            if self._is_done:
                return
            self._is_done = True
            self._join_threads()
            for thread in self._threads:
                try:
                    thread.hand_over(say)
                except HandOverError as error:
                    self.failure = error

    def _join_threads(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    @property
    def code_after_signal(self) -> ExitCode:
        """The exit code of a process that a signal has ended."""
        return ExitCode.FAILED if self.failure else ExitCode.INTERRUPTED

    def conclude(self) -> int:
        """Say how the last of the threads came out, and return the exit code."""
        if self.failure:
            print(self.failure, file=sys.stderr)
            return self.failure.exit_code
        return self._threads[-1].conclude() if self._threads else ExitCode.FINISHED
