"""Hears signals and the end of the terminal in a thread of its own, which waits for nobody.

Python runs a signal's handler in the main thread only, between two of its instructions. A main thread that waits for a
lock, such as that of a full queue, doesn't hear a signal that another thread received, or that came just before it
began to wait; then nothing would end the program. What the interpreter does in any thread, at once, is to write the
signal's number to a pipe.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

GONE = select.POLLHUP | select.POLLERR
"""What `poll` says of a terminal that has hung up."""


class Watchdog(threading.Thread):
    """Calls back once, for the first signal that it is to hear; for SIGHUP when the terminal is gone."""

    def __init__(self, terminal: int, signals: Sequence[int], end: Callable[[int], None]) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._terminal, self._signals, self._end = terminal, signals, end
        self._hearing, self.telling = os.pipe()
        """The end of the pipe to write a signal's number to."""
        self._is_ending = False
        for descriptor in (self._hearing, self.telling):
            os.set_blocking(descriptor, False)

    def run(self) -> None:
        """Wait for the first signal, or until it is told to stop."""
        poll = select.poll()
        poll.register(self._hearing, select.POLLIN)
        poll.register(self._terminal, 0)
        number = None
        while number is None:
            number = self._heard(dict(poll.poll()), poll)
        if number:
            self._is_ending = True
            self._end(number)

    def _heard(self, events: dict[int, int], poll: select.poll) -> int | None:
        """Return the signal to end for, 0 when the watch is over, None as long as there is neither."""
        happened = events.pop(self._terminal, 0)
        if happened & select.POLLNVAL:
            poll.unregister(self._terminal)  # a system that can't poll terminals
        if events:
            numbers = os.read(self._hearing, 64)
            heard = [number for number in numbers if number in (0, *self._signals)]
            return heard[0] if heard else None
        return signal.SIGHUP if happened & GONE else None

    def stop(self) -> None:
        """End the watch; where it has called back already, don't wait for that."""
        os.write(self.telling, b"\0")
        while self.is_alive() and not self._is_ending:
            self.join(0.01)


@contextmanager
def watching(terminal: int, signals: Sequence[int], end: Callable[[int], None]) -> Iterator[None]:
    """Call `end` in a thread at the first of some signals, or with SIGHUP when the terminal is gone."""
    watchdog = Watchdog(terminal, signals, end)
    before = {number: signal.signal(number, lambda *_: None) for number in signals}
    told_before = signal.set_wakeup_fd(watchdog.telling, warn_on_full_buffer=False)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()
        signal.set_wakeup_fd(told_before)
        for number, handler in before.items():
            signal.signal(number, handler)
