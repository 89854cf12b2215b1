"""Ends the runs when the application closes, or hands them over to background processes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence

from tuimove.errors import ExitCode
from tuimove.runs.background import HandOverError
from tuimove.screen.sources.runs_source import STOP_SECONDS, Background


class Departure:
    """Runs once, in the application's thread or in the one that a signal starts, whichever comes first."""

    def __init__(self, threads: Sequence[Background]) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._is_done = False
        self.failure: HandOverError | None = None
        """Why no background process has taken a detached run over."""

    def leave(self, say: Callable[[str], None]) -> None:
        """Wait a moment for the runs to end, and hand detached ones over to other processes."""
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
        """Exit code of a process that a signal has ended."""
        return ExitCode.FAILED if self.failure else ExitCode.INTERRUPTED

    def conclude(self) -> int:
        """Print the result of the newest thread, and return the exit code."""
        if self.failure:
            print(self.failure, file=sys.stderr)
            return self.failure.exit_code
        return self._threads[-1].conclude() if self._threads else ExitCode.FINISHED
