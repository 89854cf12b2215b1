"""Measures the speed of a counter over the last few seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

PACE_SECONDS = 3.0
"""Seconds over which the speed is averaged."""


class Pace:
    """Takes samples of a counter and computes its speed."""

    def __init__(self, seconds: float = PACE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, count: int) -> None:
        """Add the present count."""
        now = self._clock()
        self._noted.append((now, count))
        while now - self._noted[0][0] > self._seconds:
            self._noted.popleft()

    def reset(self) -> None:
        """Start again, after a pause."""
        self._noted.clear()

    @property
    def speed(self) -> float:
        """Counts per second, 0 when unknown."""
        if len(self._noted) < 2:
            return 0.0
        (began, first), (now, last) = self._noted[0], self._noted[-1]
        return (last - first) / (now - began) if now > began else 0.0
