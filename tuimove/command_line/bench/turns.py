"""Compares timings by taking turns.

Machines are shared and their speed drifts, so contenders take turns in one run; the result is the median of the ratios
of neighbouring turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

REST_SECONDS = 0.3
"""Seconds of rest before a turn with several threads, since other libraries' pools keep spinning after theirs."""

Turn = Callable[[], float]
"""Does the work that is timed, such as one epoch, and returns its seconds."""


@dataclass(frozen=True)
class Comparison:
    """Timings of the same work done in several ways that take turns."""

    what: str
    threads: int
    seconds: dict[str, float]
    """Median seconds of each contender."""
    ratios: dict[str, float]
    """Median ratio of each other contender's time to the first one's in the same turn."""


def take_turns(what: str, threads: int, turns: dict[str, Turn], rounds: int) -> Comparison:
    """Time contenders in turn, after one warm-up turn; ratios are to the first contender."""
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
    """Return a turn that times a function."""

    def turn() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return turn


def repeated(turn: Turn, times: int) -> Turn:
    """Return a turn that repeats a turn."""
    return lambda: sum(turn() for _ in range(times))
