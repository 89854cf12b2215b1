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


@dataclass(frozen=True)
class Axis:
    """Limits and ticks of one axis."""

    low: float
    high: float
    ticks: tuple[float, ...]
    is_log: bool

    def shares(self, values: Floats64) -> Floats64:
        """Return positions of values, 0 at `low` and 1 at `high`; NaN where there is none, such as for log of 0."""
        with np.errstate(all="ignore"):
            if not self.is_log:
                return np.clip((values - self.low) / (self.high - self.low), -10, 10)
            low, high = math.log(self.low), math.log(self.high)
            return (np.log(np.where(values > 0, values, np.nan)) - low) / (high - low)


def plan_axis(values: Floats64, most_ticks: int, *, is_log: bool, is_exact: bool = False) -> Axis:
    """Return an axis for all finite values, with limits rounded outwards to ticks unless `is_exact`."""
    usable = values[np.isfinite(values) & (np.abs(values) < LARGEST)]
    if is_log:
        usable = usable[usable >= SMALLEST]
    low, high = (float(usable.min()), float(usable.max())) if len(usable) else (1.0 if is_log else 0.0, 1.0)
    return _log_axis(low, high, most_ticks, is_exact) if is_log else _linear_axis(low, high, most_ticks, is_exact)


def _linear_axis(low: float, high: float, most_ticks: int, is_exact: bool) -> Axis:
    low, high = (0.0 if abs(limit) < SMALLEST else limit for limit in (low, high))
    if high - low <= abs(high) * 1e-9:  # constant: show it in the middle
        room = abs(high) * 0.05 or 1.0
        low, high = low - room, high + room
    step = _round_step((high - low) / max(most_ticks - 1, 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [number * step for number in range(first, last + 1)]
    if not is_exact:
        low, high = ticks[0], ticks[-1]
    return Axis(low, high, tuple(tick for tick in ticks if low <= tick <= high), is_log=False)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in ROUND_STEPS if step * power >= rough * (1 - 1e-9))


def _log_axis(low: float, high: float, most_ticks: int, is_exact: bool) -> Axis:
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    last = max(last, first + 1)
    if not is_exact:
        low, high = 10.0**first, 10.0**last
    elif high <= low:
        low, high = low / 2, high * 2
    each = max(1, -(-(last - first) // max(most_ticks - 1, 1)))
    ticks = [10.0**power for power in range(first, last + 1, each)]
    if last - first <= most_ticks // 3:
        ticks = sorted(ticks + [factor * 10.0**power for power in range(first, last) for factor in (2, 5)])
    return Axis(low, high, tuple(tick for tick in ticks if low <= tick * (1 + 1e-9) and tick <= high), is_log=True)


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
