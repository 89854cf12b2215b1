"""Lines as the text of SVG paths: no more points than the picture can show, in tenths of its unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

TOLERANCE = 0.4
"""Units of the picture by which a drawn line may miss a point."""

Place = tuple[float, float]


def thinned(points: Sequence[Place]) -> list[Place]:
    """Return the points that a line needs to pass all of them within the tolerance, up or down.

    A line is drawn on while one direction from its last corner passes all points since then: the swinging door
    (Bristol, 1990), in one pass.
    """
    if len(points) < 3:
        return list(points)
    kept, last = [points[0]], points[0]
    low, high = -float("inf"), float("inf")
    for point in points[1:]:
        slope, margin = _slope(kept[-1], point)
        if not low <= slope <= high or point[0] <= last[0]:
            kept.append(last)
            low, high = -float("inf"), float("inf")
            slope, margin = _slope(last, point)
        low, high, last = max(low, slope - margin), min(high, slope + margin), point
    return [*kept, last]


def _slope(corner: Place, point: Place) -> tuple[float, float]:
    """Return the direction from a corner to a point, and how much the tolerance allows it to differ."""
    along = point[0] - corner[0]
    return ((point[1] - corner[1]) / along, TOLERANCE / along) if along > 0 else (0.0, float("inf"))


def path_text(points: Sequence[Place]) -> str:
    """Return a line through points as a path, each relative to the one before; empty for none."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in points]
    if not tenths:
        return ""
    start = f"M{_number(tenths[0][0])}{_after(tenths[0][1])}"
    return start + ("l" + _joined(_moves(tenths)) if len(tenths) > 1 else "h0")


def _moves(tenths: Sequence[tuple[int, int]]) -> Iterator[int]:
    for (x, y), (next_x, next_y) in pairwise(tenths):
        yield from (next_x - x, next_y - y)


def _joined(numbers: Iterable[int]) -> str:
    return "".join(map(_after, numbers)).lstrip()


def _after(tenths: int) -> str:
    text = _number(tenths)
    return text if text.startswith("-") else f" {text}"


def _number(tenths: int) -> str:
    """Return tenths as a decimal in the fewest characters: `3`, `-.5`, `12.4`."""
    whole, tenth = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole or ''}.{tenth}" if tenth else f"{sign}{whole}"
