"""The distance of a matrix from its start over logarithmic time, on which its growth is judged."""

from __future__ import annotations

import math
from bisect import bisect_right

NAN = math.nan
POINT_GAP = math.log(1.01)
"""Least gap between two points, in log(time)."""


class DistanceCurve:
    """Points of a distance, and the power of the time that it grows by: 1 on a straight line, 0 on a plateau."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._distances: list[float] = []

    def __len__(self) -> int:
        return len(self._times)

    def add(self, time: float, distance: float) -> None:
        """Add a point, later than those before; one without a logarithm, or too near to the last, is left out."""
        if not 0 < time < math.inf or not 0 < distance < math.inf:
            return
        if not self._times or math.log(time) - self._times[-1] >= POINT_GAP:
            self._times.append(math.log(time))
            self._distances.append(math.log(distance))

    def growth(self, time: float, distance: float, span: float) -> float:
        """Return d log distance / d log time between time / span and time; NaN where the curve is shorter."""
        times, distances = self._times, self._distances
        if not 0 < time < math.inf or not 0 < distance < math.inf:
            return NAN
        now, then = math.log(time), math.log(time) - math.log(span)
        if not times or then < times[0]:
            return NAN
        place = bisect_right(times, then)
        first_time, first = times[place - 1], distances[place - 1]
        next_time, following = (times[place], distances[place]) if place < len(times) else (now, math.log(distance))
        share = (then - first_time) / (next_time - first_time) if next_time > first_time else 0.0
        return (math.log(distance) - first - share * (following - first)) / (now - then)
