"""When a recorder looks at the weights: at steps evenly spaced on a logarithmic scale, within a share of the time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

FIRST_STEPS = 3
"""Each step up to this one is looked at."""
LOOKS_A_DOUBLING = 8
"""Looks while the number of steps doubles, from then on."""


def next_step(step: int) -> int:
    """Return the step of the look that follows one at `step`."""
    return step + 1 if step < FIRST_STEPS else max(step + 1, math.ceil(step * 2 ** (1 / LOOKS_A_DOUBLING)))


class Looks:
    """Says which steps are looked at; what looking costs stays below a share of the time that training takes."""

    def __init__(self, budget: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """`budget` is that share, 0 to 1; the looks at the first steps are not counted."""
        self._budget, self._clock = budget, clock
        self._next = 0
        self._began = clock()
        self._cost = 0.0
        """Seconds that looks have taken, those at the first steps left out."""

    def start(self, step: int = 0) -> None:
        """Begin with a look at `step`."""
        self._next, self._began = step, self._clock()

    def is_due(self, step: int) -> bool:
        """Return whether to look at the weights after this step."""
        return step >= self._next and (step <= FIRST_STEPS or self._is_affordable())

    def note(self, step: int, seconds: float) -> None:
        """Take note of a look and of what it has cost."""
        self._next = next_step(step)
        if step > FIRST_STEPS:
            self._cost += seconds

    def _is_affordable(self) -> bool:
        return self._cost <= self._budget * (self._clock() - self._began)
