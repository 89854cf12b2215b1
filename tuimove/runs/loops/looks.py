"""When a recorder looks at the weights: at steps evenly spaced on a logarithmic scale, within a budget of time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

FIRST_STEPS = 3
"""Each step up to this one is looked at."""
LOOKS_A_DOUBLING = 8
"""Looks while the number of steps doubles, from then on."""

ALLOWANCE_SECONDS = 0.5
"""What looking may take besides its share of the time: some 60 looks of a few milliseconds each, so that the short run
of a small network has all of them. Nobody notices half a second of a longer one."""
TELLING_SHARE = 1 / 3
"""Share of the planned looks above which it is said that they were left out."""


def next_step(step: int) -> int:
    """Return the step of the look that follows one at `step`."""
    return step + 1 if step < FIRST_STEPS else max(step + 1, math.ceil(step * 2 ** (1 / LOOKS_A_DOUBLING)))


class Looks:
    """Says which steps are looked at; looking takes a share of the training's time, and a fixed allowance besides."""

    def __init__(self, budget: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """`budget` is that share, 0 to 1; 0 allows nothing. The looks at the first steps are not counted."""
        self._budget, self._clock = budget, clock
        self._allowance = ALLOWANCE_SECONDS if budget else 0.0
        self._next = self._planned = 0
        self._made = self._left_out = 0
        self._late = 0
        """Planned looks since the newest one that were too dear when they were due."""
        self._began = clock()
        self._cost = 0.0
        """Seconds that looks have taken, those at the first steps left out."""

    def start(self, step: int = 0) -> None:
        """Begin with a look at `step`."""
        self._next, self._began = step, self._clock()

    def is_due(self, step: int) -> bool:
        """Return whether to look at the weights after this step; a planned look that would be too dear is counted."""
        if step < self._next:
            return False
        if step <= FIRST_STEPS or self._is_affordable():
            return True
        if step >= self._planned:
            self._late, self._planned = self._late + 1, next_step(step)
        return False

    def note(self, step: int, seconds: float) -> None:
        """Take note of a look and of what it has cost; it stands for the newest one that was too dear."""
        self._next = self._planned = next_step(step)
        self._made, self._left_out, self._late = self._made + 1, self._left_out + max(self._late - 1, 0), 0
        if step > FIRST_STEPS:
            self._cost += seconds

    @property
    def remark(self) -> str | None:
        """A sentence where so many looks were left out that findings may lack; None where `budget` asks for that."""
        left_out = self._left_out + self._late
        planned = self._made + left_out
        if not self._budget or left_out <= TELLING_SHARE * planned:
            return None
        more = min(5 * self._budget, 1)
        advice = f"; budget={more:.3g} allows more" if more > self._budget else ""
        share = f"{100 * self._budget:.3g} % of the time"
        return f"{left_out:,} of {planned:,} looks left out: they would have taken more than {share}{advice}"

    def _is_affordable(self) -> bool:
        return self._cost <= self._allowance + self._budget * (self._clock() - self._began)
