"""Plots drawn from whatever hypothesis thinks of; run in a process of its own, since plotext can end its process."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.reports.paper import Paper
from tuimove.reports.pictures import Picture, PlotSeries
from tuimove.reports.text_plots import PlotLine, outline_bins, picture_text, plot_lines

NUMBERS = st.one_of(
    st.floats(), st.floats(-1, 1), st.sampled_from([0.0, 1e300, -1e300, 1e-300, 5e-324, float("nan"), float("inf")])
)
LISTS = st.lists(NUMBERS, max_size=30) | st.builds(lambda value, times: [value] * times, NUMBERS, st.integers(0, 900))
COLUMNS, ROWS = (st.one_of(st.integers(-1, most), st.sampled_from([0, 1, 10**6])) for most in (130, 40))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(LISTS, LISTS, st.integers(0, 3)), max_size=4), COLUMNS, ROWS, st.booleans())
def lines_fit(lines: list[tuple[list[float], list[float], int]], width: int, height: int, ascii_only: bool) -> None:
    """Whatever the numbers and sizes are, every row of a plot is as wide as was asked for, up to 400 by 120."""
    rows = plot_lines([PlotLine(*line) for line in lines], width, height, ascii_only=ascii_only)
    assert not rows or len(rows) == min(height, 120)
    assert {sum(len(text) for text, _ in row) for row in rows} <= {min(width, 400)}
    assert not ascii_only or all(text.isascii() for row in rows for text, _ in row)


@settings(max_examples=70, deadline=None, derandomize=True, database=None)  # of three plots each
@given(LISTS, LISTS, COLUMNS, ROWS, NUMBERS, NUMBERS, st.booleans())
def texts_are_returned(
    x: list[float], y: list[float], width: int, height: int, low: float, high: float, color: bool
) -> None:
    """Whole plots come back as text, with escape codes only where colour was asked for."""
    plot_lines([outline_bins(low, high, y, 0)], width, height)
    series = PlotSeries("a", x, y, 0), PlotSeries("", y, x, 3, "points")
    for is_log in (False, True):
        picture = Picture("a picture", "epoch", series, is_log=is_log, is_y_log=is_log)
        assert color or "\x1b" not in picture_text(picture, Paper(width, color), height)


if __name__ == "__main__":
    lines_fit()
    texts_are_returned()
