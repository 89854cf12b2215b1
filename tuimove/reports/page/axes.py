"""Axes of a chart: from numbers to places, and the numbers that are written beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST = 1e300
"""Greatest absolute value that is drawn; larger ones are left out, since the range of two could overflow."""
LEAST_LOG = 1e-300
MARGIN = 0.04
"""Share of the range that is left free at both ends of a y axis."""
FROM_ZERO = 0.4
"""Share of the greatest number below which the smallest one is near enough to 0 for an axis from 0."""
LOG_RATIO = 50
"""Ratio of the greatest to the least number from which an axis of settings or of ends is logarithmic."""
OUTLIER_RATIO = 1000
"""Ratio of the greatest number to the middle one from which a y axis is logarithmic."""
MULTIPLES = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """An axis in units of its chart."""

    low: float
    """Number at its start; its logarithm on a logarithmic axis."""
    high: float
    start: float
    """Place of `low`."""
    end: float
    """Place of `high`."""
    is_log: bool = False

    def place(self, number: float) -> float:
        """Return where a number is."""
        value = math.log10(number) if self.is_log else number
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def has(self, number: float) -> bool:
        """Return whether a number can be drawn on it."""
        return (number > LEAST_LOG if self.is_log else number > -MOST) and number < MOST

    def reaches(self, number: float) -> bool:
        """Return whether a number lies between its ends."""
        return self.has(number) and self.low <= (math.log10(number) if self.is_log else number) <= self.high

    def ticks(self, count: int, *, whole: bool = False) -> list[float]:
        """Return about `count` round numbers between its ends."""
        if self.is_log:
            return _powers(self.low, self.high, count)
        step = _round_step((self.high - self.low) / count)
        step = max(1.0, step) if whole else step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        numbers = [place * step for place in range(first, last + 1)] if last - first < 100 else []
        margin = (self.high - self.low) * 1e-9
        return [number for number in numbers if self.low - margin <= number <= self.high + margin]


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough)) if rough > LEAST_LOG else LEAST_LOG
    return next(power * multiple for multiple in MULTIPLES if power * multiple >= rough * 0.999)


def _powers(low: float, high: float, count: int) -> list[float]:
    """Return powers of ten, with their multiples of 2 and 5 where there are few; every n-th where there are many."""
    first, last = math.floor(low), math.ceil(high)
    step = max(1, math.ceil((high - low) / count))
    factors = (1, 2, 5) if high - low < 2 else (1,)
    numbers = [factor * 10.0**power for power in range(first, min(last, 300) + 1) if power % step == 0
               for factor in factors]  # fmt: skip
    return [number for number in numbers if low - 1e-9 <= math.log10(number) <= high + 1e-9]


def x_axis(numbers: Iterable[float], start: float, end: float, *, is_log: bool) -> Axis:
    """Return an axis from the least to the greatest number, with a margin for logarithmic points only."""
    low, high = _range(numbers, is_log=is_log)
    margin = (high - low) * MARGIN if is_log else 0.0
    return Axis(low - margin, high + margin, start, end, is_log)


def y_axis(numbers: Iterable[float], start: float, end: float, *, is_log: bool) -> Axis:
    """Return an axis with a margin, which starts at 0 where the numbers come near it."""
    low, high = _range(numbers, is_log=is_log)
    margin = (high - low) * MARGIN
    from_zero = not is_log and 0 <= low < FROM_ZERO * high
    return Axis(0.0 if from_zero else low - margin, high + margin, start, end, is_log)


def _range(numbers: Iterable[float], *, is_log: bool) -> tuple[float, float]:
    least = LEAST_LOG if is_log else -MOST
    known = [math.log10(number) if is_log else number for number in numbers if least < number < MOST]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if high - low > max(1e-9 * max(abs(low), abs(high)), LEAST_LOG):
        return low, high
    half = abs(high) / 2 if abs(high) > LEAST_LOG and not is_log else 0.5
    return low - half, high + half


def spans_decades(numbers: Sequence[float]) -> bool:
    """Return whether settings or ends are so far apart that a logarithmic axis shows them better."""
    return bool(numbers) and min(numbers) > 0 and max(numbers) > LOG_RATIO * min(numbers)


def has_outliers(numbers: Iterable[float]) -> bool:
    """Return whether numbers of which none is negative are so far apart that a linear axis would hide most."""
    known = sorted(number for number in numbers if number != 0)
    return bool(known) and known[0] > 0 and known[-1] > OUTLIER_RATIO * known[len(known) // 2]


def shown(number: float, digits: int = 6) -> str:
    """Return a number in few characters: 0.01, 20, 2e6."""
    text = f"{number:.{digits}g}"
    mantissa, e, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if e else text
