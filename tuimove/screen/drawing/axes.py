"""Axes of charts: stable limits while data grow, ticks at round numbers, and numbers of constant width."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats64 = npt.NDArray[np.float64]

ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LARGEST = 1e300
"""Greatest absolute value on an axis: differences of larger limits would overflow."""
SMALLEST = 1e-300
"""Least absolute value on an axis; smaller ones count as 0, since steps between them would underflow."""
LOG_FACTORS = (1.0, 2.0, 5.0, 10.0)
"""Limits and ticks of a logarithmic axis, times powers of ten."""
MOST_DECADES = 12
"""Longest logarithmic axis: what is smaller lies on its lower edge."""
OPEN_ENDS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Ends of an axis of epochs whose number isn't planned, times powers of ten: at most a quarter stays empty."""


@dataclass(frozen=True)
class Axis:
    """Limits and ticks of one axis."""

    low: float
    high: float
    ticks: tuple[float, ...]
    is_log: bool
    has_floor: bool = False
    """Whether what a logarithmic axis can't show, from `low` down to 0, lies on its lower edge."""
    is_cut: bool = False
    """Whether there are such values."""

    def shares(self, values: Floats64) -> Floats64:
        """Return positions of values, 0 at `low` and 1 at `high`; NaN where there is none, such as for log of 0."""
        with np.errstate(all="ignore"):
            if not self.is_log:
                return np.clip((values - self.low) / (self.high - self.low), -10, 10)
            low, high = math.log(self.low), math.log(self.high)
            shares = (np.log(np.where(values > 0, values, np.nan)) - low) / (high - low)
            return np.where((values >= 0) & ~(shares > 0), 0.0, shares) if self.has_floor else shares


def plan_axis(values: Floats64, most_ticks: int, *, is_log: bool) -> Axis:
    """Return an axis for all finite values, with limits rounded outwards to ticks."""
    usable = values[np.isfinite(values) & (np.abs(values) < LARGEST)]
    if not is_log:
        return _linear_axis(*_ends(usable, 0.0), most_ticks)
    low, high = _ends(usable[usable >= SMALLEST], 1.0)
    least = max(low, _log_ceiling(high) / 10.0**MOST_DECADES, SMALLEST)
    return _log_axis(least, high, most_ticks, is_cut=bool(((usable >= 0) & (usable < least)).any()))


def _ends(usable: Floats64, otherwise: float) -> tuple[float, float]:
    return (float(usable.min()), float(usable.max())) if len(usable) else (otherwise, 1.0)


def plan_exact_axis(low: float, high: float, most_ticks: int, *, is_log: bool, is_whole: bool = True) -> Axis:
    """Return an axis with just these limits, ticks within them, of whole numbers where `is_whole`."""
    if is_log:
        low = max(low, SMALLEST)
        high = high if high > low else low * 2
        return Axis(low, high, tuple(_inside(_log_ticks(low, high, most_ticks), low, high)), is_log=True)
    high = high if high - low > abs(high) * 1e-9 else low + (abs(low) * 0.05 or 1.0)
    step = _round_step((high - low) / max(most_ticks - 1, 1))
    ticks = _linear_ticks(low, high, max(step, 1.0) if is_whole else step)
    return Axis(low, high, tuple(_inside(ticks, low, high)), is_log=False)


def open_end(last: float) -> float:
    """Return where an axis ends that is to stay for a while as its last value grows."""
    if not SMALLEST < last < LARGEST:
        return last
    power = 10.0 ** math.floor(math.log10(last))
    return next((end * power for end in OPEN_ENDS if end * power >= last * (1 - 1e-9)), last)


def _inside(ticks: list[float], low: float, high: float) -> list[float]:
    return [tick for tick in ticks if low <= tick + abs(tick) * 1e-9 and tick <= high + abs(high) * 1e-9]


def _linear_ticks(low: float, high: float, step: float) -> list[float]:
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _linear_axis(low: float, high: float, most_ticks: int) -> Axis:
    low, high = (0.0 if abs(limit) < SMALLEST else limit for limit in (low, high))
    if low == high == 0:
        high = 1.0
    if high - low <= abs(high) * 1e-9:  # constant: show it in the middle
        room = abs(high) * 0.05
        low, high = low - room, high + room
    ticks = _linear_ticks(low, high, _round_step((high - low) / max(most_ticks - 1, 1)))
    return Axis(ticks[0], ticks[-1], tuple(ticks), is_log=False)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in ROUND_STEPS if step * power >= rough * (1 - 1e-9))


def _log_axis(low: float, high: float, most_ticks: int, *, is_cut: bool) -> Axis:
    low, high = _log_floor(low), _log_ceiling(high)
    low = low if high > low else high / 10
    between = [tick for tick in _log_ticks(low, high, most_ticks) if _is_between(tick, low, high, most_ticks)]
    return Axis(low, high, (low, *between, high), is_log=True, has_floor=True, is_cut=is_cut)


def _is_between(tick: float, low: float, high: float, most_ticks: int) -> bool:
    """Return whether a tick is far enough from both limits of a logarithmic axis, which have ticks of their own."""
    room = math.log(high / low) / (2 * most_ticks)
    return math.log(tick / low) > room and math.log(high / tick) > room


def _log_floor(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max((factor * power for factor in LOG_FACTORS if factor * power <= value * (1 + 1e-9)), default=value)


def _log_ceiling(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next((factor * power for factor in LOG_FACTORS if factor * power >= value * (1 - 1e-9)), value)


def _log_ticks(low: float, high: float, most_ticks: int) -> list[float]:
    """Return 1, 2 and 5 times powers of ten where about so many fit, else powers, else every n-th one."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    fine = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
    each = max(1, -(-(last - first) // max(most_ticks - 1, 1)))
    return (
        fine
        if len(_inside(fine, low, high)) <= most_ticks + 1
        else [10.0**power for power in range(first, last + 1, each)]
    )


def format_tick(value: float, step: float = 0.0) -> str:
    """Return a tick's number with enough decimals for ticks `step` apart; `step` is 0 on a log axis."""
    if abs(value) < step * 1e-6 or value == 0:
        return "0"
    if step >= 1e-5 and abs(value) < 1e6:
        exponent = math.floor(math.log10(step) + 1e-9)
        is_quarter = abs(step / 10.0**exponent - 2.5) < 0.01
        return f"{value:.{max(0, is_quarter - exponent)}f}"
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.4g}"
    return f"{value:.3g}".replace("e+0", "e").replace("e-0", "e-")


def format_number(value: float) -> str:
    """Return a measured number in at most 8 characters; numbers of one magnitude have the same width."""
    size = abs(value)
    if not math.isfinite(value):
        return "-" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    if size >= 99_999.5 or size < 1e-4:
        return f"{value:.1e}"
    return f"{value:.{max(0, min(4, 5 - len(str(int(size)))))}f}" if size >= 1 else f"{value:.4f}"
