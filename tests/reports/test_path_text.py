"""Lines as the text of SVG paths: thinned, short, and where they should be."""

from __future__ import annotations

import math
import re
from bisect import bisect_right

from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.reports.page.path_text import TOLERANCE, path_text, thinned

PLACES = st.lists(st.tuples(st.integers(0, 400), st.floats(0, 250)), min_size=1, max_size=60, unique_by=lambda p: p[0])


def drawn_at(corners: list[tuple[float, float]], x: float) -> float:
    """Return where the line through corners is at an x."""
    place = min(max(bisect_right([one for one, _ in corners], x), 1), len(corners) - 1)
    (left, low), (right, high) = corners[place - 1], corners[place]
    return low + (high - low) * (x - left) / (right - left)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(PLACES)
def test_a_thinned_line_misses_no_point_by_more_than_the_tolerance(places: list[tuple[int, float]]) -> None:
    points = [(float(x), y) for x, y in sorted(places)]
    corners = thinned(points)
    assert corners[0] == points[0]
    assert corners[-1] == points[-1]
    if len(points) > 1:
        assert max(abs(drawn_at(corners, x) - y) for x, y in points) <= TOLERANCE + 1e-9


def test_a_smooth_line_of_a_thousand_points_takes_a_few_dozen() -> None:
    points = [(x * 0.36, 200 - 30 * math.log1p(x)) for x in range(1000)]
    assert 10 < len(thinned(points)) < 40


def test_a_jump_is_drawn_where_it_is() -> None:
    points = [(float(x), 0.0 if x < 50 else 100.0) for x in range(100)]
    assert thinned(points) == [(0, 0), (49, 0), (50, 100), (99, 100)]


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(PLACES)
def test_the_text_leads_through_the_points(places: list[tuple[int, float]]) -> None:
    numbers = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", path_text(places).removesuffix("h0"))]
    x, y = 0.0, 0.0
    for place, (right, down) in zip(places, zip(numbers[::2], numbers[1::2], strict=True), strict=True):
        x, y = x + right, y + down
        assert abs(x - place[0]) < 0.051
        assert abs(y - place[1]) < 0.051


def test_no_points_are_no_path() -> None:
    assert path_text([]) == ""
    assert path_text([(1.04, 2.96)]) == "M1 3h0"
    assert path_text([(0, 0), (0.5, -0.5), (10, 0)]) == "M0 0l.5-.5 9.5 .5"
