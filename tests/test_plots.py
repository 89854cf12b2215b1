"""plotext never gets a number that would end the process, and its text comes back in parts."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from tuimove.plots import Line, closing_chart, outline_bins, plot_lines

FUZZ = """
    from hypothesis import given, settings, strategies as st
    from tuimove.plots import Line, closing_chart, outline_bins, plot_lines

    numbers = st.floats(width=64) | st.sampled_from([1e300, -1e300, float("nan"), float("inf"), 5e-324, 0.0])
    lists = st.lists(numbers, max_size=30) | st.lists(numbers, min_size=1, max_size=3).map(lambda some: some * 400)

    @settings(max_examples=400, deadline=None, database=None)
    @given(st.lists(st.tuples(lists, lists, st.integers(0, 3)), max_size=3), st.integers(-2, 200), st.integers(-2, 80))
    def draws_anything(lines, width, height):
        rows = plot_lines([Line(*line) for line in lines], width, height)
        assert len(rows) <= max(height, 0)
        plot_lines([outline_bins(-1.0, 1.0, x, color) for x, _, color in lines], width, height, ascii_only=True)
        for x, y, _ in lines:
            closing_chart(x, y, width)

    draws_anything()
    print("still here")
"""


def test_nothing_that_is_plotted_ends_the_process() -> None:
    """In a process of its own, since that is what would be lost."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FUZZ)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stdout == "still here\n", ran.stderr


def test_the_parts_of_a_plot_say_which_line_they_belong_to() -> None:
    rows = plot_lines([Line([0, 1], [0, 1], 0), Line([0, 1], [1, 0], 2)], 40, 10)
    assert len(rows) == 10
    assert {"".join(text for text, _ in row).isspace() for row in rows} == {False}
    assert {color for row in rows for _, color in row} == {None, 0, 2}
    assert not any("\x1b" in text for row in rows for text, _ in row)


def test_bars_are_outlined_over_their_edges() -> None:
    line = outline_bins(-1.0, 1.0, [3, 5], 1)
    assert list(line.x) == [-1.0, 0.0, 0.0, 1.0]
    assert list(line.y) == [3, 3, 5, 5]


def test_without_unicode_a_plot_is_ascii() -> None:
    rows = plot_lines([Line([0, 1], [0, 1], 0)], 40, 10, ascii_only=True)
    assert "".join(text for row in rows for text, _ in row).isascii()


def test_a_run_of_one_measurement_has_no_closing_chart() -> None:
    assert closing_chart([0], [0], 80) == ""
    assert len(closing_chart([0, 1, 2], [0, 1, 3], 80).splitlines()) == 12
