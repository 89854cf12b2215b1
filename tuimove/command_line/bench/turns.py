"""Times things that take turns.

Machines are shared and their speed drifts, so contenders take turns in one run and what is reported is the
median of the ratios of neighbouring turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

REST_SECONDS = 0.3
"""Before a turn with several threads: those of other libraries' pools go on spinning after theirs."""

Turn = Callable[[], float]
"""Trains one epoch, or does whatever else is timed, and returns the seconds that it took."""


@dataclass(frozen=True)
class Comparison:
    """One thing timed in several ways that take turns."""

    what: str
    threads: int
    seconds: dict[str, float]
    """Median time of each contender."""
    ratios: dict[str, float]
    """Median of each other contender's time over the first one's in the same turn."""


def take_turns(what: str, threads: int, turns: dict[str, Turn], rounds: int) -> Comparison:
    """Time contenders in turn, after one turn to warm up; ratios are to the first one."""
    times: dict[str, list[float]] = {name: [] for name in turns}
    with threadpool_limits(threads, "blas"):
        for turn in turns.values():
            turn()
        for _ in range(rounds):
            for name, turn in turns.items():
                time.sleep(REST_SECONDS if threads > 1 else 0)
                times[name].append(turn())
    first, *others = times
    return Comparison(
        what=what,
        threads=threads,
        seconds={name: statistics.median(taken) for name, taken in times.items()},
        ratios={
            name: statistics.median(b / a for a, b in zip(times[first], times[name], strict=True)) for name in others
        },
    )


def timed(work: Callable[[], object]) -> Turn:
    """Return the turn that does some work in this process."""

    def turn() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return turn


def repeated(turn: Turn, times: int) -> Turn:
    """Return the turn that is a turn so many times."""
    return lambda: sum(turn() for _ in range(times))
