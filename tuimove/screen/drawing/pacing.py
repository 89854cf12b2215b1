"""Limits how often the screen redraws, so that drawing takes a small share of the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

SHARE = 0.05
"""Largest share of all processors' time that drawing may take."""
SLOWEST = 1.0
"""Longest delay between two redraws, in seconds."""
DEFAULT_SECONDS = 0.33
"""Delay between the first redraws, and least delay later unless `--fps` asks for more; in seconds."""


class RedrawBudget:
    """Measures the time of the screen's thread between redraws, and computes the delay before the next one."""

    def __init__(self, fps: float | None = None, clock: Callable[[], float] = time.thread_time) -> None:
        self._fixed = 1 / fps if fps else None
        self._clock = clock
        self._spent_at = clock()
        self._cost = 0.0

    def next_delay(self) -> float:
        """Return the seconds to wait; called once after every redraw, in the screen's thread."""
        now = self._clock()
        cost, self._spent_at = now - self._spent_at, now
        self._cost = cost if not self._cost else 0.7 * self._cost + 0.3 * cost
        if self._fixed:
            return self._fixed
        affordable = self._cost / (SHARE * (os.cpu_count() or 1))
        return min(max(affordable, DEFAULT_SECONDS), SLOWEST)
