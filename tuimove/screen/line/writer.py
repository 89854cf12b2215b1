"""Writes to the terminal in a thread of its own, so that nobody waits for a terminal that doesn't read."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable

MOST_BYTES = 4096
"""Bytes that are written at once."""


class TerminalWriter(threading.Thread):
    """Writes in order; whoever hands it bytes never waits."""

    def __init__(self, descriptor: int, tell_idle: Callable[[], None]) -> None:
        """Write to a file descriptor; `tell_idle` is called in the thread whenever everything has been written."""
        super().__init__(name="terminal-output", daemon=True)
        self._descriptor, self._tell_idle = descriptor, tell_idle
        self._waiting: deque[bytes] = deque()
        self._has_more = threading.Condition()
        self._is_writing = self._is_closed = False
        self.is_broken = False
        """Whether the terminal takes nothing any more; what is written then is lost."""

    def write(self, data: bytes) -> None:
        """Have bytes written after all that came before."""
        with self._has_more:
            if not self.is_broken:
                self._waiting.append(data)
                self._has_more.notify()

    @property
    def is_idle(self) -> bool:
        """Whether everything has been written."""
        with self._has_more:
            return not self._waiting and not self._is_writing

    def stop(self, seconds: float) -> bool:
        """Write what is left, for so many seconds at most; return whether that succeeded."""
        with self._has_more:
            self._is_closed = True
            self._has_more.notify()
        self.join(seconds)
        return not self.is_alive() and not self.is_broken

    def run(self) -> None:
        """Write until it is stopped."""
        while data := self._next():
            self._write_whole(data)
            with self._has_more:
                self._is_writing = False
            self._tell_idle()

    def _next(self) -> bytes:
        """Wait for bytes, and return all that there are; none when it is stopped."""
        with self._has_more:
            self._has_more.wait_for(lambda: self._waiting or self._is_closed)
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._is_writing = bool(data)
            return data

    def _write_whole(self, data: bytes) -> None:
        try:
            while data:
                data = data[self._write_some(data[:MOST_BYTES]) :]
        except OSError:
            self.is_broken = True

    def _write_some(self, data: bytes) -> int:
        """Return how many bytes could be written."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # another program has set the terminal to return at once
            select.select([], [self._descriptor], [], 1.0)
            return 0
