"""plotext never gets a number that would end the process, and its text comes back in parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tuimove.plots import Line, closing_chart, outline_bins, plot_lines


def test_nothing_that_is_plotted_ends_the_process() -> None:
    """In a process of its own, since that is what would be lost."""
    script = Path(__file__).with_name("hostile_plots.py")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr


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


def test_the_closing_chart_has_a_title_a_unit_and_round_ticks() -> None:
    rows = closing_chart(range(0, 1001, 10), [0.01 * epoch for epoch in range(0, 1001, 10)], 200).splitlines()
    assert len(rows) == 14
    assert max(map(len, rows)) <= 80
    assert rows[0] == "distance of W1 from its start [weight]"
    assert rows[-1].strip() == "epoch"
    assert [float(tick) for tick in rows[-2].split()] == [0, 200, 400, 600, 800, 1000]


def test_a_text_is_coloured_only_where_that_is_asked_for() -> None:
    assert "\x1b" not in closing_chart([0, 1, 2], [0, 1, 3], 80)
    assert "\x1b[36m" in closing_chart([0, 1, 2], [0, 1, 3], 80, color=True)


def test_a_constant_is_drawn_in_the_middle_with_limits_around_it() -> None:
    rows = plot_lines([Line([0, 1, 2], [5, 5, 5], 0)], 40, 11)
    drawn = [place for place, row in enumerate(rows) if any(color == 0 for _, color in row)]
    assert len(drawn) == 1
    assert 3 <= drawn[0] <= 6
