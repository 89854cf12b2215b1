"""Quantities that the source document reads off its curves, computed from one course or from many.

Each is NaN where the record lacks what it needs.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from tuimove.recording.reading.course import Course
from tuimove.settings.preset import EPOCHS

SETTLED = 0.01
"""Share of its final value within which a distance must stay to be called constant."""
ADJUSTED = 0.25
"""Share of the epochs within which a norm's sharp initial adjustment is over."""
LEAST_LATER = 10
"""Least measurements after a norm's minimum for a linear fit."""
NEIGHBOURS = 11
"""Networks in the window of a running median."""


def late_growth(course: Course) -> float:
    """Return W1's gain of distance in the second half of the epochs, divided by its gain in the first."""
    _, distances = course.points("W1.distance")
    if len(distances) < 3 or not distances[len(distances) // 2]:
        return math.nan
    return distances[-1] / distances[len(distances) // 2] - 1


def norm_minimum(course: Course) -> float:
    """Return the epoch of W1's lowest norm after its initial adjustment; the last epoch where it still falls."""
    epochs, norms = _adjusted_norm(course)
    return epochs[norms.index(min(norms))] if norms else math.nan


def norm_straightness(course: Course) -> float:
    """Return the squared correlation of W1's norm with the epochs, from its minimum on."""
    epochs, norms = _adjusted_norm(course)
    lowest = norms.index(min(norms)) if norms else 0
    if len(norms) - lowest < LEAST_LATER:
        return math.nan
    return _correlation(epochs[lowest:], norms[lowest:]) ** 2


def _adjusted_norm(course: Course) -> tuple[list[float], list[float]]:
    """Return epochs and norms of W1 from the highest norm of the initial adjustment on."""
    epochs, norms = course.points("W1.norm")
    early = norms[: max(1, int(len(norms) * ADJUSTED))]
    if len(norms) < 5:
        return [], []
    highest = early.index(max(early))
    return epochs[highest:], norms[highest:]


def settled(course: Course) -> float:
    """Return the epoch from which W1's distance stays within SETTLED of its final value."""
    epochs, distances = course.points("W1.distance")
    if len(distances) < 3:
        return math.nan
    outside = [place for place, one in enumerate(distances) if abs(one - distances[-1]) > SETTLED * distances[-1]]
    return epochs[outside[-1] + 1] if outside else epochs[0]


def late_change(course: Course, column: str = "W1.distance", after: float = 200) -> float:
    """Return the greatest relative change of a distance after an epoch."""
    points = zip(*course.points(column), strict=True)
    late = [distance for epoch, distance in points if epoch >= after]
    return max(abs(distance / late[0] - 1) for distance in late) if len(late) > 1 and late[0] else math.nan


def movement_peak(course: Course) -> float:
    """Return the centre of the highest bin of W1's movement histogram; entries that never moved aren't in it."""
    last = course.last_measurement()
    histogram = last.matrices["W1"].movement_histogram if last and "W1" in last.matrices else None
    if histogram is None or not any(histogram.counts):
        return math.nan
    width = (histogram.high - histogram.low) / len(histogram.counts)
    return histogram.low + width * (histogram.counts.index(max(histogram.counts)) + 0.5)


READINGS: dict[str, Callable[[Course], float]] = {
    "late_growth": late_growth,
    "norm_minimum": norm_minimum,
    "norm_straightness": norm_straightness,
    "settled": settled,
    "late_change": late_change,
    "late_change_W2": lambda course: late_change(course, "W2.distance"),
    "movement_peak": movement_peak,
}
"""Quantities of one run by name; any other name is a column at the last measurement."""


def distance_trend(courses: Sequence[Course]) -> float:
    """Return Spearman's rank correlation of distance and epochs over networks."""
    epochs, distances = _ends(courses, "W1.distance")
    return _correlation(_ranks(epochs), _ranks(distances))


def median_norm_minimum(courses: Sequence[Course]) -> float:
    """Return the epochs at which the running median of the norm over networks is lowest."""
    epochs, norms = _ends(courses, "W1.norm")
    medians = _running_medians(norms)
    return epochs[medians.index(min(medians)) + NEIGHBOURS // 2]


def norm_volatility(courses: Sequence[Course]) -> float:
    """Return the norm's relative scatter about its trend over networks, divided by that of the distance."""
    scatters = [_scatter(_ends(courses, column)[1]) for column in ("W1.norm", "W1.distance")]
    return scatters[0] / scatters[1] if scatters[1] else math.nan


def _ends(courses: Sequence[Course], column: str) -> tuple[list[float], list[float]]:
    ordered = sorted(courses, key=lambda course: float(course.setting(EPOCHS) or 0))
    return [course.end("epoch") for course in ordered], [course.end(column) for course in ordered]


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return Pearson's correlation, NaN for a constant sequence or numbers too large to square."""
    try:
        return statistics.correlation(one, other)
    except (statistics.StatisticsError, OverflowError):
        return math.nan


def _ranks(numbers: Sequence[float]) -> list[float]:
    """Return the rank of each number, from 1; equal numbers share the mean of their ranks."""
    ordered = sorted(numbers)
    return [(bisect_left(ordered, number) + bisect_right(ordered, number) + 1) / 2 for number in numbers]


def _running_medians(numbers: Sequence[float]) -> list[float]:
    return [statistics.median(numbers[first : first + NEIGHBOURS]) for first in range(len(numbers) - NEIGHBOURS + 1)]


def _scatter(numbers: Sequence[float]) -> float:
    """Return the standard deviation about the running median, divided by the range of the running median."""
    medians, middle = _running_medians(numbers), numbers[NEIGHBOURS // 2 : -(NEIGHBOURS // 2)]
    off = [number - median for number, median in zip(middle, medians, strict=True)]
    reach = max(medians) - min(medians)
    return statistics.pstdev(off) / reach if reach else math.nan


TOGETHER: dict[str, Callable[[Sequence[Course]], float]] = {
    "distance_trend": distance_trend,
    "median_norm_minimum": median_norm_minimum,
    "norm_volatility": norm_volatility,
}
"""Quantities of many runs together, by name."""
