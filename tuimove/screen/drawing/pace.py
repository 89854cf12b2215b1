"""How fast something that counts goes on, over the last few seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

PACE_SECONDS = 3.0
"""The speed shown is that of the last so many seconds."""


class Pace:
    """Is told of a count now and then, and knows its speed."""

    def __init__(self, seconds: float = PACE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, count: int) -> None:
        """Take note of the count now."""
        now = self._clock()
        self._noted.append((now, count))
        while now - self._noted[0][0] > self._seconds:
            self._noted.popleft()

    def forget(self) -> None:
        """Begin anew, after a pause."""
        self._noted.clear()

    @property
    def speed(self) -> float:
        """Counts a second, 0 when that can't be told."""
        if len(self._noted) < 2:
            return 0.0
        (began, first), (now, last) = self._noted[0], self._noted[-1]
        return (last - first) / (now - began) if now > began else 0.0
