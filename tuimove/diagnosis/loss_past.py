"""The past of a loss, as the rules need it."""

from __future__ import annotations

import math
from collections import deque

from tuimove.diagnosis.distance_curve import DistanceCurve

NAN = math.nan
GROWTH_SPAN = 4.0
"""Times the steps over which a loss is judged to stand still."""

MOST_HALVES = 1000.0
"""Power of two that a number can hold."""


class LossPast:
    """The past of a loss that is noted at measurements; NaN before the first one."""

    def __init__(self, smoothed: int) -> None:
        """`smoothed` is the number of newest losses that are looked at together."""
        self.first = self.lowest_ever = NAN
        self.level = self.lowest = NAN
        """Median and least of the newest ones."""
        self.least = self.least_at = NAN
        """The least level so far, and the step of it."""
        self.growth = NAN
        """Power of the steps that the level has grown by while they grew GROWTH_SPAN times; below 0 where it fell."""
        self.late_fall = NAN
        """How far the level has fallen in the latter half of the steps."""
        self.falls = 0
        """Latest losses in a row each of which was the least so far."""
        self._newest: deque[float] = deque(maxlen=smoothed)
        self._curve = DistanceCurve()

    @property
    def is_known(self) -> bool:
        """Whether there has been one."""
        return self.first == self.first

    @property
    def share(self) -> float:
        """Return the level as a share of the first loss; NaN where a loss isn't positive, which is no cross entropy."""
        return self.level / self.first if self.first > 0 and self.least > 0 else NAN

    @property
    def gained(self) -> float:
        """Return how far the level has ever come below the first loss."""
        return self.first - self.least

    def is_near_least(self, share: float) -> bool:
        """Whether the level is at most this share of what was gained above its least."""
        return self.level <= self.least + share * self.gained

    def note(self, step: float, loss: float) -> None:
        """Add a loss; one that is missing or not finite changes nothing."""
        if not -math.inf < loss < math.inf:
            return
        if not self.is_known:
            self.first = self.lowest_ever = loss
        self.falls = self.falls + 1 if loss < self.lowest_ever else 0
        self.lowest_ever = min(self.lowest_ever, loss)
        self._newest.append(loss)
        self.level, self.lowest = sorted(self._newest)[len(self._newest) // 2], min(self._newest)
        self.growth = self._curve.growth(step, self.level, GROWTH_SPAN)
        halves = -self._curve.growth(step, self.level, 2.0)
        self.late_fall = self.level * (math.pow(2.0, min(halves, MOST_HALVES)) - 1)
        self._curve.add(step, self.level)
        if not self.level >= self.least:
            self.least, self.least_at = self.level, step
